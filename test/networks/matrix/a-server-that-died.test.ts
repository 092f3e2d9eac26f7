import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../temporary-folder.ts'
import { FakeHomeserver } from './fake-homeserver.ts'
import { House, type HouseOptions } from './house.ts'
import { alice, ghost, invite, wireEvent } from './values.ts'

let path: string
let homeserver: FakeHomeserver
let house: House
beforeEach(async () => {
  path = join(temporaryFolder(), 'onhook.db')
  homeserver = new FakeHomeserver()
  await homeserver.start()
})
afterEach(() => house.close())

const open = (script?: HouseOptions['script']) =>
  House.open({ path, homeserver, ...(script === undefined ? {} : { script }) })

const endings = () => homeserver.calls.filter((each) => /^(hangup|reject)/.test(each))

async function reborn(): Promise<void> {
  await house.die()
  house = await open()
  await expect.poll(async () => (await house.records()).length, { timeout: 10_000 }).toBe(1)
}

test('P3, P4: a call that rang here is refused once by the next life, and recorded', async () => {
  house = await open()
  await house.ring()
  expect(house.switchboard.size).toBe(1)
  await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
  await reborn()
  await homeserver.until(() => endings().length > 0)
  expect(endings()).toEqual(['reject unknown_error'])
  expect((await house.records())[0]?.ending).toMatchObject({ cause: 'restarted', actor: 'platform' })
  await reborn()
  expect(endings()).toEqual(['reject unknown_error'])
})

test('a call that was answered is hung up once', async () => {
  house = await open(async (control) => {
    await control.answer(control.call().first)
    await control.ended
  })
  await house.ring()
  await homeserver.until(() => homeserver.calls.includes('answer'))
  await expect.poll(async () => (await house.ledger.live())[0]?.call.legs[0]?.state.name).toBe('answered')
  await reborn()
  await homeserver.until(() => endings().length > 0)
  expect(endings()).toEqual(['hangup unknown_error'])
})

describe('a hangup that the homeserver held (MSC4140)', () => {
  beforeEach(async () => {
    homeserver.features['org.matrix.msc4140'] = true
    house = await open(async (control) => {
      await control.answer(control.call().first)
      await control.ended
    })
    await house.ring()
    // That it is held is on disk.
    await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"type":"m.call.hangup"')
    expect(homeserver.held.size).toBe(1)
  })

  test('is said at once by the next life, and nothing else', async () => {
    await reborn()
    await homeserver.until(() => endings().length > 0)
    expect(endings()).toEqual(['hangup unknown_error'])
    expect(homeserver.held.size).toBe(0)
    // The one with the delay; no second.
    expect(homeserver.requests.filter((each) => each.includes('/send/m.call.hangup/'))).toHaveLength(1)
  })

  test('and was said while we were away is not said again', async () => {
    await house.die()
    for (const delay of [...homeserver.held.keys()]) homeserver.sayHeld(delay)
    await reborn()
    await homeserver.until(() => homeserver.requests.some((each) => each.includes('/delayed_events/')))
    await reborn()
    expect(endings()).toEqual(['hangup unknown_error'])
  })

  test('and cannot be asked for is replaced by our own', async () => {
    homeserver.fail(/delayed_events/, { status: 403, body: { errcode: 'M_FORBIDDEN' } }, 99)
    await reborn()
    await homeserver.until(() => endings().length > 0)
    expect(endings()).toEqual(['hangup unknown_error'])
  })

  test('is asked for until the homeserver is back', async () => {
    homeserver.fail(/delayed_events/, { status: 502 }, 2)
    await reborn()
    await homeserver.until(() => endings().length > 0)
    expect(endings()).toEqual(['hangup unknown_error'])
  })
})

test('the reject that the homeserver held of a call that rang is said once too (MSC4140)', async () => {
  homeserver.features['org.matrix.msc4140'] = true
  house = await open()
  await house.ring()
  await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain('"type":"m.call.reject"')
  await house.die()
  for (const delay of [...homeserver.held.keys()]) homeserver.sayHeld(delay)
  house = await open()
  await homeserver.until(() => homeserver.requests.some((each) => each.includes('/delayed_events/')))
  await expect.poll(async () => (await house.ledger.live()).length).toBe(0)
  expect(endings()).toEqual(['reject unknown_error'])
})

test('what the homeserver holds without our having known is taken back by the next life (MSC4140)', async () => {
  homeserver.features['org.matrix.msc4140'] = true
  homeserver.fail(/send\/m\.call\.reject/, 'done-unanswered', 99)
  house = await open()
  await house.ring()
  await expect.poll(() => homeserver.held.size).toBe(1)
  await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
  await house.die()
  homeserver.faults = []
  house = await open()
  await homeserver.until(() => endings().length > 0)
  await expect.poll(() => homeserver.held.size).toBe(0)
  expect(endings()).toEqual(['reject unknown_error'])
})

test.for([
  ['of a call that rings here', 'm.call.reject', 'reject unknown_error'],
  ['of a call that rings there', 'm.call.hangup', 'hangup unknown_error'],
] as const)(
  'what it took without our hearing so, %s, and said while we were away, is not said again (MSC4140)',
  async ([, type, word]) => {
    homeserver.features['org.matrix.msc4140'] = true
    homeserver.fail(new RegExp(`send/${type}/.*delay=`), 'done-unanswered', 99)
    house = await open()
    if (type === 'm.call.reject') await house.ring()
    else {
      await house.acquainted()
      await house.call()
    }
    await expect.poll(() => homeserver.held.size).toBe(1)
    await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
    await house.die()
    for (const delay of [...homeserver.held.keys()]) homeserver.sayHeld(delay)
    homeserver.faults = []
    await reborn()
    await homeserver.until(() => homeserver.requests.some((each) => each.includes('/delayed_events/')))
    await expect.poll(async () => (await house.ledger.live()).length).toBe(0)
    expect(endings()).toEqual([word])
    await reborn()
    expect(endings()).toEqual([word])
    expect(homeserver.held.size).toBe(0)
  },
)

test('a homeserver that refuses to hold anything hears our ending itself', async () => {
  homeserver.fail(/delay=/, { status: 400, body: { errcode: 'M_UNKNOWN' } }, 99)
  house = await open()
  await house.ring()
  await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
  await reborn()
  await homeserver.until(() => endings().length > 0)
  expect(endings()).toEqual(['reject unknown_error'])
})

test('what it holds of a call that had ended is taken back by the next life, which says our own word (MSC4140)', async () => {
  homeserver.features['org.matrix.msc4140'] = true
  house = await open()
  await house.ring()
  await expect.poll(() => homeserver.held.size).toBe(1)
  homeserver.fail(/./, { status: 502 }, 9999)
  for (const { id } of [...house.switchboard.live()]) {
    void house.switchboard.end(id, { cause: 'busy', actor: 'api' })
  }
  await expect.poll(async () => (await house.records()).length).toBe(1)
  await house.die()
  house = await open()
  homeserver.faults = []
  await homeserver.until(() => endings().length > 0)
  await expect.poll(() => homeserver.held.size, { timeout: 10_000 }).toBe(0)
  expect(endings()).toEqual(['reject user_busy'])
})

test('killed while the hangup of the ringing is still to be taken back: the talk has one ending (MSC4140)', async () => {
  homeserver.features['org.matrix.msc4140'] = true
  house = await open()
  await house.acquainted()
  await house.call()
  await homeserver.until(() => homeserver.calls.includes('invite'))
  await expect.poll(() => homeserver.held.size).toBe(1)
  const { room, content } = homeserver.said.find(({ type }) => type === 'm.call.invite')!
  homeserver.fail(/delayed_events\//, { status: 502 }, 99)
  const answer = { call_id: content.call_id, party_id: alice.party, answer: { type: 'answer', sdp: 'v=0 answer' } }
  await house.deliver([wireEvent('m.call.answer', answer, { room_id: room })])
  await expect.poll(() => homeserver.held.size).toBe(2)
  const ofTheTalk = [...homeserver.held.keys()].at(-1)!
  await expect.poll(async () => JSON.stringify(await house.ledger.live())).toContain(ofTheTalk)
  await house.die()
  homeserver.faults = []
  house = await open()
  await homeserver.until(() => endings().length > 0)
  await expect.poll(() => homeserver.held.size).toBe(0)
  expect(endings()).toEqual(['hangup unknown_error'])
})

test('a call that rang there is withdrawn once, also if its invite was never confirmed', async () => {
  house = await open()
  await house.acquainted()
  homeserver.fail(/send\/m\.call\.invite/, 'done-unanswered', 9)
  await house.call()
  await homeserver.until(() => homeserver.calls.includes('invite'))
  homeserver.faults = []
  await reborn()
  await homeserver.until(() => endings().length > 0)
  expect(homeserver.calls).toEqual(['invite', 'hangup unknown_error'])
})

test('a hangup that was said but not confirmed is repeated under its name, so it is said once', async () => {
  house = await open()
  await house.ring()
  await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
  homeserver.fail(/send\/m\.call\.reject/, 'done-unanswered', 9)
  for (const call of [...house.switchboard.live()]) void house.switchboard.end(call.id, { cause: 'busy', actor: 'api' })
  await homeserver.until(() => endings().length > 0)
  await expect.poll(async () => (await house.records()).length).toBe(1)
  homeserver.faults = []
  await house.die()
  const tries = () => homeserver.requests.filter((each) => each.includes('m.call.reject'))
  const before = tries().length
  house = await open()
  await homeserver.until(() => tries().length > before)
  expect(new Set(tries()).size).toBe(1)
  expect(endings()).toEqual(['reject user_busy'])
})

test('an invite that comes again after it all does not ring', async () => {
  house = await open()
  const events = [invite({ invitee: ghost })]
  await house.deliver(events, '1')
  await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
  await reborn()
  await house.deliver(events, '1')
  await house.deliver(events, '2')
  expect(house.offers).toEqual([])
})
