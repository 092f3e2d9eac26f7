/** One user with several devices, and a call that each of them hears of. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import type { Device } from './device.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'

describeWith(['synapse'], 'the devices of a Matrix user', () => {
  let stage: MatrixStage
  let desk: Device
  let pocket: Device
  let reader: RawUser
  let room: string
  beforeAll(async () => {
    stage = await MatrixStage.set()
    const account = await stage.synapse.register('alice')
    desk = await stage.node(account)
    pocket = await stage.node(await stage.synapse.login(account))
    reader = stage.reader(desk)
    room = await stage.room(desk)
    // A device that has not heard of the room yet would not ring.
    for (const device of [desk, pocket])
      await until('it to know the room', () => device.do('knows', room, stage.ghost()))
  })
  afterAll(() => stage?.close())

  const kinds = async (callId: string) =>
    (await reader.callEvents(room, callId))
      .filter(({ type }) => type !== 'm.call.candidates')
      .map(({ type, sender }) => `${sender === reader.userId ? 'user' : 'ghost'} ${type.slice('m.call.'.length)}`)

  test('one answers: the other hears that it was answered elsewhere, and talks to nobody', async () => {
    const call = await stage.call(desk)
    const { callId: id } = await desk.ringing()
    expect((await pocket.ringing()).callId).toBe(id)
    await pocket.do('answer', id)
    await call.answered()
    expect(await desk.ended(id)).toMatchObject({ hangupReason: 'answered_elsewhere' })
    await pocket.state(id, 'connected')
    call.speak(hertz.sip)
    await pocket.hears(id, hertz.sip)
    expect(await kinds(id)).toEqual(['ghost invite', 'user answer', 'ghost select_answer'])
    call.hangup()
    await pocket.ended(id)
    const [record, ...more] = await stage.records(id)
    expect(more).toEqual([])
    expect(record?.ending).toMatchObject({ cause: 'hangup', actor: 'caller', phase: 'answered' })
    expect(await kinds(id)).toEqual(['ghost invite', 'user answer', 'ghost select_answer', 'ghost hangup'])
  })

  test('one declines: the other stops, the reject is acknowledged, and the phone hears 603', async () => {
    const call = await stage.call(desk)
    const { callId: id } = await desk.ringing()
    await pocket.ringing()
    await pocket.do('reject', id)
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 603 })
    await desk.ended(id)
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: 'declined', actor: 'callee', phase: 'ringing' })
    const selected = await reader.event(
      'a select_answer',
      room,
      ({ type, content }) => type === 'm.call.select_answer' && content.call_id === id,
    )
    expect(await kinds(id)).toEqual(['ghost invite', 'user reject', 'ghost select_answer'])
    expect(selected.content.selected_party_id).toBe(pocket.account.deviceId)
  })

  test('the phone gives up: both stop, with one hangup', async () => {
    const call = await stage.call(desk)
    const { callId: id } = await desk.ringing()
    await pocket.ringing()
    call.hangup()
    await desk.ended(id)
    await pocket.ended(id)
    expect(await kinds(id)).toEqual(['ghost invite', 'ghost hangup'])
    const [record] = await stage.records(id)
    expect(record?.ending).toMatchObject({ cause: 'cancelled', actor: 'caller', phase: 'ringing' })
  })

  test('one of them calls: the other’s events mean nothing to the call', async () => {
    const id = await desk.do('place', room)
    const heard = await stage.phone.incoming()
    await heard.answer()
    await desk.state(id, 'connected')
    await new RawCall(reader, room, { callId: id, party: 'ANOTHER' }).hangup('user_hangup')
    await pause(1500)
    expect(heard.state.name).toBe('answered')
    expect((await desk.call(id)).state).toBe('connected')
    await desk.do('hangup', id)
    expect(await heard.ended()).toMatchObject({ how: 'BYE' })
    await stage.quiet()
  })

  test('two answer: the first that the room saw wins, and the second is let go without a word of its own', async () => {
    const call = await stage.call(desk)
    const { callId: id } = await desk.ringing()
    await pocket.ringing()
    await Promise.all([desk.do('answer', id), pocket.do('answer', id)])
    await call.answered()
    const selected = await reader.event(
      'a select_answer',
      room,
      ({ type, content }) => type === 'm.call.select_answer' && content.call_id === id,
    )
    const [winner, loser] =
      selected.content.selected_party_id === desk.account.deviceId ? [desk, pocket] : [pocket, desk]
    await winner.state(id, 'connected')
    expect(await loser.ended(id)).toMatchObject({ hangupReason: 'answered_elsewhere' })
    call.hangup()
    await winner.ended(id)
    await stage.quiet()
    expect(await stage.records(id)).toHaveLength(1)
  })
})
