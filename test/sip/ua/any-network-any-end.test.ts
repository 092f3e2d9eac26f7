import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fate, MemoryNetwork } from '../../../src/sip/transport/memory.ts'
import { UserAgent } from '../../../src/sip/ua/agent.ts'
import { requestRules } from '../../../src/sip/ua/compose.ts'
import type { Session } from '../../../src/sip/ua/session.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { answer, Heard, offer, order, seeded } from './stage.ts'
import { WireLaw } from './wire-law.ts'

const numRuns = process.env.ONHOOK_LONG === undefined ? 1_000 : 100_000

/** What a network may do, and what both ends decide, at which millisecond. */
const script = fc.record({
  seed: fc.integer(),
  transport: fc.constantFrom('UDP' as const, 'UDP' as const, 'UDP' as const, 'TCP' as const),
  /** Of a hundred datagrams. */
  lost: fc.constantFrom(0, 5, 20, 50, 90),
  doubled: fc.constantFrom(0, 10, 40),
  delay: fc.constantFrom(0, 20, 300, 3_000),
  acts: fc.array(
    fc.record({
      at: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 40_000 })),
      who: fc.constantFrom('caller' as const, 'callee' as const),
      what: fc.constantFrom('end', 'end', 'reinvite', 'info', 'ring', 'accept', 'accept', 'reject', 'early'),
    }),
    { maxLength: 12, size: 'max' },
  ),
  reofferAnswer: fc.constantFrom('accept' as const, 'refuse' as const, 'never' as const),
})

type Script = typeof script extends fc.Arbitrary<infer T> ? T : never

/** Facts after which a session is over for its listener. */
const terminal = ['told', 'byeReceived', 'refused', 'failed', 'cancelled', 'expired']

function play(run: Script) {
  const clock = new VirtualClock(0)
  const network = new MemoryNetwork((ms, then) => void clock.alarm(clock.now() + ms, then))
  const random = seeded(run.seed)
  const byte = new Uint8Array(4)
  const below = (n: number) => {
    random(byte)
    return ((byte[0] as number) * 65_536 + (byte[1] as number) * 256 + (byte[2] as number)) % n
  }
  const fate = (): Fate => {
    if (below(100) < run.lost) return []
    const once = [below(run.delay + 1)]
    return below(100) < run.doubled ? [...once, below(run.delay + 1)] : once
  }
  network.usual = fate
  const laws = { caller: new WireLaw('caller', () => clock.now()), callee: new WireLaw('callee', () => clock.now()) }
  const faults: unknown[] = []
  const heard = { caller: new Heard(), callee: new Heard() }
  for (const each of Object.values(heard)) {
    each.reoffered = (reoffer) => {
      if (run.reofferAnswer === 'accept') reoffer.accept(answer)
      if (run.reofferAnswer === 'refuse') reoffer.refuse()
    }
  }
  const incoming: Session[] = []
  const agentOf = (role: 'caller' | 'callee') =>
    new UserAgent({
      clock,
      fillRandom: seeded(run.seed + (role === 'caller' ? 1 : 2)),
      tap: laws[role],
      listener: {
        invite: (session) => {
          incoming.push(session)
          return heard[role]
        },
        fault: (error) => void faults.push(error),
      },
    })
  const caller = agentOf('caller')
  const callee = agentOf('callee')
  caller.use(network.listen({ host: '10.0.0.1', port: 5060 }, caller, run.transport, requestRules))
  callee.use(network.listen({ host: '10.0.0.2', port: 5060 }, callee, run.transport, requestRules))
  const tcp = run.transport === 'TCP' ? ';transport=tcp' : ''
  const placed = caller.invite(
    { target: `sip:bob@10.0.0.2${tcp}`, from: { uri: 'sip:us@10.0.0.1' }, sdp: offer },
    heard.caller,
  )
  placed.send()

  const act = (who: 'caller' | 'callee', what: string) => {
    const session = who === 'caller' ? placed : incoming[0]
    if (session === undefined) return
    const uas = who === 'callee' ? (session as import('../../../src/sip/ua/incoming.ts').UasSession) : undefined
    if (what === 'end') session.end(order)
    else if (what === 'reinvite') session.reinvite(answer)
    else if (what === 'info') session.info('text/plain', 'x')
    else if (what === 'ring') uas?.progress(180)
    else if (what === 'early') uas?.progress(183, answer)
    else if (what === 'accept') uas?.accept(answer)
    else uas?.reject(order.refuse)
  }
  for (const { at, who, what } of run.acts) clock.alarm(at, () => act(who, what))
  clock.advance(45_000)
  // Whoever has not heard of an end gives up now; what is under way then has 64·T1 for itself, and once more for what it causes.
  placed.end(order)
  for (const each of incoming) each.end(order)
  clock.advance(64 * 500 * 3 + 10_000)
  return { clock, caller, callee, placed, incoming, laws, heard, faults }
}

test('whatever the network does and whoever ends when: both sides end, nothing illegal is said, nothing is left', () => {
  fc.assert(
    fc.property(script, (run) => {
      const { clock, caller, callee, placed, incoming, laws, heard, faults } = play(run)
      expect(faults).toEqual([])
      expect(laws.caller.broken).toEqual([])
      expect(caller.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
      expect(callee.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
      expect(clock.armed).toBe(0)
      // An INVITE that is older than timer L when it arrives (it was under way for longer than T1) is a new one to anybody.
      if (run.delay < 500) expect(incoming.length).toBeLessThanOrEqual(1)
      expect(placed.alive).toBe(false)
      expect(heard.caller.names.some((name) => terminal.includes(name))).toBe(true)
      for (const each of incoming) expect(each.alive).toBe(false)
      // What follows is about one call at each end.
      if (incoming.length > 1) return
      expect(laws.callee.broken).toEqual([])
      if (incoming[0] !== undefined) {
        expect(heard.callee.names.some((name) => terminal.includes(name))).toBe(true)
      }
      for (const { names } of Object.values(heard)) {
        expect(names.filter((name) => name === 'told').length).toBeLessThanOrEqual(1)
        expect(names.filter((name) => name === 'byeReceived').length).toBeLessThanOrEqual(1)
        expect(
          names.filter((name) => name === 'answered' || name === 'refused' || name === 'failed').length,
        ).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns },
  )
}, 600_000)

test('on a network that loses nothing both sides agree on what became of the call', () => {
  fc.assert(
    fc.property(script, (run) => {
      const { heard, laws, incoming } = play({ ...run, lost: 0, delay: 20 })
      expect(incoming).toHaveLength(1)
      const answered = heard.caller.names.includes('answered')
      // The caller hears of an answer only if there was one; that it does not hear of one may be because it had given up.
      if (answered) expect(laws.callee.answer).toBe(200)
      expect(heard.callee.fact('told') ?? ['delivered']).toEqual(['delivered'])
      expect(heard.caller.fact('told') ?? ['delivered']).toEqual(['delivered'])
      // Its re-INVITE may have met the caller's BYE, and the 481 have come before the BYE; nothing else is lost.
      const lost = heard.callee.fact('lost')
      if (lost !== undefined) expect([lost[0], heard.caller.names.includes('told')]).toEqual(['dialog-gone', true])
    }),
    { numRuns: numRuns / 2 },
  )
}, 600_000)
