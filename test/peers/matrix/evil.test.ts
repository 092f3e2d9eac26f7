/** A homeserver that lies, stutters, or is somebody else: transactions as they are, straight to Onhook. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { patience, pause } from '../waiting.ts'
import { RawCall } from './raw-call.ts'
import { offerNobody, type RawUser } from './raw-user.ts'
import { MatrixStage } from './stage.ts'

describeWith(['synapse'], 'transactions of an evil homeserver', () => {
  let stage: MatrixStage
  let raw: RawUser
  let room: string
  let ids = 0
  beforeAll(async () => {
    stage = await MatrixStage.set()
    raw = await stage.raw('raw')
    room = await stage.room(raw)
    // The homeserver has heard of the ghost's coming before Onhook has heard that it has: its own events keep that order.
    const first = new RawCall(raw, room)
    await first.invite()
    await stage.phone.incoming(patience)
    await first.hangup('user_hangup')
    await stage.endAll()
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.endAll())

  const event = (call: RawCall, kind: string, own: Readonly<Record<string, unknown>> = {}, top: object = {}) => ({
    event_id: `$evil${ids++}`,
    room_id: call.room,
    sender: call.user.userId,
    type: `m.call.${kind}`,
    origin_server_ts: Date.now(),
    unsigned: { age: 5 },
    content: call.content({
      ...(kind === 'invite' ? { lifetime: 60_000, offer: { type: 'offer', sdp: offerNobody() } } : {}),
      ...own,
    }),
    ...top,
  })

  /** Of two invites the later one rings: the phone has heard of no other. */
  async function onlyTheNextRings(): Promise<void> {
    const next = new RawCall(raw, room)
    expect(await stage.transact([event(next, 'invite')])).toBe(200)
    await stage.phone.incoming(patience)
    expect(stage.phone.calls).toHaveLength(1)
    expect(await stage.transact([event(next, 'hangup', { reason: 'user_hangup' })])).toBe(200)
  }

  test('a wrong token is refused, and does nothing', async () => {
    const call = new RawCall(raw, room)
    expect(await stage.transact([event(call, 'invite')], { token: 'wrong' })).toBe(403)
    await onlyTheNextRings()
  })

  test('a transaction that comes again changes nothing; its events under another id neither', async () => {
    const call = new RawCall(raw, room)
    const invite = event(call, 'invite')
    expect(await stage.transact([invite], { id: 'again' })).toBe(200)
    const heard = await stage.phone.incoming()
    expect(await stage.transact([invite], { id: 'again' })).toBe(200)
    expect(await stage.transact([invite], { id: 'again-but-new' })).toBe(200)
    await pause(500)
    expect(stage.phone.calls).toHaveLength(1)
    const hangup = event(call, 'hangup', { reason: 'user_hangup' })
    for (const id of ['end', 'end', 'end-but-new']) expect(await stage.transact([hangup], { id })).toBe(200)
    expect(await heard.ended()).toMatchObject({ how: 'CANCEL' })
    await pause(500)
    expect(await stage.records(call.callId)).toHaveLength(1)
    expect(stage.phone.calls).toEqual([])
  })

  test('a transaction that comes again after kill -9 rings nobody', async () => {
    const call = new RawCall(raw, room)
    const invite = event(call, 'invite')
    expect(await stage.transact([invite], { id: 'killed' })).toBe(200)
    const heard = await stage.phone.incoming()
    await stage.server.signal('SIGKILL')
    await stage.server.run()
    expect(await stage.transact([invite], { id: 'killed' })).toBe(200)
    expect(await stage.transact([invite], { id: 'killed-but-new' })).toBe(200)
    await pause(1000)
    expect(await stage.server.live()).toEqual([])
    expect(await stage.records(call.callId)).toHaveLength(1)
    heard.hangup()
  })

  test('events of any shape are taken, and the call after them works', async () => {
    const call = new RawCall(raw, room)
    const poison: unknown[] = [
      null,
      1,
      'text',
      [],
      {},
      { type: 'm.call.invite' },
      { type: 'm.call.hangup', content: null, room_id: room, sender: raw.userId, event_id: '$p1' },
      { type: 'm.call.hangup', content: { call_id: 7 }, room_id: room, sender: raw.userId, event_id: '$p2' },
      { type: 7, content: {}, room_id: {}, sender: [], event_id: null },
      event(call, 'invite', { offer: { type: 'offer', sdp: 'no description at all' } }, { room_id: '!nowhere:else' }),
      event(call, 'candidates', { candidates: 'none' }),
      event(call, 'negotiate', { description: null, lifetime: -1 }),
      event(call, 'invite', { lifetime: 'long' }, { room_id: '!nowhere:else' }),
      { ...event(call, 'hangup'), content: { call_id: '__proto__', version: '1', party_id: 'constructor' } },
      event(call, 'hangup', { reason: { deep: ['structure'] } }, { room_id: '!nowhere:else' }),
      { ...event(call, 'hangup'), origin_server_ts: 'yesterday', unsigned: 'none' },
    ]
    expect(await stage.transact(poison)).toBe(200)
    await stage.endAll()
    const next = new RawCall(raw, room)
    expect(await stage.transact([event(next, 'invite')])).toBe(200)
    await stage.phone.incoming()
    expect(await stage.transact([event(next, 'hangup', { reason: 'user_hangup' })])).toBe(200)
    await stage.quiet()
  })

  const stale = [
    { name: 'older than its lifetime, by its age', top: { unsigned: { age: 61_000 } } },
    { name: 'with two seconds left', top: { unsigned: { age: 58_500 } } },
    {
      name: 'without age, older by the homeserver’s clock',
      top: { unsigned: {}, origin_server_ts: Date.now() - 120_000 },
    },
  ] as const
  test.for(stale)('an invite $name does not ring', async ({ top }) => {
    const call = new RawCall(raw, room)
    expect(await stage.transact([event(call, 'invite', {}, top)])).toBe(200)
    await onlyTheNextRings()
  })

  test('an invite without age and time rings, and for its lifetime', async () => {
    const call = new RawCall(raw, room)
    // Long enough to ring at all where the disk stalls.
    const invite = event(call, 'invite', { lifetime: 15_000 }, { unsigned: {}, origin_server_ts: undefined })
    expect(await stage.transact([invite])).toBe(200)
    const heard = await stage.phone.incoming(patience)
    expect(await heard.ended(patience)).toMatchObject({ by: 'them', how: 'CANCEL' })
    const [record] = await stage.records(call.callId)
    expect(record?.ending.cause).toBe('no-answer')
  })

  test('a body that is no JSON, or none of a transaction, is refused and forgotten', async () => {
    for (const body of ['{', '[]', '{"events":7}', '']) {
      const answer = await fetch(`${stage.serviceUrl}/_matrix/app/v1/transactions/bad${ids++}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${stage.tokens.hs}`, 'content-type': 'application/json' },
        body,
      })
      expect(answer.status, body).toBeGreaterThanOrEqual(200)
      expect(answer.status, body).toBeLessThan(500)
    }
    expect(await stage.server.readiness()).toBe(200)
  })
})
