/** Habits of real clients, played by hand: D of the Dart SDK, T of the JavaScript one. More of them, at a real homeserver: test/peers/matrix. */
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../temporary-folder.ts'
import type { Fault } from './fake-homeserver.ts'
import { House } from './house.ts'
import { alice, ends, from, ghost, ignores, invite, inviting, run, sends, view, wireEvent } from './values.ts'

let house: House
afterEach(() => house?.close())

const to = { invitee: ghost }
const tablet = { ...alice, party: 'tablet' }
const soon = { timeout: 10_000 }
const causes = async () => (await house.records()).map(({ ending: { cause, actor } }) => `${cause} by ${actor}`)

/** Our call rings at Alice's; gives what her devices write into their events. */
async function calling(): Promise<(type: string, party: string, own?: Record<string, unknown>) => unknown> {
  await house.acquainted()
  await house.call()
  await house.homeserver.until(() => house.homeserver.calls.includes('candidates'))
  const { room, content } = house.homeserver.said[0]!
  return (type, party, own = {}) =>
    wireEvent(`m.call.${type}`, { call_id: content.call_id, party_id: party, ...own }, { room_id: room })
}

describe('a person with two devices that do not hear each other (D4)', () => {
  test('one rejects: the other is told by our select_answer, and its answer comes too late', async () => {
    house = await House.open()
    const says = await calling()
    await house.deliver([says('reject', 'phone')])
    await house.homeserver.until(() => house.homeserver.calls.includes('select_answer'))
    await house.deliver([says('answer', 'tablet', { answer: { type: 'answer', sdp: 'v=0' } })])
    await house.deliver([says('reject', 'tablet'), says('hangup', 'tablet', { reason: 'userHangup' })])
    await expect.poll(causes, soon).toEqual(['declined by callee'])
    expect(house.homeserver.calls).toEqual(['invite', 'candidates', 'select_answer'])
    expect(house.homeserver.said.at(-1)?.content.selected_party_id).toBe('phone')
    expect(house.ignored.filter((why) => why === 'already-ended')).toHaveLength(3)
  })

  test('both answer and both reject in one transaction: the first word counts', async () => {
    house = await House.open()
    const says = await calling()
    const answer = { answer: { type: 'answer', sdp: 'v=0' } }
    await house.deliver([
      says('answer', 'tablet', answer),
      says('reject', 'phone'),
      says('answer', 'phone', answer),
      says('reject', 'tablet'),
    ])
    await house.homeserver.until(() => house.homeserver.calls.includes('select_answer'))
    expect(house.homeserver.said.at(-1)?.content.selected_party_id).toBe('tablet')
    expect(house.switchboard.size).toBe(1)
    await house.deliver([says('hangup', 'tablet', { reason: 'userHangup' })])
    await expect.poll(causes, soon).toEqual(['hangup by callee'])
    expect(house.homeserver.calls).toEqual(['invite', 'candidates', 'select_answer'])
  })
})

test('devices that let a call ring for their own minute say so each (D7, D10): the call rings on, and its end is ours, once', () => {
  const gaveUp = (party: typeof alice) => from(party, 'm.call.hangup', { reason: 'userHangup' }, 60_000)
  const first = run(inviting, gaveUp(alice), gaveUp(tablet))
  expect(ignores(first.orders)).toEqual(['device-out', 'device-out'])
  expect(sends(first.orders)).toEqual([])
  const second = run(
    first.session,
    { type: 'fired', timer: 'lifetime', now: 90_000 },
    { type: 'tell', view: view('no-answer') },
  )
  expect(ends(second.orders)).toEqual(['no-answer by timer'])
  expect(sends(second.orders)).toMatchObject([['m.call.hangup', { reason: 'invite_timeout' }]])
})

test('a busy device says nothing at all (D5): the lifetime ends the call, and a late word changes nothing', () => {
  const { session, orders } = run(
    inviting,
    { type: 'fired', timer: 'lifetime', now: 90_000 },
    { type: 'tell', view: view('no-answer') },
    from(alice, 'm.call.reject', { reason: 'user_busy' }, 91_000),
  )
  expect(session.stage.name).toBe('ended')
  expect(ends(orders)).toEqual(['no-answer by timer'])
  expect(sends(orders)).toMatchObject([['m.call.hangup', { reason: 'invite_timeout' }]])
})

describe('a client that knows no hangup before its invite (D6) would ring: ours is never said before', () => {
  const faults: readonly [string, Fault][] = [
    ['429', { status: 429, headers: { 'retry-after': '1' }, body: { errcode: 'M_LIMIT_EXCEEDED' } }],
    ['502', { status: 502 }],
    ['done, and no answer', 'done-unanswered'],
  ]
  test.each(faults)('when the invite meets %s', async (_name, fault) => {
    house = await House.open()
    await house.acquainted()
    house.homeserver.fail(/send\/m\.call\.invite/, fault, 2)
    const { call } = await house.call()
    await house.homeserver.until(() => house.homeserver.requests.some((each) => each.includes('m.call.invite')))
    await house.switchboard.end(call, { cause: 'cancelled', actor: 'caller' })
    await expect.poll(() => house.network.backlog().letters, soon).toBe(0)
    const { calls } = house.homeserver
    // Where the invite may have come through, its hangup is said all the same; a homeserver that never had it knows no such call.
    expect(calls.indexOf('invite')).toBeLessThanOrEqual(Math.max(0, calls.indexOf('hangup user_hangup')))
    expect(calls.filter((each) => each !== 'invite').length).toBeLessThanOrEqual(1)
    expect(await causes()).toEqual(['cancelled by caller'])
  })
})

test('a caller who does not acknowledge our reject (D9, T8) is waited for by nobody', async () => {
  house = await House.open()
  await house.deliver([invite(to)])
  const [live] = [...house.switchboard.live()]
  await house.switchboard.end(live!.id, { cause: 'busy', actor: 'callee' })
  await house.homeserver.until(() => house.homeserver.calls.includes('reject user_busy'))
  await expect.poll(causes, soon).toEqual(['busy by callee'])
  await expect.poll(() => [house.switchboard.size, house.network.backlog().letters], soon).toEqual([0, 0])
  // It hangs up instead, as clients do that have not heard of rejects.
  await house.deliver([wireEvent('m.call.hangup')])
  expect(house.homeserver.calls).toEqual(['reject user_busy'])
  expect(await causes()).toEqual(['busy by callee'])
})

test.each([
  ['0', { unsigned: { age: 0 } }],
  ['missing, and the time of sending too', { unsigned: {}, origin_server_ts: undefined }],
  ['negative', { unsigned: { age: -5_000 } }],
])('an age that is %s arms the ring timer all the same (T11); at its end nothing is said', async (_name, more) => {
  house = await House.open()
  await house.deliver([invite({ ...to, lifetime: 3_200 }, more)])
  expect(house.switchboard.size).toBe(1)
  await expect.poll(causes, soon).toEqual(['no-answer by timer'])
  expect(house.homeserver.said).toEqual([])
})

test('a hangup before its invite is remembered over a restart (T9)', async () => {
  const path = join(temporaryFolder(), 'onhook.db')
  house = await House.open({ path })
  await house.deliver([wireEvent('m.call.hangup')])
  await house.die()
  const { homeserver } = house
  house = await House.open({ path, homeserver })
  await house.deliver([invite(to)])
  expect(house.offers).toEqual([])
  expect(house.ignored).toContain('tombstoned')
})

test('a call that is hung up here twice at once is hung up once (T15)', async () => {
  house = await House.open()
  const says = await calling()
  await house.deliver([says('answer', 'phone', { answer: { type: 'answer', sdp: 'v=0' } })])
  await house.homeserver.until(() => house.homeserver.calls.includes('select_answer'))
  const [live] = [...house.switchboard.live()]
  const end = { cause: 'hangup', actor: 'api' } as const
  await Promise.all([1, 2, 3].map(() => house.switchboard.end(live!.id, end)))
  // Theirs, at the same moment, and the echo of ours (D2).
  await house.deliver([says('hangup', 'phone', { reason: 'userHangup' }), says('hangup', 'phone')])
  await expect.poll(causes, soon).toEqual(['hangup by api'])
  await expect.poll(() => house.network.backlog().letters, soon).toBe(0)
  expect(house.homeserver.calls.filter((each) => each.startsWith('hangup'))).toEqual(['hangup user_hangup'])
})

test('answer and end of a call of ours in one transaction, in any order of devices: one record, and no open leg (D3)', async () => {
  house = await House.open()
  const says = await calling()
  await house.deliver([
    says('candidates', 'phone', { candidates: [{ candidate: 'a', sdpMid: '0' }] }),
    says('answer', 'phone', { answer: { type: 'answer', sdp: 'v=0' } }),
    says('negotiate', 'phone', { description: { type: 'offer', sdp: 'v=0' }, lifetime: 9_000 }),
    says('hangup', 'phone', { reason: 'userHangup' }),
  ])
  await expect.poll(causes, soon).toEqual(['hangup by callee'])
  await expect.poll(() => house.network.backlog().letters, soon).toBe(0)
  // The choice is said, for the other devices; nothing else is.
  expect(house.homeserver.calls).toEqual(['invite', 'candidates', 'select_answer'])
  await expect.poll(() => house.peers.map(({ closedBy }) => closedBy), soon).toEqual(['us'])
})
