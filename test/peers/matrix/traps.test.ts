/** What clients get wrong, replayed from the other side: Onhook does the right thing where they do not. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { heldAsk, holdAsk } from '../../../src/networks/matrix/held-events.ts'
import { createHomeserver } from '../../../src/networks/matrix/homeserver.ts'
import { describeWith } from '../programs.ts'
import { pause } from '../waiting.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { MatrixStage } from './stage.ts'

describeWith(['synapse'], 'the traps of Matrix clients', () => {
  let stage: MatrixStage
  let dart: RawUser
  let room: string
  /** A party id as the Dart SDK makes it: outside the grammar. */
  const party = 'q83vEjRWeJCrze8BI0VniQ+/=='
  beforeAll(async () => {
    stage = await MatrixStage.set()
    dart = await stage.raw('dart')
    room = await stage.room(dart)
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  async function talking() {
    const call = new RawCall(dart, room, { party })
    await call.invite({ capabilities: { 'm.call.transferee': false, 'm.call.dtmf': true } })
    const phone = await stage.phone.incoming()
    await phone.answer()
    const answer = await call.heard('answer')
    await call.send('select_answer', { selected_party_id: answer.content.party_id ?? '' })
    return { call, phone }
  }

  test('what is held under a name keeps its id, also once it was said: the next life of ours says it no second time (MSC4140)', async () => {
    const homeserver = createHomeserver({ url: stage.synapse.url, asToken: { reveal: () => stage.tokens.as } })
    const as = stage.ghost()
    const ask = holdAsk({
      room,
      as,
      txn: randomUUID(),
      type: 'm.room.message',
      content: { msgtype: 'm.notice', body: 'held' },
    })
    const held = async () => {
      const reply = await homeserver.ask(ask)
      return reply.result === 'ok' ? `${reply.body.delay_id}` : reply.result
    }
    const say = (id: string) => homeserver.ask(heldAsk(id, as, 'send'))
    const id = await held()
    expect(await held()).toBe(id)
    expect(await say(id)).toMatchObject({ result: 'ok' })
    expect(await held()).toBe(id)
    expect(await say(id)).toMatchObject({ result: 'refused', status: 404 })
    expect((await dart.timeline(room)).filter(({ content }) => content.body === 'held')).toHaveLength(1)
    await homeserver.close()
  })

  test('D1: `userHangup` is a person who hung up', async () => {
    const { call, phone } = await talking()
    await call.hangup('userHangup')
    expect(await phone.ended()).toMatchObject({ how: 'BYE' })
    const [record] = await stage.records(call.callId)
    expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
    expect(JSON.stringify(record?.ending.raw)).toContain('userHangup')
  })

  test('D2: a hangup that is answered with a hangup makes no loop and no second record', async () => {
    const { call, phone } = await talking()
    phone.hangup()
    await call.heard('hangup')
    await call.hangup('userHangup')
    await call.hangup('userHangup')
    await pause(1500)
    expect(await call.others('hangup')).toHaveLength(1)
    expect(await stage.records(call.callId)).toHaveLength(1)
  })

  test('D1, T14: a hangup of both at once is one ending', async () => {
    const { call, phone } = await talking()
    phone.hangup()
    await call.hangup('userHangup')
    await phone.ended()
    await stage.quiet()
    expect(await stage.records(call.callId)).toHaveLength(1)
    expect((await call.others('hangup')).length).toBeLessThanOrEqual(1)
  })

  test('T5: an unrelated member’s hangup while it rings ends nothing', async () => {
    const other = await stage.raw('other')
    await dart.invite(room, other.userId)
    await other.join(room)
    const call = new RawCall(dart, room, { party })
    await call.invite()
    const phone = await stage.phone.incoming()
    await call.as(other, 'X').hangup('user_hangup')
    await pause(1000)
    expect(phone.state.name).toBe('ringing')
    await call.hangup('userHangup')
    await phone.ended()
    await other.leave(room)
  })

  test('T4: a hangup for a call that never was makes no record, and silences nothing', async () => {
    const ghostCall = new RawCall(dart, room, { party })
    await ghostCall.hangup('user_hangup')
    await pause(1000)
    expect(
      (await stage.server.records()).filter(({ legs }) =>
        legs.some(({ ids }) => Object.values(ids).includes(ghostCall.callId)),
      ),
    ).toEqual([])
    const { call, phone } = await talking()
    await call.hangup('userHangup')
    await phone.ended()
  })

  test('T8: a reject that we chose is acknowledged with select_answer', async () => {
    const phone = await stage.call(dart)
    const invite = await dart.event(
      'an invite',
      room,
      ({ type, sender, origin_server_ts }) =>
        type === 'm.call.invite' && sender === stage.ghost() && origin_server_ts >= phone.at,
    )
    const call = new RawCall(dart, room, { callId: String(invite.content.call_id), party })
    await call.send('reject')
    expect(await phone.ended()).toMatchObject({ how: 'refusal', status: 603 })
    expect((await call.heard('select_answer')).content.selected_party_id).toBe(party)
  })

  test('D8, T12: `replaced` ends as superseded, whoever says it', async () => {
    const { call, phone } = await talking()
    await call.hangup('replaced')
    await phone.ended()
    const [record] = await stage.records(call.callId)
    expect(record?.ending.cause).toBe('superseded')
  })

  test('a negotiate of somebody else, of another party, or past its lifetime is not answered', async () => {
    const { call, phone } = await talking()
    const description = { type: 'offer', sdp: 'v=0\r\n' }
    await call.as(dart, 'OTHER').send('negotiate', { description, lifetime: 10_000 })
    await pause(1000)
    expect(await call.others('negotiate')).toEqual([])
    expect(phone.state.name).toBe('answered')
    await call.hangup('userHangup')
    await phone.ended()
    await call.send('negotiate', { description, lifetime: 10_000 })
    await pause(1000)
    expect(await call.others('negotiate')).toEqual([])
  })

  test('the end marker is always sent, as bridges need it', async () => {
    const { call } = await talking()
    const marked = (content: Readonly<Record<string, unknown>>) =>
      (content.candidates as { candidate: string }[]).some(({ candidate }) => candidate === '')
    const found = await dart.event(
      'the end marker',
      room,
      ({ type, sender, content }) =>
        type === 'm.call.candidates' && sender === stage.ghost() && content.call_id === call.callId && marked(content),
    )
    expect(found).toBeTruthy()
  })

  test('an encrypted room: the user is told that calls do not work there', async () => {
    const eve = await stage.raw('eve')
    const secret = await eve.createRoom([stage.ghost()], { encrypted: true })
    const notice = await eve.event(
      'a word of explanation',
      secret,
      ({ type, sender }) => type === 'm.room.message' && sender !== eve.userId,
    )
    expect(notice.content).toMatchObject({ msgtype: 'm.notice' })
    expect(String(notice.content.body)).toMatch(/encrypt/i)
  })
})
