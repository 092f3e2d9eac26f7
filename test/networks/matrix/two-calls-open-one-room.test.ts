import { afterEach, expect, test } from 'vitest'
import { House } from './house.ts'
import { wireEvent } from './values.ts'

let house: House
afterEach(() => house.close())

const joins = () =>
  house.deliver([
    wireEvent(
      'm.room.member',
      {},
      { room_id: '!made1:hs', state_key: '@alice:hs', sender: '@alice:hs', content: { membership: 'join' } },
    ),
  ])
const asked = () => house.homeserver.requests.filter((each) => each.endsWith('/createRoom')).length
const end = { cause: 'cancelled', actor: 'api' } as const

test('two calls wait for one room: the first is given up, and the second goes on when the person comes', async () => {
  house = await House.open()
  const first = await house.call()
  await house.homeserver.until(() => asked() > 0)
  await house.call()
  house.switchboard.dispatch(first.call, { type: 'end', at: Date.now(), reason: end })
  await expect.poll(async () => (await house.records()).length).toBe(1)
  await joins()
  await house.homeserver.until(() => house.homeserver.calls.includes('invite'))
  expect(asked()).toBe(1)
  expect(house.switchboard.size).toBe(1)
})
