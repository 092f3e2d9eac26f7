/** A caller that keeps the rules, a network that does not, and a process that dies between: however they cross, it hears, and what is said of it is true. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cseq, via } from '../../../src/sip/message/accessors.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import type { Packet } from '../../../src/sip/transport/memory.ts'
import type { Sent, Told } from '../../../src/sip/ua/facts.ts'
import type { RevivedSession } from '../../../src/sip/ua/revive.ts'
import { type SessionSnapshot, sinceAnswered } from '../../../src/sip/ua/snapshot.ts'
import { answer, order, Stage, seeded } from './stage.ts'

const numRuns = process.env.ONHOOK_LONG === undefined ? 1_000 : 100_000

const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant([0]) },
  { weight: 2, arbitrary: fc.constant([] as number[]) },
  { weight: 1, arbitrary: fc.constantFrom([30], [700], [0, 40], [600, 1_200]) },
)

const moment = fc.constantFrom(0, 5, 20, 60, 499, 500, 501, 700, 1_500, 5_000, 31_990, 32_010, 32_510)

const seldom = <T>(some: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some })

const scene = fc.record({
  transport: fc.constantFrom('UDP' as const, 'UDP' as const, 'TCP' as const),
  early: fc.boolean(),
  /** Of the 2xx: it never left, it was lost, it arrived and its ACK too (late), it arrived and the ACK was lost. */
  answer: fc.constantFrom('never' as const, 'lost' as const, 'ack-late' as const, 'ack-lost' as const),
  /** Its INVITE once more, out of order. */
  again: seldom(fc.constantFrom(0, 5, 20, 60, 501, 700, 1_500)),
  ackAfter: fc.constantFrom(0, 5, 20, 300, 700),
  known: fc.constantFrom('perhaps' as const, 'marked' as const),
  /** What a caller that was answered says to a BYE. */
  byeReply: fc.constantFrom(200, 200, 500, 407, 481, null),
  /** What one says that still waits, with an early dialog. */
  earlyReply: fc.constantFrom(200, 481, null),
  fates: fc.array(fate, { maxLength: 14 }),
  end: fc.constantFrom(0, 0, 0, 10, 600),
  twice: fc.boolean(),
  cancel: fc.oneof(fc.constant(undefined), fc.constantFrom(0, 0, 5, 499, 501)),
  bye: seldom(moment),
  release: fc.oneof(
    { weight: 4, arbitrary: fc.constant('when told' as const) },
    { weight: 1, arbitrary: fc.constant('never' as const) },
    { weight: 1, arbitrary: moment },
  ),
  crash: seldom(moment),
  cut: seldom(moment),
})

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

/** RFC 3261 §17.1.1, RFC 6026 §7.2. */
class Caller {
  state: 'waiting' | 'talking' | 'over' = 'waiting'
  refused = false
  #seq = 10
  /** What each BYE was answered: a repeated one is answered the same. */
  readonly #said = new Map<string, number | null>()
  readonly stage: Stage
  readonly scene: Scene
  readonly invite: SipRequest
  ok: SipResponse | undefined
  early: SipResponse | undefined

  constructor(stage: Stage, invite: SipRequest, scene: Scene) {
    this.stage = stage
    this.invite = invite
    this.scene = scene
    const write = stage.peer.message.bind(stage.peer)
    stage.peer.autoReply = null
    stage.peer.message = (message, flow) => {
      write(message, flow)
      this.#hear(message)
    }
  }

  #hear(message: SipMessage): void {
    const { peer } = this.stage
    if (message.kind === 'request') {
      if (message.method !== 'BYE') return
      const { byeReply, earlyReply } = this.scene
      const branch = via(message)?.branch ?? ''
      const fresh =
        this.state === 'talking' ? byeReply : this.state === 'waiting' && this.early !== undefined ? earlyReply : 481
      const known = this.#said.get(branch)
      const status = known === undefined ? fresh : known
      this.#said.set(branch, status)
      if (this.state === 'talking') this.state = 'over'
      if (status !== null) peer.respond(message, status)
      return
    }
    if (cseq(message)?.method !== 'INVITE' || message.status === 100) return
    if (message.status < 200) this.early ??= message
    else if (message.status < 300) {
      if (this.state === 'waiting') this.state = 'talking'
      if (this.refused) return
      this.ok = message
      this.ack()
    } else if (this.state === 'waiting' || this.refused) {
      this.state = 'over'
      this.refused = true
      peer.send(peer.within(this.invite, message, 'ACK', { branch: via(this.invite)?.branch ?? '' }))
    }
  }

  ack(): void {
    const { peer } = this.stage
    if (this.ok !== undefined) peer.send(peer.within(this.invite, this.ok, 'ACK'))
  }

  cancel(): void {
    if (this.state === 'waiting') this.stage.peer.send(this.stage.peer.cancel(this.invite))
  }

  bye(): void {
    const response = this.ok ?? this.early
    if (this.state === 'over' || response === undefined) return
    // In an early dialog, the INVITE still gets its final response (§15.1.2).
    if (this.state === 'talking') this.state = 'over'
    this.stage.peer.send(this.stage.peer.within(this.invite, response, 'BYE', { seq: ++this.#seq }))
  }
}

function play(scene: Scene) {
  const stage = new Stage({ transport: scene.transport })
  // Named with its transport, no name is looked up: nothing waits for a promise.
  const tcp = scene.transport === 'TCP' ? { contact: '<sip:alice@10.0.0.2:5060;transport=tcp>' } : {}
  const { session, invite } = stage.incoming(tcp)
  const caller = new Caller(stage, invite, scene)
  if (scene.early) session.progress(180)
  stage.pass()
  const stored = session.snapshot('answering')
  const answered = scene.answer !== 'never'
  // The old life is over before an ACK comes: everything of the answer happens behind its back.
  const ack = caller.ack.bind(caller)
  caller.ack = () => {}
  if (scene.answer === 'lost' && scene.transport === 'UDP') stage.network.when(is('SIP/2.0 200'), [], 1)
  if (answered) session.accept(answer)
  stage.pass()
  const snapshot = scene.known === 'marked' ? sinceAnswered(stored, 'awaited') : stored
  let lives = 10
  const raise = (last: Stage) => {
    last.agent.layer.clear()
    void last.transport.close()
    next = new Stage({ transport: scene.transport, fillRandom: seeded(++lives) }, stage)
    watch(next)
    revived = next.agent.revive(JSON.parse(JSON.stringify(snapshot)) as SessionSnapshot, {
      told: (outcome) => {
        facts.push(outcome)
        if (scene.release === 'when told') revived.release()
      },
    })
  }
  const fates = [...scene.fates]
  stage.network.usual = () => fates.shift() ?? [0]
  /** What reached us of what tells that it has heard, or left: the ACK of a final response, one of our 2xx, a reply to a BYE, a 481 to it, its BYE. */
  const reached = { refusalAck: 0, ack: 0, byeReply: 0, byeGone: 0, bye: 0 }
  const watch = ({ agent: { layer } }: Stage) => {
    const receive = layer.receive.bind(layer)
    layer.receive = (message, flow) => {
      if (message.kind === 'request') {
        if (message.method === 'ACK') reached[via(message)?.branch === via(invite)?.branch ? 'refusalAck' : 'ack']++
        if (message.method === 'BYE') reached.bye++
      } else if (cseq(message)?.method === 'BYE' && message.status >= 200) {
        reached[message.status === 481 ? 'byeGone' : 'byeReply']++
      }
      receive(message, flow)
    }
  }
  const facts: Told[] = []
  let next = stage
  let revived!: RevivedSession
  raise(stage)
  let ended: Sent | undefined
  let released = false
  const begun = stage.clock.now()
  const at = (ms: number | undefined, run: () => void) => {
    if (ms !== undefined) stage.clock.alarm(begun + ms, run)
  }
  at(scene.end, () => {
    ended = revived.end(order)
    if (scene.twice) expect(revived.end(order)).toBe(ended)
  })
  caller.ack = ack
  if (scene.answer === 'ack-late') at(scene.ackAfter, () => caller.ack())
  if (scene.transport === 'UDP') at(scene.again, () => stage.peer.send(invite))
  else at(scene.cut, () => stage.network.cut(next.transport, stage.peer.transport))
  at(scene.cancel, () => caller.cancel())
  at(scene.bye, () => {
    if (ended !== undefined) caller.bye()
  })
  at(typeof scene.release === 'number' ? scene.release : undefined, () => {
    released = true
    revived.release()
  })
  at(scene.crash, () => {
    if (ended === undefined || facts.length > 0) return
    raise(next)
    ended = revived.end(order)
  })
  stage.pass(110_000)
  const broke = scene.cut !== undefined && scene.transport === 'TCP'
  return { next, caller, facts, ended, released, reached, broke, counts: next.agent.counts }
}

const is = (start: string) => (packet: Packet) => packet.startLine.startsWith(start)

const property = (run: (played: ReturnType<typeof play>, scene: Scene) => void) =>
  fc.assert(
    fc.property(scene, (each) => run(play(each), each)),
    { numRuns },
  )

test('P4: nothing throws, nothing is left, no second call comes of it', () => {
  property(({ next, counts, released }) => {
    expect(next.faults).toEqual([])
    expect(next.transport.counters.userFaults).toBe(0)
    if (next.calls.length === 0) expect(counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
    if (!released) expect(next.calls).toHaveLength(0)
  })
}, 600_000)

test('P2: it is told once, if it was there to be told', () => {
  property(({ facts, ended, released }) => {
    expect(facts.length).toBeLessThanOrEqual(1)
    if (ended?.message != null && !released) expect(facts).toHaveLength(1)
  })
}, 600_000)

test('P5: what is said of the telling is true', () => {
  property(({ facts, reached, released, broke }, { crash }) => {
    const [outcome] = facts
    // Of a BYE whose connection broke, or whose process died, the answer may have come, and met nobody.
    if (outcome === undefined || released || broke || crash !== undefined) return
    const { refusalAck, ack, byeReply, byeGone, bye } = reached
    if (outcome !== 'delivered') expect(refusalAck + byeReply + bye).toBe(0)
    else expect(refusalAck + byeReply + Math.min(ack, byeGone) + bye).toBeGreaterThan(0)
  })
}, 600_000)

test('P2: the caller is not left waiting, and not left talking', () => {
  property(({ caller, released, broke }) => {
    if (!released && !broke) expect(caller.state).toBe('over')
  })
}, 600_000)
