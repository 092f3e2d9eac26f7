/** Who may end what: each row that a homeserver really lets through, and who must not be heard. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { IncomingCall } from '../../../src/testing/index.ts'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { MatrixStage } from './stage.ts'

describeWith(['synapse'], 'who ends a Matrix call', () => {
  let stage: MatrixStage
  let alice: RawUser
  let mallory: RawUser
  let room: string
  beforeAll(async () => {
    stage = await MatrixStage.set()
    alice = await stage.raw('alice')
    mallory = await stage.raw('mallory')
    room = await stage.room(alice)
    await alice.invite(room, mallory.userId)
    await mallory.join(room)
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  /** Alice has called the phone, and it rings; or talks. */
  async function inbound(state: 'ringing' | 'answered', party: ConstructorParameters<typeof RawCall>[2] = {}) {
    const call = new RawCall(alice, room, party)
    await call.invite()
    const phone = await stage.phone.incoming()
    if (state === 'answered') {
      await phone.answer()
      const answer = await call.heard('answer')
      await call.send('select_answer', { selected_party_id: answer.content.party_id ?? '' })
    }
    return { call, phone }
  }

  /** The phone has called Alice: her devices would ring now. */
  async function outbound() {
    const phone = await stage.call(alice)
    const invite = await alice.event(
      'an invite',
      room,
      ({ type, origin_server_ts, content }) =>
        type === 'm.call.invite' && origin_server_ts >= phone.at && typeof content.call_id === 'string',
    )
    return { phone, call: new RawCall(alice, room, { callId: String(invite.content.call_id), party: 'DESK' }) }
  }

  async function unmoved(phone: { state: IncomingCall['state'] }, state: string): Promise<void> {
    await pause(1500)
    expect(phone.state.name).toBe(state)
  }

  test('ringing here: nobody but the inviter, and the very same party', async () => {
    const { call, phone } = await inbound('ringing')
    await call.as(mallory, 'RAW').hangup('user_hangup')
    await call.as(mallory, 'OTHER').hangup('user_hangup')
    await call.as(alice, 'OTHER').hangup('user_hangup')
    await unmoved(phone, 'ringing')
    await call.hangup('user_hangup')
    expect(await phone.ended()).toMatchObject({ how: 'CANCEL' })
  })

  test('answered here: exactly the party that was chosen', async () => {
    const { call, phone } = await inbound('answered')
    await call.as(mallory, 'RAW').hangup('user_hangup')
    await call.as(alice, 'OTHER').hangup('user_hangup')
    await call.as(alice, null).hangup('user_hangup')
    await unmoved(phone, 'answered')
    await call.hangup('user_hangup')
    expect(await phone.ended()).toMatchObject({ how: 'BYE' })
    const [record, ...more] = await stage.records(call.callId)
    expect(more).toEqual([])
    expect(record?.ending.cause).toBe('hangup')
  })

  test('the ghost’s other controller has answered: answered elsewhere, and the phone is told so', async () => {
    const { call, phone } = await inbound('ringing')
    await stage.sayAs(stage.ghost(), room, 'm.call.answer', {
      ...call.content({ party_id: 'CONTROLLER' }),
      answer: { type: 'answer', sdp: 'v=0\r\n' },
    })
    const end = await phone.ended()
    expect(end).toMatchObject({ how: 'CANCEL' })
    expect(end.reasons.join()).toContain('SIP;cause=200')
    const [record] = await stage.records(call.callId)
    expect(record?.ending.cause).toBe('answered-elsewhere')
    expect(await call.others('hangup')).toEqual([])
  })

  test('the inviter has chosen another answer: answered elsewhere, and nothing is sent', async () => {
    const { call, phone } = await inbound('ringing')
    await call.send('select_answer', { selected_party_id: 'SOMEBODY' })
    const end = await phone.ended()
    expect(end.reasons.join()).toContain('SIP;cause=200')
    const [record] = await stage.records(call.callId)
    expect(record?.ending.cause).toBe('answered-elsewhere')
    await pause(500)
    expect(await call.others()).toEqual([])
  })

  test('a select_answer from somebody else is not heard', async () => {
    const { call, phone } = await inbound('ringing')
    await call.as(mallory, 'RAW').send('select_answer', { selected_party_id: 'SOMEBODY' })
    await unmoved(phone, 'ringing')
  })

  const refusals = [
    { reason: 'user_busy', cause: 'busy', status: 486 },
    { reason: 'user_hangup', cause: 'declined', status: 603 },
    { reason: undefined, cause: 'declined', status: 603 },
  ] as const
  test.for(refusals)('ringing there: a hangup of $reason refuses ($cause)', async ({ reason, cause, status }) => {
    const { call, phone } = await outbound()
    await call.hangup(reason)
    expect(await phone.ended()).toMatchObject({ how: 'refusal', status })
    const [record] = await stage.records(call.callId)
    expect(record?.ending).toMatchObject({ cause, actor: 'callee' })
  })

  test.for(['user_media_failed', 'ice_failed', 'unknown_error'])(
    'ringing there: a hangup of %s takes one device out, the others ring on',
    async (reason) => {
      const { call, phone } = await outbound()
      await call.hangup(reason)
      await unmoved(phone, 'ringing')
      await call.as(alice, 'POCKET').answer()
      await phone.answered()
      const selected = await call.heard('select_answer')
      expect(selected.content.selected_party_id).toBe('POCKET')
    },
  )

  test('ringing there: a third user ends nothing, and answers nothing', async () => {
    const { call, phone } = await outbound()
    for (const reason of ['user_hangup', 'user_busy', 'invite_timeout']) {
      await call.as(mallory, 'M').hangup(reason)
    }
    await call.as(mallory, 'M').send('reject')
    await call.as(mallory, 'M').answer()
    await unmoved(phone, 'ringing')
    await call.send('reject')
    expect(await phone.ended()).toMatchObject({ how: 'refusal', status: 603 })
  })

  test('a reject with a reason is that reason', async () => {
    const { call, phone } = await outbound()
    await call.send('reject', { reason: 'user_busy' })
    expect(await phone.ended()).toMatchObject({ how: 'refusal', status: 486 })
  })

  test('a reject after an answer that was chosen changes nothing', async () => {
    const { call, phone } = await outbound()
    await call.answer()
    await phone.answered()
    await call.heard('select_answer')
    await call.as(alice, 'POCKET').send('reject')
    await unmoved(phone, 'answered')
  })

  test('version 0: no party, no reason sent, refused by hangup, never by reject', async () => {
    const { call, phone } = await inbound('ringing', { version: 0, party: null })
    phone.refuse(486)
    const { content } = await call.heard('hangup')
    expect(content.version).toBe(0)
    expect(content.reason).toBeUndefined()
    expect((await call.others()).map(({ type }) => type)).toEqual(['m.call.hangup'])
  })

  test('version 0: the caller’s hangup needs no party', async () => {
    const { call, phone } = await inbound('answered', { version: 0, party: null })
    await call.hangup()
    expect(await phone.ended()).toMatchObject({ how: 'BYE' })
  })

  test.for([1, '2', 'org.matrix.1b'])('version %j is version 1', async (version) => {
    const { call, phone } = await inbound('answered', { version })
    await call.hangup('user_hangup')
    expect(await phone.ended()).toMatchObject({ how: 'BYE' })
  })

  test.for([1.5, true, [], {}, null])(
    'version %j is no version: the event is dropped, the call lives',
    async (version) => {
      const { call, phone } = await inbound('answered')
      // A homeserver lets no fraction through; the rest it carries.
      if (version !== 1.5) await alice.send(room, 'm.call.hangup', { ...call.content({}), version })
      await unmoved(phone, 'answered')
      await call.hangup('user_hangup')
      await phone.ended()
    },
  )

  test('a hangup that comes before its invite: the phone never rings', async () => {
    const call = new RawCall(alice, room)
    await call.hangup('user_hangup')
    await pause(300)
    await call.invite()
    await never()
  })

  test('somebody else’s hangup before the invite does not silence it', async () => {
    const call = new RawCall(alice, room)
    await call.as(mallory, 'M').hangup('user_hangup')
    await pause(300)
    await call.invite()
    await stage.phone.incoming()
    await call.hangup('user_hangup')
  })

  test('the same invite once more after the end does not ring (T10)', async () => {
    const { call, phone } = await inbound('ringing')
    await call.hangup('user_hangup')
    await phone.ended()
    await call.invite()
    await never()
    expect(await stage.records(call.callId)).toHaveLength(1)
  })

  test('an invite for somebody else is no call of ours, and is not answered', async () => {
    const call = new RawCall(alice, room)
    await call.invite({ invitee: mallory.userId })
    await never()
    expect(await call.others()).toEqual([])
  })

  test('the same call id in another room is another call', async () => {
    const { call, phone } = await inbound('answered')
    const second = await stage.room(alice)
    const other = new RawCall(alice, second, { callId: call.callId })
    await other.hangup('user_hangup')
    await unmoved(phone, 'answered')
    await call.hangup('user_hangup')
    await phone.ended()
  })

  test('the member leaves: the call ends, whoever’s it was', async () => {
    const bob = await stage.raw('bob')
    const own = await stage.room(bob)
    const call = new RawCall(bob, own)
    await call.invite()
    const phone = await stage.phone.incoming()
    await phone.answer()
    await call.heard('answer')
    await bob.leave(own)
    expect(await phone.ended()).toMatchObject({ by: 'them', how: 'BYE' })
    const [record] = await stage.records(call.callId)
    expect(record?.ending.cause).toBe('peer-gone')
  })

  test('the invitee leaves while it rings there: refused', async () => {
    const carol = await stage.raw('carol')
    const own = await stage.room(carol)
    const phone = await stage.call(carol)
    await carol.event('an invite', own, ({ type }) => type === 'm.call.invite')
    await carol.leave(own)
    expect(await phone.ended()).toMatchObject({ by: 'them', how: 'refusal' })
    await stage.quiet()
  })

  async function never(): Promise<void> {
    await pause(2000)
    expect(stage.phone.calls).toEqual([])
    await until('nothing to live', async () => (await stage.server.live()).length === 0)
  }
})
