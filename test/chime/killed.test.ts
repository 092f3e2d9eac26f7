/** P3, P4: `kill -9` in the middle of a bridged call. The server that comes back ends it, once, and tells the handler of each leg. */
import { expect, it, onTestFinished } from 'vitest'
import { createPhone } from '../../src/testing/index.ts'
import { restartable } from '../restartable.ts'
import { action, answer, type Handler, openHandler } from './handler.ts'
import { desk, until } from './stage.ts'

const bridging: Handler = (event) =>
  event.InvocationEventType === 'NEW_INBOUND_CALL'
    ? answer(
        action('CallAndBridge', {
          CallTimeoutSeconds: 20,
          CallerIdNumber: event.CallDetails.Participants[0].From,
          Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }],
        }),
      )
    : answer()

it('both phones hear BYE, the handler one HANGUP of each leg, and there is one record', async () => {
  const endpoint = await openHandler(bridging)
  const server = await restartable({
    sip: { media: { ports: [30_000, 32_766] }, users: [{ name: desk.slice(1), password: 'password-of-the-desk' }] },
    functions: { app: { url: endpoint.url } },
    chime: { applications: [{ name: 'app', function: 'app' }] },
    routes: [{ to: '*', from: 'loopback', chime: 'app' }],
    limits: { drainSeconds: 0 },
  })

  const open = async (user: string, password?: string) => {
    const phone = await createPhone({ server: server.sip, user, ...(password !== undefined && { password }) })
    onTestFinished(() => phone.close())
    return phone
  }
  const caller = await open('+15550123')
  const callee = await open(desk.slice(1), 'password-of-the-desk')
  await callee.register()
  const first = await caller.call('+15550100')
  const second = await callee.incoming()
  await second.answer()
  await first.answered()
  await until(() => endpoint.types().includes('ACTION_SUCCESSFUL'))

  await server.kill()
  expect(endpoint.hangups()).toEqual([])
  await server.start()
  for (const call of [first, second]) expect(await call.ended(20_000)).toMatchObject({ by: 'them', how: 'BYE' })
  await until(() => endpoint.hangups().length >= 2, 20_000)
  const { items } = (await (await fetch(`${server.http}/api/records`)).json()) as {
    items: { ending: object; legs: object[] }[]
  }
  expect(items).toHaveLength(1)
  expect(items[0]!.ending).toMatchObject({ cause: 'restarted', actor: 'platform' })
  expect(items[0]!.legs).toHaveLength(2)

  // A second life tells nothing again.
  await server.kill()
  await server.start()
  const told = endpoint
    .hangups()
    .map(({ CallDetails, ActionData }) => [CallDetails.TransactionId, ActionData.Parameters.CallId])
  expect(new Set(told.map(([transaction]) => transaction)).size).toBe(1)
  expect(new Set(told.map(([, leg]) => leg)).size).toBe(2)
  expect(told).toHaveLength(2)
}, 90_000)
