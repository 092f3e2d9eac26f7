import { afterEach, describe, expect, test } from 'vitest'
import { House } from './house.ts'
import { wireEvent } from './values.ts'

let house: House
afterEach(() => house?.close())

const end = { cause: 'hangup', actor: 'api' } as const
const send = /\/send\/m\.call\./
const hangup = /\/send\/m\.call\.hangup\//
const told = async (outcome: string) =>
  expect
    .poll(async () => (await house.records())[0]?.annex, { timeout: 10_000 })
    .toMatchObject([{ type: 'told', outcome }])

async function ringing(): Promise<string> {
  await house.acquainted()
  const { call } = await house.call()
  await house.homeserver.until(() => house.homeserver.calls.includes('candidates'))
  await expect.poll(() => house.network.backlog().letters).toBe(0)
  return call
}

test('P8: an end does not wait for it: 429 is obeyed, and the hangup is the next that is said', async () => {
  house = await House.open()
  house.homeserver.fail(/send\/m\.call\.candidates/, {
    status: 429,
    headers: { 'retry-after': '1' },
    body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 60_000 },
  })
  await house.acquainted()
  const { call } = await house.call()
  await house.homeserver.until(() => house.homeserver.requests.some((each) => each.includes('candidates')))
  const began = performance.now()
  await house.switchboard.end(call, end)
  expect(house.switchboard.find(call)?.state.name ?? 'ended').toBe('ended')
  expect(performance.now() - began).toBeLessThan(500)
  await house.homeserver.until(() => house.homeserver.calls.includes('hangup user_hangup'))
  // The header counts, not the body; the candidates of the ended call are not said any more.
  expect(house.homeserver.calls).toEqual(['invite', 'hangup user_hangup'])
  await told('delivered')
})

test.each([
  ['500', { status: 500, body: { errcode: 'M_UNKNOWN' } }],
  ['502 of a proxy', { status: 502, body: 'no' }],
  ['404 of a proxy, which says nothing of Matrix', { status: 404, body: {} }],
  ['a death after it was done', 'done-unanswered'],
] as const)('what it fails at (%s) is said again, under the same name', async (_name, fault) => {
  house = await House.open()
  const call = await ringing()
  house.homeserver.fail(hangup, fault, 2)
  await house.switchboard.end(call, end)
  await told('delivered')
  const tries = house.homeserver.requests.filter((each) => hangup.test(each))
  expect(tries).toHaveLength(3)
  expect(new Set(tries).size).toBe(1)
  expect(house.homeserver.calls.filter((each) => each.startsWith('hangup'))).toEqual(['hangup user_hangup'])
})

test('what it will not have is not said again, and counted', async () => {
  house = await House.open()
  const call = await ringing()
  house.homeserver.fail(hangup, { status: 403, body: { errcode: 'M_FORBIDDEN' } }, 9)
  await house.switchboard.end(call, end)
  await told('unconfirmed')
  expect(house.settled).toContain('ending refused')
  expect(house.warnings).toEqual(['matrix.refused'])
})

test('away when a call is given up: the invite never left, so nothing is said when it is back', async () => {
  house = await House.open()
  await house.acquainted()
  await house.homeserver.stop()
  const { call } = await house.call()
  await expect.poll(() => house.network.backlog().letters).toBeGreaterThan(0)
  await house.switchboard.end(call, end)
  await told('local-only')
  await house.homeserver.start()
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(house.homeserver.calls).toEqual([])
})

test('away when a call ends: it is told when it is back', async () => {
  house = await House.open()
  const call = await ringing()
  await house.homeserver.stop()
  await house.switchboard.end(call, end)
  expect(house.network.backlog().letters).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(house.network.reachable).toBe(false)
  await house.homeserver.start()
  await told('delivered')
  expect(house.homeserver.calls.at(-1)).toBe('hangup user_hangup')
  expect(house.network.reachable).toBe(true)
})

test('given up while the invite is on its way: the hangup follows, and never overtakes', async () => {
  house = await House.open()
  await house.acquainted()
  house.homeserver.fail(/send\/m\.call\.invite/, 'done-unanswered')
  const { call } = await house.call()
  await house.homeserver.until(() => house.homeserver.calls.includes('invite'))
  await house.switchboard.end(call, end)
  await told('delivered')
  expect(house.homeserver.calls).toEqual(['invite', 'hangup user_hangup'])
})

test('an invite that it refuses ends the call: nobody was rung', async () => {
  house = await House.open()
  await house.acquainted()
  house.homeserver.fail(send, { status: 403, body: { errcode: 'M_FORBIDDEN' } }, 9)
  await house.call()
  await expect.poll(async () => (await house.records())[0]?.ending).toMatchObject({ cause: 'network-failed' })
  expect(house.homeserver.said).toEqual([])
})

describe('TURN: a call waits for nothing, and neither does its end', () => {
  const ringsAndEnds = async () => {
    const call = await ringing()
    await house.switchboard.end(call, end)
    await told('delivered')
    expect(house.homeserver.calls.at(-1)).toBe('hangup user_hangup')
  }
  test.each([
    ['has none', { status: 200, body: {} }],
    ['refuses', { status: 403, body: { errcode: 'M_FORBIDDEN' } }],
    ['limits', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' } }],
    ['says nonsense', { status: 200, body: { uris: 'turn', ttl: -1 } }],
    ['says a time of nothing', { status: 200, body: { uris: ['turn:x'], username: 'u', password: 'p', ttl: 0 } }],
  ])('that it %s', async (_name, turn) => {
    house = await House.open()
    house.homeserver.turn = turn
    await ringsAndEnds()
  })
  test('nor for one that does not answer', async () => {
    house = await House.open()
    house.homeserver.fail(/turnServer/, 'hang', 9)
    await ringsAndEnds()
  })
})

describe('the hangup that it holds for us (MSC4140)', () => {
  test('is set for a live call, and taken back at its end', async () => {
    house = await House.open()
    house.homeserver.features['org.matrix.msc4140'] = true
    const call = await ringing()
    const held = () => house.homeserver.requests.filter((each) => hangup.test(each))
    await house.homeserver.until(() => held().length === 1)
    await house.switchboard.end(call, end)
    await house.homeserver.until(() =>
      house.homeserver.requests.some((each) => each.includes('/delayed_events/delay-')),
    )
    await told('delivered')
    expect(house.homeserver.calls.filter((each) => each.startsWith('hangup'))).toEqual(['hangup user_hangup'])
  })
  test('is not asked of one that does not say that it can: it would say it at once', async () => {
    house = await House.open()
    await ringing()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(house.homeserver.calls).toEqual(['invite', 'candidates'])
  })
})

test('rooms and ghosts: a person is called in one room, opened once and remembered', async () => {
  house = await House.open()
  const { call } = await house.call('@bob:hs', '200')
  await house.homeserver.until(() => house.homeserver.requests.includes('POST /_matrix/client/v3/createRoom'))
  // Nobody can be called who is not there.
  expect(house.homeserver.calls).toEqual([])
  const join = wireEvent(
    'm.room.member',
    {},
    { room_id: '!made1:hs', state_key: '@bob:hs', sender: '@bob:hs', content: { membership: 'join' } },
  )
  await house.deliver([join])
  await house.homeserver.until(() => house.homeserver.calls.includes('invite'))
  await house.switchboard.end(call, end)
  await house.call('@bob:hs', '200')
  await house.homeserver.until(() => house.homeserver.calls.filter((each) => each === 'invite').length === 2)
  expect(house.homeserver.requests.filter((each) => each.endsWith('/createRoom'))).toHaveLength(1)
  expect(house.homeserver.said.every(({ as, room }) => as === '@tel_200:hs' && room === '!made1:hs')).toBe(true)
})

test('a ghost comes into the rooms of those who may call, and leaves those of others', async () => {
  house = await House.open()
  const asked = (sender: string, room: string) =>
    wireEvent(
      'm.room.member',
      {},
      { room_id: room, state_key: '@tel_100:hs', sender, content: { membership: 'invite' } },
    )
  await house.deliver([asked('@alice:hs', '!a:hs'), asked('@eve:elsewhere', '!e:hs')])
  await house.homeserver.until(() => house.homeserver.requests.includes('POST /_matrix/client/v3/rooms/!e:hs/leave'))
  expect(house.homeserver.requests).toContain('POST /_matrix/client/v3/join/!a:hs')
  expect(house.homeserver.requests).not.toContain('POST /_matrix/client/v3/join/!e:hs')
})

test('an encrypted room is told once that calls do not work there', async () => {
  house = await House.open()
  await house.acquainted()
  const encrypted = () => ({ ...wireEvent('m.room.encrypted'), content: { algorithm: 'm.megolm.v1.aes-sha2' } })
  await house.deliver([encrypted(), encrypted()])
  await house.deliver([encrypted()])
  await house.homeserver.until(() => house.homeserver.said.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(house.homeserver.said).toMatchObject([{ type: 'm.room.message', content: { msgtype: 'm.notice' } }])
})
