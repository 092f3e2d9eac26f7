import { afterEach, expect, test } from 'vitest'
import { House } from './house.ts'
import { room, wireEvent } from './values.ts'

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

test('a chat into which the person has just asked the ghost is the room of a call that comes before the ghost is in it', async () => {
  house = await House.open()
  house.homeserver.fail(/\/join\//, { status: 502 })
  const asks = { state_key: '@tel_100:hs', sender: '@alice:hs', content: { membership: 'invite', is_direct: true } }
  await house.deliver([wireEvent('m.room.member', {}, asks)])
  await house.homeserver.until(() => house.homeserver.requests.some((each) => each.includes('/join/')))
  await house.call()
  await house.homeserver.until(() => house.homeserver.calls.includes('invite'))
  expect(house.homeserver.said[0]?.room).toBe(room)
  expect(asked()).toBe(0)
})
