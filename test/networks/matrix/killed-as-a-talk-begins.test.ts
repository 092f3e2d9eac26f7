/** P2: a call of ours was answered a moment ago, and the disk does not know. Whatever the homeserver holds, and has said, the callee hears one hangup. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../temporary-folder.ts'
import { FakeHomeserver } from './fake-homeserver.ts'
import { House } from './house.ts'
import { keepDisk } from './kept-disk.ts'
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

const hangups = () => homeserver.calls.filter((each) => each.startsWith('hangup'))
const onDisk = async () => JSON.stringify(await house.ledger.live())

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

const hold = /send\/m\.call\.hangup\/.*delay=/

test('killed when the hangup of its ringing is taken back, a call has one that the next life can say', async () => {
  await calling()
  await expect.poll(onDisk).toContain('"type":"m.call.hangup"')
  const takenBack = homeserver.until(() => homeserver.requests.some((each) => each.includes('/delayed_events/delay-')))
  const asItWas = takenBack.then(() => keepDisk(path))
  await talkBegins()
  const disk = await asItWas
  await expect.poll(() => homeserver.held.size).toBe(1)
  await house.die()
  disk.putBack()
  house = await House.open({ path, homeserver })
  await homeserver.until(() => hangups().length > 0)
  await expect.poll(async () => (await house.records()).length, { timeout: 10_000 }).toBe(1)
  await expect.poll(() => homeserver.held.size).toBe(0)
  expect(hangups()).toEqual(['hangup unknown_error'])
})

test('what is held is unknown, and the next life dies too, in the middle of its telling', async () => {
  homeserver.fail(hold, 'done-unanswered', 99)
  await calling()
  await expect.poll(async () => (await house.ledger.live()).length).toBe(1)
  await house.die()
  homeserver.faults = []
  // It has the next life's letter on disk, and is not heard by the homeserver.
  homeserver.fail(/send\/m\.call\.hangup/, { status: 502 }, 99)
  house = await House.open({ path, homeserver })
  await expect.poll(async () => (await house.records()).length, { timeout: 10_000 }).toBe(1)
  await house.die()
  homeserver.faults = []
  house = await House.open({ path, homeserver })
  await homeserver.until(() => hangups().length > 0)
  await expect.poll(() => homeserver.held.size).toBe(0)
  expect(hangups()).toEqual(['hangup unknown_error'])
})
