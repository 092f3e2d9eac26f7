/** Both call at once: one call goes on, the same one for both, and nothing of the other is ever shown. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Input } from '../../../src/call/input.ts'
import { parseCallEvent } from '../../../src/dialects/matrix/index.ts'
import type { MatrixDesk } from '../../../src/networks/matrix/desk.ts'
import { Exchange } from '../../../src/networks/matrix/exchange.ts'
import type { Ask, Reply } from '../../../src/networks/matrix/homeserver.ts'
import { IncomingLeg } from '../../../src/networks/matrix/incoming.ts'
import { GhostNames } from '../../../src/networks/matrix/names.ts'
import { Outbox } from '../../../src/networks/matrix/outbox/outbox.ts'
import { OutgoingLeg } from '../../../src/networks/matrix/outgoing.ts'
import type { Session } from '../../../src/networks/matrix/session/state.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { QuietPeer } from './house.ts'
import { room, view } from './values.ts'

type Said = Readonly<{ type: string; content: Record<string, unknown> }>

/** Milliseconds, and what fails, of one side. */
type Course = Readonly<{
  /** Until the room is found. */
  search: number
  /** How long each request takes. */
  sending: number
  /** Until an event of the room arrives. */
  arriving: number
  /** What the first requests come to. */
  trouble: readonly Reply[]
}>

/** The ghost of one application service, who calls somebody; and what it says in the room. */
class Side {
  readonly inputs: Input[] = []
  readonly announced: Session[] = []
  readonly said: Said[] = []
  readonly exchange: Exchange
  readonly #desk: MatrixDesk
  readonly #clock: VirtualClock
  readonly #course: Course
  readonly legs: OutgoingLeg[] = []
  readonly rung: IncomingLeg[] = []
  #requests = 0

  constructor(clock: VirtualClock, prefix: string, course: Course, post: (said: Said, sender: string) => void) {
    this.#clock = clock
    this.#course = course
    const names = new GhostNames(prefix, 'hs')
    const after = (milliseconds: number) =>
      new Promise<void>((resolve) => void clock.alarm(clock.now() + milliseconds, resolve))
    const ask = async ({ path, body, as = '' }: Ask): Promise<Reply> => {
      await after(course.sending)
      const trouble = course.trouble[this.#requests++]
      if (trouble !== undefined) return trouble
      const said = { type: decodeURIComponent(path.split('/').at(-2) ?? ''), content: body as Said['content'] }
      this.said.push(said)
      post(said, as)
      return { result: 'ok', body: {} }
    }
    const outbox = new Outbox({
      homeserver: { ask, close: async () => {} },
      clock,
      memory: { all: async () => [], commit: async () => {} },
      onSettled() {},
      onFault: (fault) => {
        throw fault
      },
    })
    this.exchange = new Exchange({
      names,
      serverName: 'hs',
      trustServerClock: false,
      ghostsIn: () => [],
      admits: () => true,
      unheard: (where, callId) => outbox.unheard(where, callId),
      announce: (session) => {
        this.announced.push(session)
        const leg = new IncomingLeg(this.#desk, `rings ${session.callId}`, session)
        leg.reporter.call = `rings ${session.callId}`
        this.exchange.add(leg.live)
        this.rung.push(leg)
      },
      ignored() {},
    })
    this.#desk = {
      clock,
      switchboard: {
        dispatch: (_call: string, input: Input) => this.#happened(input),
        remember: async () => {},
        answering() {},
      },
      media: { peer: async () => new QuietPeer() },
      servers: () => [],
      outbox,
      rooms: {
        direct: async () => {
          await after(course.search)
          return { ok: true, room }
        },
        forget() {},
      },
      exchange: this.exchange,
      deadMen: { set: () => ({ id: () => undefined, defuse() {} }) },
      names,
      ignored() {},
      onFault: (fault: unknown) => {
        throw fault
      },
    } as unknown as MatrixDesk
  }

  /** As the heart: what the network did not hear on the wire, it is to tell. */
  #happened(input: Input): void {
    this.inputs.push(input)
    if (input.type !== 'end' || input.heard === 'wire') return
    for (const leg of this.legs) if (leg.reporter.leg === input.leg) leg.tell(view(input.reason.cause))
  }

  begin(from: string, to: string, name = `leg ${from}`): void {
    const leg = new OutgoingLeg(this.#desk, name, { network: 'matrix', to, from })
    leg.reporter.call = name
    this.legs.push(leg)
    leg.offer()
  }

  /** An event of the other side arrives, in a transaction of its own. */
  hear({ type, content }: Said, sender: string): void {
    this.#clock.alarm(this.#clock.now() + this.#course.arriving, () => {
      const event = { type, content, sender, room_id: room, event_id: '$', origin_server_ts: 0, unsigned: { age: 0 } }
      const parsed = parseCallEvent(event)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
      this.exchange.event(parsed.value, this.#clock.now())
      this.exchange.settle(this.#clock.now())
    })
  }

  get trouble(): readonly Reply[] {
    return this.#course.trouble
  }

  get talksIn(): string | undefined {
    const live = this.legs[0]?.people[0]?.live?.session
    return live?.stage.name === 'talking' ? live.callId : undefined
  }

  saidOf(type: string): unknown[] {
    return this.said.filter((each) => each.type === type).map(({ content }) => content.call_id)
  }
}

const limited: Reply = { result: 'limited', after: 700 }
const away: Reply = { result: 'away', detail: 'reset', arrived: 'uncertain' }
const course: fc.Arbitrary<Course> = fc.record({
  search: fc.nat(1_500),
  sending: fc.integer({ min: 1, max: 600 }),
  arriving: fc.integer({ min: 1, max: 600 }),
  trouble: fc.array(fc.constantFrom(limited, away), { maxLength: 2 }),
})

async function cross(one: Course, two: Course) {
  const clock = new VirtualClock(1)
  const a: Side = new Side(clock, 'a_', one, (said, sender) => b.hear(said, sender))
  const b: Side = new Side(clock, 'b_', two, (said, sender) => a.hear(said, sender))
  a.begin('1', '@b_2:hs')
  b.begin('2', '@a_1:hs')
  await clock.pass(60_000)
  return { a, b }
}

test('P1: whatever the order, both sides agree on one call, which is answered once and rings nobody', async () => {
  await fc.assert(
    fc.asyncProperty(course, course, async (one, two) => {
      const { a, b } = await cross(one, two)
      expect(a.talksIn).toBeDefined()
      expect(b.talksIn).toBe(a.talksIn)
      const talking = a.talksIn
      expect([...a.saidOf('m.call.answer'), ...b.saidOf('m.call.answer')]).toEqual([talking])
      for (const side of [a, b]) {
        expect(side.inputs.filter(({ type }) => type === 'answered')).toHaveLength(1)
        expect(side.inputs.filter(({ type }) => type === 'end' || type === 'branch-ended')).toEqual([])
        // A call of ours that was dropped is ended in the room, if and only if it may have been heard of there.
        const dropped = side.saidOf('m.call.invite').filter((call) => call !== talking)
        const ended = side.saidOf('m.call.hangup')
        if (side.trouble.includes(away)) expect(ended.length).toBeGreaterThanOrEqual(dropped.length)
        else expect(ended).toEqual(dropped)
        expect(ended.length).toBeLessThanOrEqual(1)
        expect(ended).not.toContain(talking)
        expect(side.saidOf('m.call.reject')).toEqual([])
      }
      // Neither rings as a call of its own: there is nothing to be missed.
      expect([...a.announced, ...b.announced]).toEqual([])
    }),
    { numRuns: 150 },
  )
}, 60_000)

const spokenBy = ({ said }: Side) => said.map(({ type }) => type).filter((type) => type !== 'm.call.candidates')

const still: Course = { search: 1, sending: 10, arriving: 10, trouble: [] }

test('a call of ours that waits for its room is dropped with no event', async () => {
  const { a, b } = await cross({ ...still, search: 5_000 }, still)
  expect(spokenBy(a)).toEqual(['m.call.answer'])
  expect(a.talksIn).toBe(b.talksIn)
})

test('a call of ours whose invite waits in the outbox is dropped with no event, whatever its name', async () => {
  for (let turn = 0; turn < 8; turn++) {
    const { a, b } = await cross({ ...still, trouble: [{ result: 'limited', after: 5_000 }] }, still)
    expect(spokenBy(a)).toEqual(['m.call.answer'])
    expect(a.talksIn).toBe(b.talksIn)
  }
})

const talks = ({ legs }: Side) =>
  legs.flatMap(({ people: [person] }) => {
    const session = person?.live?.session
    return session?.stage.name === 'talking' ? [session.callId] : []
  })

test('P1: two calls to one person, and theirs crosses: of each pair the lesser goes on, and no ringing is left that nobody makes', async () => {
  const delay = fc.nat(3_000)
  // An invite that decided a pair and then does not arrive, as it gave way to the other of the two, is a pair that the far side never saw.
  const smooth = course.map((each): Course => ({ ...each, trouble: [] }))
  await fc.assert(
    fc.asyncProperty(course, smooth, delay, delay, delay, async (one, two, first, second, theirs) => {
      const clock = new VirtualClock(1)
      const a: Side = new Side(clock, 'a_', one, (said, sender) => b.hear(said, sender))
      const b: Side = new Side(clock, 'b_', two, (said, sender) => a.hear(said, sender))
      clock.alarm(1 + first, () => a.begin('1', '@b_2:hs', 'first'))
      clock.alarm(1 + second, () => a.begin('1', '@b_2:hs', 'second'))
      clock.alarm(1 + theirs, () => b.begin('2', '@a_1:hs', 'theirs'))
      await clock.pass(60_000)

      // Whatever one side takes part in, the other does too.
      const made = (side: Side) =>
        side.legs.flatMap(({ people: [person] }) => {
          const session = person?.live?.session
          return session?.stage.name === 'inviting' ? [session.callId] : []
        })
      const rings = (side: Side) =>
        side.rung.flatMap(({ live: { session } }) => (session.stage.name === 'ringing' ? [session.callId] : []))
      expect(rings(b).toSorted()).toEqual(made(a).toSorted())
      expect(rings(a).toSorted()).toEqual(made(b).toSorted())
      expect(talks(a).toSorted()).toEqual(talks(b).toSorted())

      // A call that gave way names the one that goes on, which does.
      const going = [...talks(a), ...made(a), ...rings(a)]
      for (const side of [a, b]) {
        for (const input of side.inputs) {
          if (input.type !== 'end' && input.type !== 'branch-ended') continue
          // One that rings there as a call of its own, since theirs was gone already, is withdrawn.
          if (input.reason.cause === 'cancelled' && input.leg?.startsWith('rings')) continue
          expect(input.reason.cause).toBe('superseded')
          const names = new Map(
            [...side.legs, ...side.rung].map((leg) => [
              leg.reporter.call,
              'live' in leg ? leg.live : leg.people[0]?.live,
            ]),
          )
          const survivor = names.get(input.reason.survivor ?? '')
          expect(going).toContain(survivor?.session.callId)
        }
      }
      expect(going.length).toBeGreaterThan(0)
    }),
    { numRuns: 300 },
  )
}, 60_000)

/** Alice's client does not look for crossing calls: it rings for ours, and goes on making its own. */
async function crossedByNobodyWhoLooks({ version = '1', calls = 1 }: { version?: '1' | 0; calls?: number } = {}) {
  const clock = new VirtualClock(1)
  const side = new Side(clock, 'a_', still, () => {})
  const alice = (type: string, callId: unknown, own: Record<string, unknown> = {}) => {
    const party = version === 0 ? {} : { party_id: 'phone' }
    side.hear({ type, content: { call_id: callId, version, ...party, ...own } }, '@alice:hs')
  }
  for (let call = 0; call < calls; call++) side.begin('1', '@alice:hs', `leg ${call}`)
  await clock.pass(100)
  const [ours, second] = side.saidOf('m.call.invite')
  // Greater than any name of ours.
  alice('m.call.invite', '~', { invitee: '@a_1:hs', lifetime: 60_000, offer: { type: 'offer', sdp: 'v=0' } })
  await clock.pass(100)
  expect(spokenBy(side)).toEqual(Array(calls).fill('m.call.invite'))
  return { clock, side, ours, second, alice }
}

test('a call of theirs that gave way is refused when ours is answered: their client may still be making it', async () => {
  const { clock, side, ours, alice } = await crossedByNobodyWhoLooks()
  alice('m.call.answer', ours, { answer: { type: 'answer', sdp: 'v=0' } })
  await clock.pass(1_000)
  expect(side.talksIn).toBe(ours)
  expect(side.said.filter(({ type }) => type === 'm.call.reject').map(({ content }) => content)).toEqual([
    { call_id: '~', version: '1', party_id: expect.stringMatching(/./) },
  ])
  alice('m.call.hangup', ours, { reason: 'user_hangup' })
  await clock.pass(1_000)
  expect(side.saidOf('m.call.reject')).toEqual(['~'])
  expect(side.saidOf('m.call.hangup')).toEqual([])
})

test('it is refused as well when ours ends unanswered; to version 0 by hangup', async () => {
  for (const version of ['1', 0] as const) {
    const { clock, side, ours } = await crossedByNobodyWhoLooks({ version })
    side.legs[0]?.tell(view('cancelled'))
    await clock.pass(1_000)
    expect(side.saidOf('m.call.hangup')).toEqual(version === 0 ? [ours, '~'] : [ours])
    expect(side.saidOf('m.call.reject')).toEqual(version === 0 ? [] : ['~'])
  }
})

test('it is not refused if their client has given it up', async () => {
  const { clock, side, ours, alice } = await crossedByNobodyWhoLooks()
  alice('m.call.hangup', '~', { reason: 'replaced' })
  await clock.pass(100)
  alice('m.call.answer', ours, { answer: { type: 'answer', sdp: 'v=0' } })
  await clock.pass(1_000)
  expect(side.talksIn).toBe(ours)
  expect(spokenBy(side)).toEqual(['m.call.invite', 'm.call.select_answer'])
})

test('with two calls of ours it is refused once, and not while one of them stands before it', async () => {
  const { clock, side, ours, second, alice } = await crossedByNobodyWhoLooks({ calls: 2 })
  side.legs[0]?.tell(view('cancelled'))
  await clock.pass(1_000)
  expect(side.saidOf('m.call.hangup')).toEqual([ours])
  expect(side.saidOf('m.call.reject')).toEqual([])
  alice('m.call.answer', second, { answer: { type: 'answer', sdp: 'v=0' } })
  await clock.pass(1_000)
  expect(side.saidOf('m.call.reject')).toEqual(['~'])
})
