/** P3: `kill -9` while many bridged calls hang up: after the restart each leg that the function was told of has had its HANGUP, and each call one record. */
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { createPhone, type PhoneCall } from '../../src/testing/index.ts'
import { restartable } from '../restartable.ts'
import { action, answer, type Event, hangup, openHandler } from './handler.ts'
import { desk, until } from './stage.ts'

const calls = 30

it('every leg that was told of, at least once; no other; nobody lives on', async () => {
  const endpoint = await openHandler(async (event: Event) => {
    const { InvocationEventType: type, CallDetails } = event
    const participants = CallDetails.Participants as Event[]
    // Some are being told of just when the process dies.
    if (type === 'HANGUP') await new Promise((resolve) => setTimeout(resolve, Math.random() * 100))
    if (type === 'NEW_INBOUND_CALL')
      return answer(
        action('CallAndBridge', {
          CallTimeoutSeconds: 20,
          CallerIdNumber: participants[0].From,
          Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }],
        }),
      )
    const alive = participants.filter(({ Status }) => Status === 'Connected')
    return answer(...(type === 'HANGUP' ? alive.map(({ CallId }) => hangup(CallId)) : []))
  })
  const server = await restartable({
    sip: { media: { ports: [30_000, 32_766] }, users: [{ name: desk.slice(1), password: 'password-of-the-desk' }] },
    functions: { app: { url: endpoint.url, concurrency: 200 } },
    chime: { applications: [{ name: 'app', function: 'app' }] },
    routes: [{ to: '*', from: 'loopback', chime: 'app' }],
    limits: { drainSeconds: 0, callsPerSecond: 1000 },
  })
  const callee = await createPhone({
    server: server.sip,
    user: desk.slice(1),
    password: 'password-of-the-desk',
    sound: 'none',
    onCall: (call) => void call.answer().catch(() => {}),
  })
  onTestFinished(() => callee.close())
  await callee.register()
  const caller = await createPhone({ server: server.sip, user: '+15550123', sound: 'none' })
  onTestFinished(() => caller.close())
  const placed: PhoneCall[] = []
  for (let n = 0; n < calls; n++) placed.push(await caller.call('+15550100'))
  await until(() => placed.every(({ state }) => state.name === 'answered'), 30_000)

  const moments = fc.sample(fc.noBias(fc.nat(600)), calls)
  for (const [n, after] of moments.entries()) setTimeout(() => placed[n]!.hangup(), after)
  await until(() => endpoint.hangups().length >= calls / 3, 20_000)
  await server.kill()
  const before = endpoint.hangups().length
  await server.start()

  const known = () =>
    new Set(endpoint.events.flatMap(({ CallDetails }) => CallDetails.Participants.map(({ CallId }: Event) => CallId)))
  const told = () => new Set(endpoint.hangups().map(({ ActionData }) => ActionData.Parameters.CallId))
  await until(() => told().size === known().size, 40_000)
  expect(known().size).toBeGreaterThan(calls)
  expect(endpoint.hangups().length).toBeGreaterThan(before)
  for (const { ActionData, CallDetails } of endpoint.hangups()) {
    const { CallId } = ActionData.Parameters
    const one = CallDetails.Participants.find((participant: Event) => participant.CallId === CallId)
    expect(one).toMatchObject({ Status: 'Disconnected' })
  }
  const items = async (path: string) =>
    ((await (await fetch(`${server.http}/api/${path}`)).json()) as { items: { id: string; state: string }[] }).items
  expect(new Set((await items('records?limit=100')).map(({ id }) => id)).size).toBe(calls)
  await until(async () => (await items('deliveries?limit=100')).every(({ state }) => state === 'delivered'), 20_000)
  expect(await items('calls')).toEqual([])
  await until(() => [...caller.calls, ...callee.calls].length === 0, 40_000)

  // What has been told is told no more by a third life.
  const { length } = endpoint.events
  await server.kill()
  await server.start()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(endpoint.events).toHaveLength(length)
}, 150_000)
