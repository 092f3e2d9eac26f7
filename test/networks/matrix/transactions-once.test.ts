import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../temporary-folder.ts'
import { House } from './house.ts'
import { alice, ghost, invite, wireEvent } from './values.ts'

let house: House
afterEach(() => house?.close())

const to = { invitee: ghost }

test('who has not the token is told nothing, and changes nothing', async () => {
  house = await House.open()
  const body = JSON.stringify({ events: [invite(to)] })
  const path = '/_matrix/app/v1/transactions/1'
  const wrong = await house.request(path, { method: 'PUT', body }, 'another-token-altogether')
  expect([wrong.status, await wrong.json()]).toMatchObject([403, { errcode: 'M_FORBIDDEN' }])
  expect((await fetch(`http://${house.network.address}${path}`, { method: 'PUT', body })).status).toBe(403)
  expect(house.offers).toEqual([])
})

test('older homeservers have another path, and their token in the query', async () => {
  house = await House.open()
  const url = `http://${house.network.address}/transactions/1?access_token=hs-token-hs-token`
  const reply = await fetch(url, { method: 'PUT', body: JSON.stringify({ events: [invite(to)] }) })
  expect(reply.status).toBe(200)
  expect(house.offers).toMatchObject([{ to: '100', from: alice.user, network: 'matrix' }])
})

test.each([
  ['not JSON', '{', 400, 'M_NOT_JSON'],
  ['no events', '{}', 400, 'M_BAD_JSON'],
  ['too long', ' '.repeat(33 * 1024 * 1024), 413, 'M_TOO_LARGE'],
])('a body that is %s is refused', async (_name, body, status, errcode) => {
  house = await House.open()
  const reply = await house.request('/_matrix/app/v1/transactions/1', { method: 'PUT', body })
  expect([reply.status, await reply.json()]).toMatchObject([status, { errcode }])
})

test('asks about users, rooms and health are answered', async () => {
  house = await House.open()
  expect((await house.request(`/_matrix/app/v1/users/${encodeURIComponent('@tel_200:hs')}`)).status).toBe(200)
  expect(house.homeserver.requests).toContain('POST /_matrix/client/v3/register')
  expect((await house.request(`/_matrix/app/v1/users/${encodeURIComponent('@bob:hs')}`)).status).toBe(404)
  expect((await house.request('/_matrix/app/v1/rooms/x')).status).toBe(404)
  expect((await house.request('/_matrix/app/v1/ping', { method: 'POST', body: '{}' })).status).toBe(200)
  expect((await house.request('/_matrix/app/v1/ping')).status).toBe(405)
  expect((await house.request('/elsewhere')).status).toBe(404)
})

describe('a transaction that comes again changes nothing', () => {
  test('under its own number, or another', async () => {
    house = await House.open()
    const events = [invite(to)]
    expect(await house.deliver(events, '7')).toBe(200)
    expect(await house.deliver(events, '7')).toBe(200)
    expect(await house.deliver(events, '8')).toBe(200)
    expect(house.offers).toHaveLength(1)
  })

  test('after the call is over, nor after a restart', async () => {
    const path = join(temporaryFolder(), 'onhook.db')
    house = await House.open({ path })
    const events = [invite(to)]
    await house.deliver(events, '7')
    await house.deliver([wireEvent('m.call.hangup')], '8')
    await house.deliver(events, '9')
    expect(house.offers).toHaveLength(1)
    await house.die()
    house = await House.open({ path, homeserver: house.homeserver })
    expect(await house.deliver(events, '7')).toBe(200)
    expect(await house.deliver(events, '9')).toBe(200)
    expect(house.offers).toEqual([])
    expect(await house.records()).toHaveLength(1)
  })

  test('but the same number with other events is another transaction: the homeserver was set up anew', async () => {
    house = await House.open()
    await house.deliver([invite(to)], '1')
    await house.deliver([invite({ ...to, call_id: 'c2' })], '1')
    expect(house.offers).toHaveLength(2)
  })
})

test('a disk that refuses is not acknowledged; what was done is not done again when it comes again', async () => {
  let refusals = 2
  house = await House.open({
    memory: (real) => ({
      ...real,
      commit: (change) => (refusals-- > 0 ? Promise.reject(new Error('full')) : real.commit(change)),
    }),
  })
  const events = [invite(to)]
  expect(await house.deliver(events, '1')).toBe(500)
  expect(await house.deliver(events, '1')).toBe(500)
  expect(await house.deliver(events, '1')).toBe(200)
  expect(house.offers).toHaveLength(1)
})

test('events that make no sense are set aside and counted; the transaction is done, and the next call rings', async () => {
  house = await House.open()
  const poison = [
    null,
    7,
    'text',
    { type: 'm.call.hangup' },
    { type: 'm.call.invite', room_id: 5, sender: {}, content: [] },
    wireEvent('m.call.hangup', { version: 1.5 }),
    wireEvent('m.call.hangup', { call_id: { a: 1 } }),
    wireEvent('m.call.invite', { offer: 'none' }),
    wireEvent('m.room.member', {}, { content: null }),
    wireEvent('m.room.member', {}, { room_id: null }),
    { ...wireEvent('m.call.hangup'), room_id: undefined },
    wireEvent('m.room.message', { body: 'hello' }),
  ]
  expect(await house.deliver([...poison, invite(to)])).toBe(200)
  expect(house.offers).toHaveLength(1)
  expect(house.ignored.filter((why) => why === 'malformed')).toHaveLength(11)
  expect(house.faults).toEqual([])
})

describe('an end in the same transaction as its invite: nothing rings', () => {
  const other = { sender: ghost }
  test.each([
    ['the caller’s hangup', [invite(to), wireEvent('m.call.hangup')]],
    ['the hangup first', [wireEvent('m.call.hangup'), invite(to)]],
    ['our other device’s reject', [invite(to), wireEvent('m.call.reject', { party_id: 'desk' }, other)]],
    [
      'our other device’s answer',
      [invite(to), wireEvent('m.call.answer', { party_id: 'desk', answer: { type: 'answer', sdp: 'v=0' } }, other)],
    ],
    ['another party selected', [invite(to), wireEvent('m.call.select_answer', { selected_party_id: 'desk' })]],
    [
      'the caller leaves',
      [invite(to), wireEvent('m.room.member', {}, { state_key: alice.user, content: { membership: 'leave' } })],
    ],
  ])('%s', async (_name, events) => {
    house = await House.open()
    expect(await house.deliver(events)).toBe(200)
    expect(house.offers).toEqual([])
    await house.deliver([invite(to)])
    expect(house.offers).toHaveLength(0)
  })

  test('a third user’s hangup does not silence it', async () => {
    house = await House.open()
    await house.deliver([invite(to), wireEvent('m.call.hangup', {}, { sender: '@mallory:hs' })])
    expect(house.offers).toHaveLength(1)
  })
})

describe('an invite that is too old does not ring', () => {
  const old = Date.now() - 120_000
  test.each([
    ['by its age', { unsigned: { age: 58_000 } }],
    ['by the time of sending, where there is no age', { unsigned: {}, origin_server_ts: old }],
  ])('%s', async (_name, more) => {
    house = await House.open()
    await house.deliver([invite(to, more)])
    expect(house.offers).toEqual([])
    expect(house.ignored).toContain('stale')
  })
  test.each([
    ['age 0', { unsigned: { age: 0 } }],
    ['neither age nor time', { unsigned: {}, origin_server_ts: undefined }],
  ])('with %s it rings', async (_name, more) => {
    house = await House.open()
    await house.deliver([invite(to, more)])
    expect(house.offers).toHaveLength(1)
  })
})

test('an invite for nobody of ours, or from somebody who may not call, is no call', async () => {
  house = await House.open()
  await house.deliver([invite({ invitee: '@bob:hs' }), invite({ call_id: 'c2' })])
  await house.deliver([invite({ ...to, call_id: 'c3' }, { sender: '@eve:elsewhere' })])
  expect(house.offers).toEqual([])
  expect(house.ignored).toEqual(['not-for-us', 'not-for-us', 'not-allowed'])
  expect(house.homeserver.said).toEqual([])
})

test('where there is no invitee, the ghost in the room is called', async () => {
  house = await House.open()
  await house.enter()
  await house.deliver([invite()])
  expect(house.offers).toMatchObject([{ to: '100' }])
})

test('the same call id of another person, or in another room, is another call', async () => {
  house = await House.open()
  await house.deliver([invite(to), invite(to, { sender: '@bob:hs' }), invite(to, { room_id: '!other:hs' })])
  expect(house.offers.map(({ from, ids }) => [from, ids['room-id']])).toEqual([
    ['@alice:hs', '!r:hs'],
    ['@bob:hs', '!r:hs'],
    ['@alice:hs', '!other:hs'],
  ])
  await house.deliver([wireEvent('m.call.hangup')])
  expect(house.switchboard.size).toBe(2)
  await house.deliver([invite(to), invite(to, { sender: '@carol:hs' })])
  expect(house.offers.map(({ from }) => from)).toEqual(['@alice:hs', '@bob:hs', '@alice:hs', '@carol:hs'])
})
