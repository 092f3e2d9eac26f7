/** Onhook, the homeserver or a client dies in the middle: no ringing is left, no open leg, one record, nothing said twice. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import type { Device } from './device.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'

describeWith(['synapse'], 'kill -9 in the middle of Matrix calls', () => {
  let stage: MatrixStage
  let alice: Device
  let reader: RawUser
  let room: string
  beforeAll(async () => {
    stage = await MatrixStage.set({ settings: { sip: { media: { silenceSeconds: 15 } } } })
    alice = await stage.node(await stage.synapse.register('alice'))
    reader = stage.reader(alice)
    room = await stage.room(alice)
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  /** What the ghost said to end a call. */
  const endings = async (callId: string) =>
    (await reader.callEvents(room, callId)).filter(
      ({ type, sender }) => sender !== reader.userId && ['m.call.hangup', 'm.call.reject'].includes(type),
    )

  /** While it rings, a reject is held, and taken back at the answer: only then nothing but these is left. */
  const holds = (...types: string[]) =>
    until(`the homeserver to hold ${types}`, async () => `${(await stage.held(stage.ghost())).sort()}` === `${types}`)

  async function restart(): Promise<void> {
    await stage.server.signal('SIGKILL')
    await stage.server.run()
  }

  test('Onhook, while a number rings for a Matrix user: the user is told, once, and the record stands', async () => {
    const id = await alice.do('place', room)
    await stage.phone.incoming()
    await restart()
    await alice.ended(id)
    const [record, ...more] = await stage.records(id)
    expect(more).toEqual([])
    expect(record?.ending.cause).toBe('restarted')
    expect(await endings(id)).toHaveLength(1)
    await stage.quiet()
  })

  test('Onhook, while a Matrix user rings: the ringing stops', async () => {
    const call = await stage.call(alice)
    const { callId: id } = await alice.ringing()
    await restart()
    await alice.ended(id)
    expect(await endings(id)).toHaveLength(1)
    const [record, ...more] = await stage.records(id)
    expect(more).toEqual([])
    expect(record?.ending.cause).toBe('restarted')
    call.forget()
  })

  test('Onhook, in the middle of a talk: both ends are told, once each', async () => {
    const id = await alice.do('place', room)
    const heard = await stage.phone.incoming()
    await heard.answer()
    await alice.state(id, 'connected')
    await restart()
    expect(await heard.ended(20_000)).toMatchObject({ by: 'them', how: 'BYE' })
    expect(await alice.ended(id)).toMatchObject({ hangupReason: 'unknown_error', hangupParty: 'remote' })
    await pause(1000)
    expect((await endings(id)).map(({ content }) => content.reason)).toEqual(['unknown_error'])
    expect(await stage.records(id)).toHaveLength(1)
  })

  test('Onhook twice, the second time while it comes back: still one word and one record', async () => {
    const id = await alice.do('place', room)
    const heard = await stage.phone.incoming()
    await heard.answer()
    await alice.state(id, 'connected')
    await stage.server.signal('SIGKILL')
    const starting = stage.server.run().catch(() => {})
    await pause(600)
    await stage.server.signal('SIGKILL')
    await starting
    await stage.server.run()
    await alice.ended(id)
    await heard.ended(20_000)
    await pause(1000)
    expect(await endings(id)).toHaveLength(1)
    expect(await stage.records(id)).toHaveLength(1)
  })

  /** A user who never ends anything: what is said in the end is Onhook's. */
  async function talkingWithPatience() {
    const raw = new RawCall(reader, room)
    await raw.invite()
    const heard = await stage.phone.incoming()
    await heard.answer()
    await raw.heard('answer')
    return { raw, heard }
  }

  test('the homeserver, then the phone hangs up: the user hears of it once it is back, and once', async () => {
    const { raw, heard } = await talkingWithPatience()
    await stage.synapse.kill()
    heard.hangup()
    await stage.quiet()
    const [record] = await stage.records(raw.callId)
    expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'callee' })
    await stage.synapse.run()
    expect((await raw.heard('hangup', 60_000)).content.reason).toBe('user_hangup')
    await pause(2000)
    expect(await endings(raw.callId)).toHaveLength(1)
  })

  test('the homeserver and Onhook, both: the word is kept, and said when both are back', async () => {
    const { raw, heard } = await talkingWithPatience()
    await holds('m.call.hangup')
    await stage.synapse.kill()
    heard.hangup()
    // Kept is what is on disk.
    await stage.records(raw.callId)
    await restart()
    await stage.synapse.run()
    expect((await raw.heard('hangup', 60_000)).content.reason).toBe('user_hangup')
    await holds()
    await pause(2000)
    expect(await endings(raw.callId)).toHaveLength(1)
    expect(await stage.records(raw.callId)).toHaveLength(1)
  })

  test('the homeserver, while the user hangs up: the hangup comes when it is back', async () => {
    const id = await alice.do('place', room)
    const heard = await stage.phone.incoming()
    await heard.answer()
    await alice.state(id, 'connected')
    await stage.synapse.kill()
    await stage.synapse.run()
    await alice.do('hangup', id)
    expect(await heard.ended(60_000)).toMatchObject({ how: 'BYE' })
    await stage.quiet()
  })

  test('the client, while it is rung: the phone hears no answer, by our own timer', async () => {
    const bob = await stage.node(await stage.synapse.register('bob'))
    await stage.room(bob)
    const call = await stage.call(bob)
    await bob.ringing()
    await bob.kill()
    call.hangup()
    await stage.quiet()
  })

  test('the client, in the middle of a talk: the silence ends it', async () => {
    const carol = await stage.node(await stage.synapse.register('carol'))
    const own = await stage.room(carol)
    const id = await carol.do('place', own)
    const heard = await stage.phone.incoming()
    await heard.answer()
    heard.speak(hertz.sip)
    // Both ways: only what was heard can be lost.
    await Promise.all([carol.hears(id, hertz.sip), heard.hears('sound', 20_000)])
    await carol.kill()
    expect(await heard.ended(60_000)).toMatchObject({ by: 'them', how: 'BYE' })
    const [record, ...more] = await stage.records(id)
    expect(more).toEqual([])
    expect(record?.ending.cause).toBe('media-lost')
    await stage.quiet()
  })

  test('Onhook, and stays away: the homeserver itself says the hangup that was left with it (MSC4140)', async () => {
    const id = await alice.do('place', room)
    const heard = await stage.phone.incoming()
    await heard.answer()
    await alice.state(id, 'connected')
    await holds('m.call.hangup')
    await stage.server.signal('SIGKILL')
    // Alice's client may give up by itself before, when it finds that nobody answers its ICE checks any more.
    await alice.ended(id, 90_000)
    await until('the hangup that the homeserver held', async () => (await endings(id)).length === 1, 90_000)
    const [held] = await endings(id)
    expect(held).toMatchObject({
      type: 'm.call.hangup',
      content: { call_id: id, version: '1', reason: 'unknown_error' },
    })
    await stage.server.run()
    await until('its record', async () => (await stage.records(id)).length === 1)
    expect(await stage.records(id)).toHaveLength(1)
    await heard.ended(20_000)
    await stage.quiet()
    expect((await endings(id)).map(({ event_id }) => event_id)).toEqual([held?.event_id])
  })

  test('Onhook, and stays away while it rings both ways: the homeserver stops the ringing, once each (MSC4140)', async () => {
    const dave = await stage.node(await stage.synapse.register('dave'))
    const own = await stage.room(dave)
    const call = await stage.call(alice)
    const { callId: rung } = await alice.ringing()
    const placed = await dave.do('place', own)
    const heard = await stage.phone.incoming(60_000)
    await holds('m.call.hangup', 'm.call.reject')
    await stage.server.signal('SIGKILL')
    // Neither can find out by itself before its minute is over, and it knows of no error.
    const told = { hangupReason: 'unknown_error', hangupParty: 'remote' }
    expect(await alice.ended(rung, 90_000)).toMatchObject(told)
    expect(await dave.ended(placed, 90_000)).toMatchObject(told)
    call.forget()
    await stage.server.run()
    await heard.ended(20_000)
    await stage.quiet()
    expect(await stage.records(rung)).toHaveLength(1)
    expect(await stage.records(placed)).toHaveLength(1)
    expect((await endings(rung)).map(({ type }) => type)).toEqual(['m.call.hangup'])
    const theirs = (await stage.reader(dave).callEvents(own, placed)).filter(({ sender }) => sender === stage.ghost())
    expect(theirs.map(({ type }) => type)).toEqual(['m.call.reject'])
  })

  test('Onhook for half a minute, with events waiting: the first call afterwards rings at once', async () => {
    await stage.server.signal('SIGKILL')
    await reader.send(room, 'm.room.message', { msgtype: 'm.text', body: 'anybody?' })
    // Synapse tries after 2, 4, 8, 16 and 32 s: for the last it would wait until a minute is over.
    await pause(35_000)
    await stage.server.run()
    const id = await alice.do('place', room)
    await stage.phone.incoming(10_000)
    await alice.do('hangup', id)
    await stage.quiet()
  })
})
