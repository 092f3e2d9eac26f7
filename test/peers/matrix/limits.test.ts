/** A Synapse that limits our ghosts: what is said, in which order, and when; the wire between the two is read. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../programs.ts'
import { until } from '../waiting.ts'
import { RawCall } from './raw-call.ts'
import type { RawUser } from './raw-user.ts'
import { hertz, MatrixStage } from './stage.ts'
import { Tap } from './tap.ts'

/** Two events at once, then one in two seconds. */
const limit = { per_second: 0.5, burst_count: 2 }

describeWith(['synapse'], 'a homeserver that limits us', () => {
  let stage: MatrixStage
  let tap: Tap
  let alice: RawUser
  let room: string
  beforeAll(async () => {
    stage = await MatrixStage.set({
      synapse: { messages: limit },
      rateLimited: true,
      between: async (homeserver) => {
        tap = await Tap.open(homeserver)
        return tap.url
      },
    })
    alice = await stage.raw('alice')
    await stage.synapse.unlimit(alice.userId)
    room = await stage.room(alice)
  })
  afterAll(async () => {
    await stage?.close()
    tap?.close()
  })
  afterEach(async () => {
    await stage.endAll()
    obeyed()
  })

  /** Nothing waits any more. */
  const rested = () => until('nothing to wait', async () => (await stage.server.metric('onhook_outbox_events')) === 0)

  /** Uses the ghost's allowance up, again and again, until something of that kind had to wait for it. */
  async function starve(kind: string): Promise<void> {
    const before = limited(kind).length
    const text = { msgtype: 'm.text', body: 'x' }
    await until(`a limit for ${kind}`, async () => {
      await stage.sayAs(stage.ghost(), room, 'm.room.message', text).catch((error) => {
        if (!String(error).includes('429')) throw error
      })
      return limited(kind).length > before
    })
  }

  /** What the ghost said of a call, in order. */
  const said = async (callId: string) =>
    (await alice.callEvents(room, callId))
      .filter(({ sender }) => sender === stage.ghost())
      .map(({ type }) => type.replace('m.call.', ''))

  const limited = (kind = '') => tap.sends(room).filter(({ status, path }) => status === 429 && path.includes(kind))

  /** Nothing is said in the room before the time that the homeserver named is over. */
  function obeyed(): void {
    for (const { answered, retryAfter } of limited()) {
      expect(retryAfter).toBeGreaterThan(0)
      const next = tap.sends(room).find(({ at }) => at > answered)
      // Two clocks: the tap's, and the one of the alarm.
      if (next !== undefined) expect(next.at - answered).toBeGreaterThan(retryAfter! - 60)
    }
  }

  /** Alice calls, and the phone rings. */
  async function inbound() {
    const call = new RawCall(alice, room)
    await call.invite()
    return { call, phone: await stage.phone.incoming() }
  }

  /** A call that is answered; the ghost's candidates wait. */
  async function answeredWithoutCandidates() {
    const { call, phone } = await inbound()
    const answered = starve('answer')
    await phone.answer()
    await answered
    await call.heard('answer')
    await starve('candidates')
    return { call, phone }
  }

  const soleRecord = async (callId: string) => {
    const [record, ...more] = await stage.records(callId)
    expect(more).toEqual([])
    return record!
  }

  test('candidates must wait: a hangup is the next that is said, and they never are', async () => {
    const { call, phone } = await answeredWithoutCandidates()
    phone.hangup()
    await call.heard('hangup')
    await rested()
    expect(await said(call.callId)).toEqual(['answer', 'hangup'])
    expect((await soleRecord(call.callId)).ending).toMatchObject({ cause: 'hangup', actor: 'callee' })
  })

  test('the invite must wait, and the call is given up: nobody ever hears of it', async () => {
    const invites = async () => (await alice.timeline(room)).filter(({ type }) => type === 'm.call.invite').length
    const before = { invites: await invites(), records: (await stage.server.records()).length }
    const invited = starve('invite')
    const phone = await stage.call(alice)
    await invited
    phone.hangup()
    await stage.quiet()
    await rested()
    expect(await invites()).toBe(before.invites)
    const records = await stage.server.records()
    expect(records).toHaveLength(before.records + 1)
    expect(records[0]?.ending).toMatchObject({ cause: 'cancelled', actor: 'caller' })
  })

  test('what waits when the far end hangs up is never said', async () => {
    const { call, phone } = await answeredWithoutCandidates()
    await call.hangup('user_hangup')
    expect(await phone.ended()).toMatchObject({ by: 'them', how: 'BYE' })
    await rested()
    expect(await said(call.callId)).toEqual(['answer'])
    expect((await soleRecord(call.callId)).ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
  })

  test('the hangup must wait, and Onhook is killed meanwhile: the next life says it, once', async () => {
    const { call, phone } = await inbound()
    await phone.answer()
    await call.heard('answer')
    await rested()
    const hungUp = starve('hangup')
    phone.hangup()
    await hungUp
    await soleRecord(call.callId)
    await stage.server.signal('SIGKILL')
    // Nobody remembers what the homeserver asked of a process that is dead.
    tap.passed.length = 0
    await stage.server.run()
    expect((await call.heard('hangup')).content.reason).toBe('user_hangup')
    await rested()
    expect((await said(call.callId)).filter((kind) => kind === 'hangup')).toHaveLength(1)
    await soleRecord(call.callId)
  })

  test('a talk with a real client, begun without any allowance: both hear each other, and it ends once', async () => {
    const bob = await stage.node(await stage.synapse.register('bob'))
    await stage.synapse.unlimit(bob.userId)
    const own = await stage.room(bob)
    const id = await bob.do('place', own)
    const phone = await stage.phone.incoming()
    await phone.answer()
    await bob.state(id, 'connected')
    phone.speak(hertz.sip)
    await bob.hears(id, hertz.sip)
    await phone.hears({ frequency: hertz.matrix }, 20_000)
    phone.hangup()
    expect(await bob.ended(id)).toMatchObject({ hangupReason: 'user_hangup', hangupParty: 'remote' })
    await rested()
    const ended = (await stage.reader(bob).callEvents(own, id)).filter(({ type }) => type === 'm.call.hangup')
    expect(ended).toHaveLength(1)
    await soleRecord(id)
  })
})
