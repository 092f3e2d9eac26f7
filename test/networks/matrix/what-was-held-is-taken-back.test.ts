/** A homeserver that fails at the wrong moment does not make what it holds for us (MSC4140) end a call that goes on. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../temporary-folder.ts'
import { FakeHomeserver } from './fake-homeserver.ts'
import { House } from './house.ts'
import { alice, wireEvent } from './values.ts'

let path: string
let homeserver: FakeHomeserver
let house: House
beforeEach(async () => {
  path = join(temporaryFolder(), 'onhook.db')
  homeserver = new FakeHomeserver()
  homeserver.features['org.matrix.msc4140'] = true
  await homeserver.start()
  house = await House.open({ path, homeserver })
})
afterEach(() => house.close())

async function calling(): Promise<void> {
  await house.acquainted()
  await house.call()
  await homeserver.until(() => homeserver.calls.includes('invite'))
  await expect.poll(() => homeserver.held.size).toBe(1)
}

async function talkBegins(): Promise<void> {
  const { room, content } = homeserver.said.find(({ type }) => type === 'm.call.invite')!
  const answer = { call_id: content.call_id, party_id: alice.party, answer: { type: 'answer', sdp: 'v=0 answer' } }
  await house.deliver([wireEvent('m.call.answer', answer, { room_id: room })])
  await homeserver.until(() => homeserver.calls.includes('select_answer'))
}

async function onlyTheTalksIsHeld(ofTheRinging: string): Promise<void> {
  await expect
    .poll(() => homeserver.held.size === 1 && !homeserver.held.has(ofTheRinging), { timeout: 10_000 })
    .toBe(true)
  expect(house.switchboard.size).toBe(1)
}

const troubles = [
  { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 100 } },
  { status: 502 },
  'done-unanswered',
] as const

test.for(troubles)('the hangup of the ringing is taken back in the talk, after %j too', async (trouble) => {
  await calling()
  const [ofTheRinging] = [...homeserver.held.keys()]
  homeserver.fail(/delayed_events\//, trouble)
  await talkBegins()
  await onlyTheTalksIsHeld(ofTheRinging!)
})

test.for(troubles)('a call that ended is ended once, after %j too', async (trouble) => {
  await calling()
  homeserver.fail(/delayed_events\//, trouble)
  for (const { id } of [...house.switchboard.live()]) {
    void house.switchboard.end(id, { cause: 'cancelled', actor: 'caller' })
  }
  await homeserver.until(() => homeserver.calls.some((each) => each.startsWith('hangup')))
  await expect.poll(() => homeserver.held.size, { timeout: 10_000 }).toBe(0)
  expect(homeserver.calls.filter((each) => each.startsWith('hangup'))).toEqual(['hangup user_hangup'])
})

test('what it took without our hearing so is taken back too', async () => {
  homeserver.fail(/send\/m\.call\.reject/, 'done-unanswered')
  await house.ring()
  await expect.poll(() => homeserver.held.size).toBe(1)
  for (const { id } of [...house.switchboard.live()]) {
    void house.switchboard.end(id, { cause: 'busy', actor: 'api' })
  }
  await homeserver.until(() => homeserver.calls.includes('reject user_busy'))
  await expect.poll(() => homeserver.held.size, { timeout: 10_000 }).toBe(0)
  expect(homeserver.calls.filter((each) => each.startsWith('reject'))).toEqual(['reject user_busy'])
})

test('what was limited, and so not taken, is asked for no more after the end', async () => {
  const limited = { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 100 } }
  homeserver.fail(/send\/m\.call\.reject\/.*delay=/, limited, 1_000)
  await house.ring()
  const tries = () => homeserver.requests.filter((each) => each.includes('/send/m.call.reject/')).length
  await homeserver.until(() => tries() === 1)
  for (const { id } of [...house.switchboard.live()]) {
    void house.switchboard.end(id, { cause: 'busy', actor: 'api' })
  }
  await homeserver.until(() => homeserver.calls.includes('reject user_busy'))
  const asked = tries()
  await pause(500)
  expect(tries()).toBe(asked)
})

test('what was taken without our hearing so, and limited then, is taken back in the talk', async () => {
  await house.acquainted()
  const hold = /send\/m\.call\.hangup\/.*delay=/
  homeserver.fail(hold, 'done-unanswered', 1)
  homeserver.fail(hold, { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1_500 } }, 1)
  await house.call()
  await homeserver.until(() => homeserver.calls.includes('invite'))
  const tries = () => homeserver.requests.filter((each) => each.includes('/send/m.call.hangup/')).length
  await homeserver.until(() => tries() === 2)
  expect(homeserver.held.size).toBe(1)
  const [ofTheRinging] = [...homeserver.held.keys()]
  await talkBegins()
  await onlyTheTalksIsHeld(ofTheRinging!)
})
