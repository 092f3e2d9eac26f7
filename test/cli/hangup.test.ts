import { afterEach, beforeEach, expect, it } from 'vitest'
import { delivery } from '../http/fake-control.ts'
import { fakeServer, terminal } from './terminal-io.ts'

let server: Awaited<ReturnType<typeof fakeServer>>
let ids: string[]
beforeEach(async () => {
  server = await fakeServer()
  ids = ['+441', '+442', '+1'].map((to) => server.control.add({ from: '+1555', to }))
})
afterEach(() => server.stop())

const live = () => [...server.control.live()].map(({ id }) => id)

async function hangup(...args: string[]) {
  const made = terminal()
  const code = await made.onhook('hangup', '--url', server.url, ...args)
  return { code, out: made.out(), err: made.err() }
}

it('prints a result per call, and what went on the wire', async () => {
  const { code, out } = await hangup(ids[0]!, '--cause', 'blocked', '--detail', 'abuse')
  expect([code, live()]).toEqual([0, ids.slice(1)])
  expect(out).toMatchInlineSnapshot(`
    "CALL         RESULT  ENDING                               SENT
    0190-000001  ended   blocked by api while offered: abuse  BYE (Q.850;cause=16)
    "
  `)
})

it('one that is unknown is a failure, and the others end all the same', async () => {
  const { code, out } = await hangup('none', ids[1]!)
  expect([code, live()]).toEqual([1, [ids[0], ids[2]]])
  expect(out).toMatch(/none +unknown/)
})

it('a second end says how it had ended', async () => {
  await hangup(ids[0]!, '--cause', 'blocked')
  const { code, out } = await hangup(ids[0]!, '--cause', 'busy')
  expect(code).toBe(0)
  expect(out).toContain('blocked by api')
})

it('--dry-run says what would end, and ends nothing', async () => {
  const { code, out } = await hangup('--to', '+44*', '--dry-run')
  expect([code, live()]).toEqual([0, ids])
  expect(out).toMatch(/would-end +\+1555 → \+441\n.*would-end +\+1555 → \+442\n$/)
})

it('by filter', async () => {
  await hangup('--to', '+44*')
  expect(live()).toEqual([ids[2]])
  server.control.clock.advance(10_000)
  const young = server.control.add()
  await hangup('--older-than', '5')
  expect(live()).toEqual([young])
})

it('--all, only when that is said', async () => {
  const { code, err } = await hangup('--all', '--cause', 'shutdown')
  expect([code, live()]).toEqual([0, []])
  expect(err).toBe('3 calls ended\n')
  expect(server.control.records.map(({ ending }) => ending.cause)).toEqual(['shutdown', 'shutdown', 'shutdown'])
  expect((await hangup('--all')).out).toBe('no live call fits\n')
})

it('--leg ends one leg of a call', async () => {
  const { control } = server
  const at = control.clock.now()
  control.answerLeg(ids[0]!)
  control.step(ids[0]!, {
    type: 'dial',
    at,
    leg: { id: 'b', direction: 'out', network: 'sip', from: '1', to: '2' },
    bridge: { to: `${ids[0]}-a`, rule: 'caller-survives' },
  })
  const { code } = await hangup(ids[0]!, '--leg', 'b')
  expect(code).toBe(0)
  expect(control.find(ids[0]!)?.legs.map(({ state }) => state.name)).toEqual(['answered', 'ended'])
})

it('--json prints the results', async () => {
  const { code, out } = await hangup(ids[0]!, 'none', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject([
    { call: ids[0], result: 'ended', ending: { cause: 'hangup', actor: 'api' }, sent: [{ message: 'BYE' }] },
    { call: 'none', result: 'unknown' },
  ])
})

it('replay makes each delivery due again, and tells of those that are not there', async () => {
  server.control.deliveries.push(delivery('d1', 'failed'), delivery('d2', 'failed'))
  const { onhook, out, err } = terminal()
  expect(await onhook('replay', 'd1', 'none', 'd2', '--url', server.url)).toBe(1)
  expect(out()).toBe(
    'd1: hangup is due again at https://app.example/hangup\nd2: hangup is due again at https://app.example/hangup\n',
  )
  expect(err()).toBe('none: there is no such delivery\n')
  expect(server.control.deliveries.map(({ state }) => state)).toEqual(['pending', 'pending'])
  const json = terminal()
  expect(await json.onhook('replay', 'd1', '--json', '--url', server.url)).toBe(0)
  expect(JSON.parse(json.out())).toMatchObject([{ id: 'd1', state: 'pending' }])
})
