/** kill -9 before there is a talk: between the invite and the answer, and between the answer and the first sound. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'

describeWith(['synapse'], 'kill -9 while Matrix calls are connecting', () => {
  let stage: MatrixStage
  const users: Record<'raw' | 'dart' | 'eve', { user: RawUser; room: string }> = Object.create(null)
  beforeAll(async () => {
    // Longer than a homeserver takes to come back.
    stage = await MatrixStage.set({ settings: { sip: { media: { silenceSeconds: 20 } } } })
    for (const name of ['raw', 'dart', 'eve'] as const) {
      const user = await stage.raw(name)
      users[name] = { user, room: await stage.room(user) }
    }
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  /** A user without a client, whom ICE never finds, calls the phone, which rings. */
  async function inbound(name: keyof typeof users) {
    const call = new RawCall(users[name].user, users[name].room)
    await call.invite()
    return { call, phone: await stage.phone.incoming() }
  }

  /** The phone calls such a user, who has the invite. */
  async function outbound(name: keyof typeof users) {
    const { user, room } = users[name]
    const phone = await stage.call(user)
    const invite = await user.event(
      'an invite',
      room,
      ({ type, sender, origin_server_ts }) =>
        type === 'm.call.invite' && sender === stage.ghost() && origin_server_ts >= phone.at,
    )
    return { phone, call: new RawCall(user, room, { callId: String(invite.content.call_id) }) }
  }

  /** All that the ghost said to end a call; and of its records, why it ended. */
  async function endingsOf(call: RawCall) {
    const said = (await call.others()).filter(({ type }) => type === 'm.call.hangup' || type === 'm.call.reject')
    return {
      said: said.map(({ type, content }) => [type.slice('m.call.'.length), content.reason].filter(Boolean).join(' ')),
      records: (await stage.records(call.callId)).map(({ ending }) => ending.cause),
    }
  }

  /** Nothing lives or rings any more, anywhere of ours. */
  async function over(): Promise<void> {
    await stage.quiet()
    await until('the phone to be free', () => stage.phone.calls.length === 0)
    // What would be said twice would have been said by now.
    await pause(1_500)
  }

  test('Onhook, between the invite and the answer: what happens meanwhile comes too late, and everybody is let go', async () => {
    const answered = await inbound('raw')
    const givenUp = await inbound('dart')
    const rung = await outbound('eve')
    await stage.server.signal('SIGKILL')
    const answering = answered.phone.answer().catch(() => {})
    await givenUp.call.hangup('user_hangup')
    await rung.call.answer()
    await stage.server.run()
    await rung.call.heard('hangup')
    await answered.phone.ended(30_000)
    await givenUp.phone.ended(30_000)
    await answering
    // Nobody is left to tell the phone, which has no answer to its INVITE: it gives up by itself.
    rung.phone.forget()
    await over()
    const restarted = { records: ['restarted'] }
    expect(await endingsOf(answered.call)).toEqual({ ...restarted, said: ['reject unknown_error'] })
    expect(await endingsOf(givenUp.call)).toEqual({ ...restarted, said: ['reject unknown_error'] })
    expect(await endingsOf(rung.call)).toEqual({ ...restarted, said: ['hangup unknown_error'] })
    expect(await rung.call.others('select_answer')).toEqual([])
  })

  test('Onhook, between the answer and any sound: both ends are told, once', async () => {
    const came = await inbound('raw')
    await came.phone.answer()
    await came.call.heard('answer')
    const went = await outbound('eve')
    await went.call.answer()
    await went.phone.answered()
    await went.call.heard('select_answer')
    await stage.server.signal('SIGKILL')
    await stage.server.run()
    for (const { phone, call } of [came, went]) {
      expect(await phone.ended(30_000)).toMatchObject({ by: 'them', how: 'BYE' })
      await call.heard('hangup')
    }
    await over()
    for (const { call } of [came, went]) {
      expect(await endingsOf(call)).toEqual({ records: ['restarted'], said: ['hangup unknown_error'] })
    }
  })

  test('the homeserver: what was to be said is said when it is back, and a call that was answered is a talk', async () => {
    const alice = await stage.node(await stage.synapse.register('alice'))
    const room = await stage.room(alice)
    const refused = await inbound('raw')
    const givenUp = await outbound('dart')
    const answered = await outbound('eve')
    const id = await alice.do('place', room)
    const phone = await stage.phone.incoming()
    await answered.call.answer()
    await stage.synapse.kill()
    await phone.answer()
    refused.phone.refuse(486)
    givenUp.phone.hangup()
    answered.phone.hangup()
    await stage.synapse.run()
    await alice.state(id, 'connected')
    phone.speak(hertz.sip)
    await alice.hears(id, hertz.sip)
    phone.hangup()
    await alice.ended(id)
    await refused.call.heard('reject')
    await givenUp.call.heard('hangup')
    await answered.call.heard('hangup')
    await over()
    expect(await endingsOf(refused.call)).toEqual({ records: ['busy'], said: ['reject user_busy'] })
    expect(await endingsOf(givenUp.call)).toEqual({ records: ['cancelled'], said: ['hangup user_hangup'] })
    expect(await endingsOf(new RawCall(stage.reader(alice), room, { callId: id }))).toEqual({
      records: ['hangup'],
      said: ['hangup user_hangup'],
    })
    // Whether the answer came through before the homeserver died, nobody can say; if it was chosen, then before the end.
    const { records, said } = await endingsOf(answered.call)
    expect(said).toEqual(['hangup user_hangup'])
    expect([['hangup'], ['cancelled']]).toContainEqual(records)
    const kinds = (await answered.call.others()).map(({ type }) => type.slice('m.call.'.length))
    expect(kinds.filter((kind) => kind !== 'candidates').at(-1)).toBe('hangup')
    expect(kinds.includes('select_answer')).toBe(records[0] === 'hangup')
  })

  test('the client, as it calls, before it hears the answer, and as it answers: lifetime and silence end the calls', async () => {
    const devices = await Promise.all(
      ['bob', 'carol'].map(async (name) => {
        const device = await stage.node(await stage.synapse.register(name))
        return { device, room: await stage.room(device) }
      }),
    )
    const [bob, carol] = [devices[0]!, devices[1]!]
    // Onhook knows of a room only once its own join is answered.
    await pause(500)
    const went = await stage.call(bob.device)
    const { callId: answering } = await bob.device.ringing()
    await bob.device.do('answer', answering)
    const reader = stage.reader(bob.device)
    await reader.event(
      'the answer',
      bob.room,
      ({ type, sender }) => type === 'm.call.answer' && sender === reader.userId,
    )
    await bob.device.kill()
    const calling = await carol.device.do('place', carol.room)
    const came = await stage.phone.incoming()
    await carol.device.kill()
    await came.answer()
    await went.answered()
    // Of a client that died as it called nothing more is ever heard.
    const call = new RawCall(users.raw.user, users.raw.room)
    await call.invite({ lifetime: 8_000 })
    const rung = await stage.phone.incoming()
    expect(await rung.ended(30_000)).toMatchObject({ by: 'them', how: 'CANCEL' })
    for (const phone of [went, came]) expect(await phone.ended(60_000)).toMatchObject({ by: 'them', how: 'BYE' })
    await over()
    expect(await endingsOf(call)).toEqual({ records: ['no-answer'], said: [] })
    for (const [{ device, room }, callId] of [
      [bob, answering],
      [carol, calling],
    ] as const) {
      const { records, said } = await endingsOf(new RawCall(stage.reader(device), room, { callId }))
      expect([['media-failed'], ['media-lost']]).toContainEqual(records)
      expect(said).toHaveLength(1)
      expect(said[0]).toBe(records[0] === 'media-lost' ? 'hangup ice_timeout' : 'hangup ice_failed')
    }
  })
})
