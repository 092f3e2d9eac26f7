/** Each of the seven reasons, and what else clients write there: read, and produced. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import type { Device } from './device.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'
import { told } from './told.ts'

describeWith(['synapse'], 'the reasons of a Matrix hangup', () => {
  let stage: MatrixStage
  let raw: RawUser
  let alice: Device
  let rawRoom: string
  let aliceRoom: string
  beforeAll(async () => {
    stage = await MatrixStage.set({
      // Long enough that a machine that stalls ends no call by itself before the test does.
      settings: { sip: { media: { silenceSeconds: 15 } }, limits: { ringSeconds: 20 } },
    })
    raw = await stage.raw('raw')
    alice = await stage.node(await stage.synapse.register('alice'))
    rawRoom = await stage.room(raw)
    aliceRoom = await stage.room(alice)
  })
  afterAll(() => stage?.close())

  const answered = [
    { reason: 'user_hangup', cause: 'hangup', bye: ['Q.850;cause=16'] },
    { reason: undefined, cause: 'hangup', bye: ['Q.850;cause=16'] },
    { reason: 'userHangup', cause: 'hangup', bye: ['Q.850;cause=16'] },
    { reason: 'ice_failed', cause: 'media-failed', bye: ['Q.850;cause=41'] },
    { reason: 'ice_timeout', cause: 'media-lost', bye: ['Q.850;cause=102'] },
    { reason: 'user_media_failed', cause: 'capture-failed', bye: ['Q.850;cause=127'] },
    { reason: 'user_busy', cause: 'busy', bye: ['Q.850;cause=17'] },
    { reason: 'invite_timeout', cause: 'no-answer', bye: [expect.stringMatching(/./)] },
    { reason: 'unknown_error', cause: 'error', bye: ['Q.850;cause=41'] },
    { reason: 'the cat sat on it', cause: 'unknown', bye: [expect.stringMatching(/./)] },
  ] as const

  test.for(answered)('$reason ends an answered call: $cause', async ({ reason, cause, bye }) => {
    const call = new RawCall(raw, rawRoom)
    await call.invite()
    const ringing = await stage.phone.incoming()
    await ringing.answer()
    await call.heard('answer')
    await call.hangup(reason)
    const end = await ringing.ended()
    expect(end).toMatchObject({ by: 'them', how: 'BYE' })
    expect(end.reasons.map((text) => text.replace(/;text=.*/, ''))).toEqual(expect.arrayContaining([...bye]))
    const [record, ...more] = await stage.records(call.callId)
    expect(more).toEqual([])
    expect(record?.ending).toMatchObject({ cause, phase: 'answered' })
    // The raw word stays on the record.
    expect(JSON.stringify(record?.ending.raw?.value)).toContain(reason ?? 'm.call.hangup')
    await stage.quiet()
    // Whoever was told does not answer with a hangup of its own.
    expect((await call.others('hangup')).length).toBe(0)
  })

  const ringing = [
    { reason: 'user_hangup', cause: 'cancelled' },
    { reason: undefined, cause: 'cancelled' },
    { reason: 'invite_timeout', cause: 'no-answer' },
    { reason: 'user_media_failed', cause: 'capture-failed' },
    { reason: 'ice_failed', cause: 'media-failed' },
    { reason: 'unknown_error', cause: 'error' },
  ] as const

  test.for(ringing)('$reason withdraws a call that rings: $cause', async ({ reason, cause }) => {
    const call = new RawCall(raw, rawRoom)
    await call.invite()
    const heard = await stage.phone.incoming()
    await call.hangup(reason)
    expect(await heard.ended()).toMatchObject({ by: 'them', how: 'CANCEL' })
    const [record] = await stage.records(call.callId)
    expect(record?.ending).toMatchObject({ cause, phase: 'ringing' })
    await stage.quiet()
  })

  test('a js-sdk user who gives up before the answer sends no reason, and is understood (T3)', async () => {
    const id = await alice.do('place', aliceRoom)
    const heard = await stage.phone.incoming()
    await alice.do('hangup', id)
    expect(await heard.ended()).toMatchObject({ by: 'them', how: 'CANCEL' })
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: 'cancelled', actor: 'caller', phase: 'ringing' })
  })

  const refused = [
    { status: 486, reason: 'user_busy', cause: 'busy', says: 'busy' },
    { status: 600, reason: 'user_busy', cause: 'busy', says: 'busy everywhere' },
    { status: 603, reason: 'user_hangup', cause: 'declined', says: 'no' },
  ] as const

  test.for(refused)('a phone that is $says ($status) reaches the js-sdk caller: $reason (T1, T2)', async (row) => {
    const id = await alice.do('place', aliceRoom)
    const heard = await stage.phone.incoming()
    heard.refuse(row.status)
    expect(await alice.ended(id)).toMatchObject({ hangupReason: row.reason, hangupParty: 'remote' })
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: row.cause, actor: 'callee' })
  })

  test.for(told)('an answered call that ends with $cause tells the js-sdk user $reason', async ({ cause, reason }) => {
    const id = await alice.do('place', aliceRoom)
    const heard = await stage.phone.incoming()
    await heard.answer()
    await alice.state(id, 'connected')
    const [live] = await stage.server.live()
    await stage.server.post(`/api/calls/${live!.id}/end`, { cause })
    expect(await alice.ended(id)).toMatchObject({ hangupReason: reason, hangupParty: 'remote' })
    await heard.ended()
  })

  test('nobody answers the phone’s call: invite_timeout, once, and the phone hears no answer', async () => {
    const call = await stage.call(alice)
    const { callId: id } = await alice.ringing()
    expect(await call.ended(60_000)).toMatchObject({ by: 'them', how: 'refusal', status: 480 })
    expect(await alice.ended(id)).toMatchObject({ hangupReason: 'invite_timeout' })
    const hangups = (await alice.events()).filter(
      ({ type, content }) => type === 'm.call.hangup' && callIdOf(content) === id,
    )
    expect(hangups).toHaveLength(1)
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: 'no-answer', actor: 'timer', phase: 'ringing' })
  })

  test('a callee whose sound never comes up: ice_failed', async () => {
    const call = await stage.call(raw)
    const invite = await raw.event(
      'an invite',
      rawRoom,
      ({ type, sender, origin_server_ts }) =>
        type === 'm.call.invite' && sender === stage.ghost() && origin_server_ts > call.at,
    )
    const heard = new RawCall(raw, rawRoom, { callId: String(invite.content.call_id) })
    await heard.answer()
    await call.answered(20_000)
    expect((await heard.heard('hangup', 60_000)).content).toMatchObject({ reason: 'ice_failed', version: '1' })
    expect(await call.ended(20_000)).toMatchObject({ by: 'them', how: 'BYE' })
    const [record] = await stage.records(heard.callId)
    expect(record?.ending.cause).toBe('media-failed')
  })

  test('a client that is killed in the middle of a talk: ice_timeout', async () => {
    const bob = await stage.node(await stage.synapse.register('bob'))
    const room = await stage.room(bob)
    const id = await bob.do('place', room)
    const heard = await stage.phone.incoming()
    await heard.answer()
    heard.speak(hertz.sip)
    await bob.hears(id, hertz.sip)
    await heard.hears({ frequency: hertz.matrix }, 20_000)
    await bob.kill()
    expect(await heard.ended(60_000)).toMatchObject({ by: 'them', how: 'BYE' })
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: 'media-lost', phase: 'answered' })
    const reader = stage.reader(bob)
    await reader.event('the hangup', room, ({ type, content }) => type === 'm.call.hangup' && content.call_id === id)
    const said = (await reader.callEvents(room, id)).filter(({ type }) => type === 'm.call.hangup')
    expect(said.map(({ sender, content }) => [sender, content.reason])).toEqual([[stage.ghost(), 'ice_timeout']])
  })

  test('what is sent has exactly the fields that the specification names', async () => {
    const call = new RawCall(raw, rawRoom)
    await call.invite()
    const heard = await stage.phone.incoming()
    await heard.answer()
    await call.heard('answer')
    heard.hangup()
    const { content } = await call.heard('hangup')
    expect(Object.keys(content).sort()).toEqual(['call_id', 'party_id', 'reason', 'version'])
    expect(content).toMatchObject({ call_id: call.callId, version: '1', reason: 'user_hangup' })
    const answer = await call.heard('answer')
    expect(content.party_id).toBe(answer.content.party_id)
    expect(content.party_id).toMatch(/^[\w.~-]{8,255}$/)
  })
})

function callIdOf(content: unknown): unknown {
  return (content as { call_id?: unknown }).call_id
}
