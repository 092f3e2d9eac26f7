/** Both call at once (glare), and events that come together. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { pause, until } from '../waiting.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { MatrixStage } from './stage.ts'

describeWith(['synapse'], 'Matrix events that cross', () => {
  let stage: MatrixStage
  let raw: RawUser
  let room: string
  beforeAll(async () => {
    stage = await MatrixStage.set()
    raw = await stage.raw('raw')
    room = await stage.room(raw)
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  async function invited(after: number): Promise<string> {
    const invite = await raw.event(
      'an invite of the ghost',
      room,
      ({ type, sender, origin_server_ts }) =>
        type === 'm.call.invite' && sender === stage.ghost() && origin_server_ts >= after,
    )
    return String(invite.content.call_id)
  }

  test('two invites cross, and the user’s call id is the lesser: ours is dropped, theirs is taken', async () => {
    const phone = await stage.call(raw)
    const ours = await invited(phone.at)
    const theirs = new RawCall(raw, room, { callId: '!' })
    const lesser = new RawCall(raw, room, { callId: `-${theirs.callId.slice(1)}${Date.now()}` })
    expect(lesser.callId < ours).toBe(true)
    await lesser.invite()
    await lesser.heard('answer')
    await phone.answered()
    // No ending is sent that a client could show as a missed call.
    expect((await raw.callEvents(room, ours)).filter(({ type }) => type === 'm.call.reject')).toEqual([])
    await lesser.hangup('user_hangup')
    expect(await phone.ended()).toMatchObject({ how: 'BYE' })
    await until('all to be over', async () => (await stage.server.live()).length === 0)
  })

  test('two invites cross, and ours is the lesser: ours goes on, theirs is never answered', async () => {
    const phone = await stage.call(raw)
    const ours = await invited(phone.at)
    const greater = new RawCall(raw, room, { callId: `~${Date.now()}` })
    await greater.invite()
    await pause(1500)
    expect(phone.state.name).toBe('ringing')
    expect((await greater.others('answer')).length).toBe(0)
    const call = new RawCall(raw, room, { callId: ours, party: 'DESK' })
    await call.answer()
    await phone.answered()
    phone.hangup()
    await call.heard('hangup')
    // Only one call was had.
    await stage.quiet()
  })

  const together = [
    {
      name: 'hangup',
      events: (call: RawCall) => [event(call, 'invite'), event(call, 'hangup', { reason: 'user_hangup' })],
    },
    {
      name: 'select_answer of another',
      events: (call: RawCall) => [event(call, 'invite'), event(call, 'select_answer', { selected_party_id: 'X' })],
    },
    {
      name: 'hangup before it',
      events: (call: RawCall) => [event(call, 'hangup', { reason: 'user_hangup' }), event(call, 'invite')],
    },
  ] as const

  test.for(together)('an invite and its $name in one transaction: nobody is rung (T6, T7)', async ({ events }) => {
    const call = new RawCall(raw, room)
    expect(await stage.transact(events(call))).toBe(200)
    await pause(1500)
    expect(stage.phone.calls).toEqual([])
    expect(await stage.server.live()).toEqual([])
  })

  test('an invite and the ghost’s own answer or reject in one transaction: nobody is rung', async () => {
    for (const kind of ['answer', 'reject']) {
      const call = new RawCall(raw, room)
      const own = {
        ...event(call, kind, { party_id: 'CONTROLLER', answer: { type: 'answer', sdp: 'v=0' } }),
        sender: stage.ghost(),
      }
      expect(await stage.transact([event(call, 'invite'), own])).toBe(200)
    }
    await pause(1500)
    expect(stage.phone.calls).toEqual([])
  })

  test('a hangup right after its invite, through the homeserver: no ringing is left', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const call = new RawCall(raw, room)
      await Promise.all([call.invite(), pause(10 * turn).then(() => call.hangup('user_hangup'))])
    }
    await pause(500)
    await stage.quiet()
    await until('the phone to be free', () => stage.phone.calls.length === 0)
  })

  let eventIds = 0
  function event(call: RawCall, kind: string, own: Readonly<Record<string, unknown>> = {}) {
    const offer = kind === 'invite' ? { lifetime: 60_000, offer: { type: 'offer', sdp: 'v=0\r\n' } } : {}
    return {
      event_id: `$crossing${eventIds++}`,
      room_id: call.room,
      sender: call.user.userId,
      type: `m.call.${kind}`,
      origin_server_ts: Date.now(),
      unsigned: { age: 5 },
      content: call.content({ ...offer, ...own }),
    }
  }
})
