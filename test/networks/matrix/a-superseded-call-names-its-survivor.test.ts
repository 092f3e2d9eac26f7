import { afterEach, expect, test } from 'vitest'
import { recordText } from '../../../src/cli/ending-text.ts'
import { recordView } from '../../../src/http/views.ts'
import { House } from './house.ts'
import { alice, invite, room, wireEvent } from './values.ts'

let house: House
afterEach(() => house.close())

const hangup = (call: unknown, reason: string) => wireEvent('m.call.hangup', { call_id: call, reason })
const said = (type: string) => house.homeserver.said.filter((each) => each.type === type)

test('while their call rings here, ours to them is not begun: superseded, with no event, by their call', async () => {
  house = await House.open()
  await house.acquainted()
  await house.ring()
  const [theirs] = [...(await house.ledger.live())].map(({ call }) => call.id)
  expect(theirs).toBeDefined()
  await house.call()
  await expect.poll(async () => (await house.records()).length).toBe(1)
  const [record] = await house.records()
  expect(record).toMatchObject({
    ending: { cause: 'superseded', survivor: theirs },
    legs: [{ ending: { cause: 'superseded', survivor: theirs } }],
  })
  expect(house.homeserver.calls).toEqual([])
  expect(house.switchboard.size).toBe(1)
  const io = { env: { NO_COLOR: '1' }, stdout: {} } as never
  const text = recordText({ ...recordView(record as never), annex: [] } as never, io)
  expect(text).toContain(`${theirs} goes on`)
})

test('`replaced` ends a ringing call as superseded, by the one of theirs that goes on', async () => {
  house = await House.open()
  await house.enter()
  await house.deliver([invite({ call_id: 'first', invitee: '@tel_100:hs' })])
  await house.deliver([invite({ call_id: 'second', invitee: '@tel_100:hs' })])
  const second = (await house.ledger.live()).find(({ call }) => call.legs[0]?.ids['call-id'] === 'second')?.call.id
  await house.deliver([hangup('first', 'replaced')])
  await expect.poll(async () => (await house.records()).length).toBe(1)
  expect((await house.records())[0]?.ending).toMatchObject({ cause: 'superseded', survivor: second })
  expect(house.homeserver.calls).toEqual([])
})

test('where they give up ours for theirs although ours has the lesser name, ours becomes the answer to theirs', async () => {
  house = await House.open()
  await house.acquainted()
  await house.call()
  await house.homeserver.until(() => said('m.call.invite').length > 0)
  const ours = said('m.call.invite')[0]?.content.call_id
  await house.deliver([invite({ call_id: '~~~', invitee: '@tel_100:hs' })])
  expect(house.ignored).toContain('glare')
  await house.deliver([hangup(ours, 'replaced')])
  await house.homeserver.until(() => said('m.call.answer').length > 0)
  expect(said('m.call.answer')[0]).toMatchObject({ room, content: { call_id: '~~~' } })
  // A hangup is not answered with a hangup.
  expect(said('m.call.hangup')).toEqual([])
  expect(house.switchboard.size).toBe(1)
  await house.deliver([hangup('~~~', 'user_hangup')])
  await expect.poll(async () => (await house.records()).length).toBe(1)
  expect((await house.records())[0]?.ending).toMatchObject({ cause: 'hangup', phase: 'answered' })
})

test('where theirs has ended before they give up ours, ours is superseded, and nothing is answered', async () => {
  house = await House.open()
  await house.acquainted()
  await house.call()
  await house.homeserver.until(() => said('m.call.invite').length > 0)
  const ours = said('m.call.invite')[0]?.content.call_id
  await house.deliver([invite({ call_id: '~~~', invitee: '@tel_100:hs' }), hangup('~~~', 'user_hangup')])
  await house.deliver([hangup(ours, 'replaced')])
  await expect.poll(async () => (await house.records()).length).toBe(1)
  expect((await house.records())[0]?.ending.cause).toBe('superseded')
  expect(said('m.call.answer')).toEqual([])
  expect(alice.user).toBe((await house.records())[0]?.to)
})

test('theirs comes later than they give up ours: its record names ours, once', async () => {
  house = await House.open()
  await house.acquainted()
  const { call } = await house.call()
  await house.homeserver.until(() => said('m.call.invite').length > 0)
  await house.deliver([hangup(said('m.call.invite')[0]?.content.call_id, 'replaced')])
  await expect.poll(async () => (await house.records()).length).toBe(1)
  expect((await house.records())[0]).toMatchObject({ id: call, ending: { cause: 'superseded' } })
  const to = { invitee: '@tel_100:hs' }
  await house.deliver([invite({ ...to, call_id: 'bob' }, { sender: '@bob:hs' })])
  await house.deliver([invite({ ...to, call_id: 'first' })])
  await house.deliver([invite({ ...to, call_id: 'second' })])
  expect(house.offers.map(({ ids }) => [ids['call-id'], ids.supersedes])).toEqual([
    ['bob', undefined],
    ['first', call],
    ['second', undefined],
  ])
})

test('another call of ours that rings there has superseded nothing', async () => {
  house = await House.open()
  await house.acquainted()
  const first = await house.call()
  await house.call()
  await house.homeserver.until(() => said('m.call.invite').length > 1)
  const [one] = house.switchboard.find(first.call)?.legs ?? []
  await house.deliver([hangup(one?.ids['call-id'], 'replaced')])
  await expect.poll(async () => (await house.records()).length).toBe(1)
  const [record] = await house.records()
  expect(record?.ending).toMatchObject({ cause: 'superseded' })
  expect(record?.ending.survivor).toBeUndefined()
})
