import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { longestLifetime, Tombstones } from '../../../src/networks/matrix/tombstones.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { House } from './house.ts'
import { alice, callId, ghost, invite, room, wireEvent } from './values.ts'

let house: House | undefined
afterEach(async () => {
  await house?.close()
  house = undefined
})

const said = (open: House) => open.homeserver.said.map(({ type }) => type.replace('m.call.', ''))
const answer = (call: unknown, party: string) =>
  wireEvent('m.call.answer', { call_id: call, party_id: party, answer: { type: 'answer', sdp: 'v=0' } })

test('an answer that comes after our hangup is not taken, nor selected: the hangup is there before it', async () => {
  house = await House.open()
  await house.acquainted()
  const { call } = await house.call()
  await house.homeserver.until(() => house?.homeserver.calls.includes('invite') === true)
  const id = house.homeserver.said[0]?.content.call_id
  await house.switchboard.end(call, { cause: 'no-answer', actor: 'timer' })
  await house.homeserver.until(() => house?.homeserver.calls.includes('hangup invite_timeout') === true)
  await house.deliver([answer(id, 'phone'), wireEvent('m.call.hangup', { call_id: id })])
  expect(house.ignored.slice(-2)).toEqual(['already-ended', 'already-ended'])
  expect(said(house).filter((type) => type !== 'candidates')).toEqual(['invite', 'hangup'])
  expect(await house.records()).toHaveLength(1)
})

describe('select_answer', () => {
  const answered = async (open: House) => {
    await open.acquainted()
    await open.call()
    await open.homeserver.until(() => said(open).includes('invite'))
    await open.deliver([answer(open.homeserver.said[0]?.content.call_id, 'phone')])
    await expect.poll(() => [...open.switchboard.live()][0]?.legs[0]?.state.name).toBe('answered')
  }
  test('is said once, however often it has to be tried', async () => {
    house = await House.open()
    house.homeserver.fail(/select_answer/, { status: 502 }, 1)
    house.homeserver.fail(/select_answer/, 'done-unanswered', 1)
    await answered(house)
    await expect.poll(() => house?.network.backlog().letters, { timeout: 10_000 }).toBe(0)
    expect(house.homeserver.requests.filter((each) => each.includes('select_answer'))).toHaveLength(3)
    expect(said(house).filter((type) => type === 'select_answer')).toHaveLength(1)
  })
  test('that the homeserver will not have does not end the call', async () => {
    house = await House.open()
    house.homeserver.fail(/select_answer/, { status: 403, body: { errcode: 'M_FORBIDDEN' } }, 9)
    await answered(house)
    await expect.poll(() => house?.settled).toContain('select refused')
    expect([...house.switchboard.live()]).toHaveLength(1)
    expect(said(house)).not.toContain('hangup')
  })
})

test('an end that came before its invite is remembered over a restart', async () => {
  const path = join(temporaryFolder(), 'onhook.db')
  house = await House.open({ path })
  await house.deliver([wireEvent('m.call.hangup')])
  await house.die()
  house = await House.open({ path, homeserver: house.homeserver })
  await house.deliver([invite({ invitee: ghost })])
  expect([house.offers, house.ignored]).toEqual([[], ['tombstoned']])
  // It speaks of that call, and of nobody else's.
  await house.deliver([invite({ invitee: ghost }, { sender: '@bob:hs' })])
  expect(house.offers).toHaveLength(1)
})

test('what has ended is remembered for longer than any invite may ring, and not for ever', () => {
  const stones = new Tombstones()
  stones.set(room, callId, 'warned', alice, 0)
  expect(stones.forbids(room, callId, alice, ghost, longestLifetime + 60_000)).toBe(true)
  expect(stones.forbids(room, callId, alice, ghost, 3_600_000)).toBe(false)
  for (let n = 0; n < 50_000; n++) stones.set(room, `c${n}`, 'warned', alice, n % 1_000)
  expect(stones.size).toBeLessThanOrEqual(20_000)
  // The oldest went first.
  expect(stones.forbids(room, 'c49999', alice, ghost, 1_000)).toBe(true)
})
