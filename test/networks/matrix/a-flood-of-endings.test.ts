import { expect, test } from 'vitest'
import { Tombstones } from '../../../src/networks/matrix/tombstones.ts'
import { alice, callId, ghost, room } from './values.ts'

test('an ended call stays ended, however many parties somebody else names for it', () => {
  const stones = new Tombstones()
  stones.set(room, callId, 'over', alice, 0)
  for (let n = 0; n < 100; n++) stones.set(room, callId, 'warned', { user: '@mallory:hs', party: `p${n}` }, n)
  expect(stones.forbids(room, callId, alice, ghost, 100)).toBe(true)
  // What is remembered of it stays small: the flood itself is forgotten.
  expect(stones.forbids(room, callId, { user: '@mallory:hs', party: 'p0' }, ghost, 100)).toBe(false)
  expect(stones.forbids(room, callId, { user: '@mallory:hs', party: 'p99' }, ghost, 100)).toBe(true)
})
