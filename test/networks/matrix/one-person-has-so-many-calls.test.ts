import { afterEach, expect, test } from 'vitest'
import { House } from './house.ts'
import { ghost, invite } from './values.ts'

let house: House
afterEach(() => house.close())

test('a person with as many calls as one may have is refused by reject; another person’s call comes in', async () => {
  house = await House.open({ callsPerCaller: 3 })
  const to = { invitee: ghost }
  // Each call id, in each room, is a call: what bounds them is the caller.
  await house.deliver([
    ...['c1', 'c2', 'c3'].map((call_id) => invite({ ...to, call_id })),
    invite({ ...to, call_id: 'c1' }, { room_id: '!other:hs' }),
    invite({ ...to, call_id: 'c1' }, { sender: '@bob:hs' }),
  ])
  await house.homeserver.until(() => house.homeserver.calls.length > 0)
  await expect.poll(async () => (await house.records()).length).toBe(1)
  expect(house.homeserver.said).toMatchObject([
    { type: 'm.call.reject', room: '!other:hs', content: { call_id: 'c1', reason: 'unknown_error' } },
  ])
  expect(house.offers.map(({ from }) => from)).toEqual(['@alice:hs', '@alice:hs', '@alice:hs', '@bob:hs'])
  const [record] = await house.records()
  expect(record).toMatchObject({ ending: { cause: 'account-limit', actor: 'platform' }, from: '@alice:hs' })
})
