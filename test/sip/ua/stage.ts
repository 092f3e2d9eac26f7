import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import type { TransportName } from '../../../src/sip/transport/flow.ts'
import { MemoryNetwork, type MemoryTransport } from '../../../src/sip/transport/memory.ts'
import { UserAgent, type UserAgentOptions } from '../../../src/sip/ua/agent.ts'
import { requestRules } from '../../../src/sip/ua/compose.ts'
import type { UasSession } from '../../../src/sip/ua/incoming.ts'
import type { InviteSpec } from '../../../src/sip/ua/invite.ts'
import type { UacSession } from '../../../src/sip/ua/outgoing.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { Heard } from './heard.ts'
import { type InviteOptions, RawPeer, type RespondOptions } from './raw-peer.ts'
import { answer, offer, seeded } from './words.ts'

export { Heard } from './heard.ts'
export { first, RawPeer } from './raw-peer.ts'
export { answer, offer, order, seeded } from './words.ts'

/** One agent of ours at 10.0.0.1, one raw peer at 10.0.0.2, a network between them, and a clock that stands still. */
export class Stage {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly agent: UserAgent
  readonly transport: MemoryTransport
  readonly peer: RawPeer
  readonly #name: TransportName
  readonly faults: unknown[] = []
  /** Sessions that came in, with what was heard of each. */
  readonly calls: { session: UasSession; heard: Heard }[] = []
  /** Runs inside the agent's own `invite` callback. */
  onInvite: (session: UasSession, heard: Heard) => void = () => {}
  readonly start: number

  /** `before`: the stage on which an earlier life of our process played; its clock, network and peer stay. */
  constructor(options: Partial<UserAgentOptions> & { transport?: TransportName } = {}, before?: Stage) {
    const { transport = 'UDP', ...rest } = options
    this.#name = transport
    this.clock = before?.clock ?? new VirtualClock(1_000_000)
    this.network = before?.network ?? new MemoryNetwork((ms, run) => void this.clock.alarm(this.clock.now() + ms, run))
    this.start = this.clock.now()
    this.agent = new UserAgent({
      clock: this.clock,
      fillRandom: seeded(before === undefined ? 1 : 2),
      listener: {
        invite: (session) => {
          const heard = new Heard()
          this.calls.push({ session, heard })
          this.onInvite(session, heard)
          return heard
        },
        fault: (error) => void this.faults.push(error),
      },
      ...rest,
    })
    this.transport = this.network.listen({ host: '10.0.0.1', port: 5060 }, this.agent, transport, requestRules)
    this.agent.use(this.transport)
    this.peer = before?.peer ?? new RawPeer(this, '10.0.0.2', transport)
  }

  /** Our process died, its transport was closed, and it came back at the same address with nothing in memory. */
  restarted(): Stage {
    return new Stage({ transport: this.#name }, this)
  }

  /** The same, with no transport at all. */
  without(): UserAgent {
    return new UserAgent({
      clock: this.clock,
      fillRandom: seeded(3),
      listener: { invite: () => new Heard() },
    })
  }

  /** The latest request of that method that reached the peer. */
  latest(method: string): SipRequest {
    const request = this.peer.requests(method).at(-1)
    if (request === undefined) throw new Error(`no ${method} came`)
    return request
  }

  /** Moves time on; 0 lets everything in flight arrive. */
  pass(ms = 0): void {
    this.clock.advance(ms)
  }

  /** Milliseconds since the stage was set. */
  get now(): number {
    return this.clock.now() - this.start
  }

  /** The peer calls us. */
  incoming(options: InviteOptions = {}): { invite: SipRequest; session: UasSession; heard: Heard } {
    const invite = this.peer.invite(options)
    this.peer.send(invite)
    this.pass()
    const call = this.calls.at(-1)
    if (call === undefined) throw new Error('no call arrived')
    return { invite, ...call }
  }

  /** The peer calls us, we answer, and it acknowledges. */
  answeredIncoming(options: InviteOptions = {}): {
    invite: SipRequest
    ok: SipResponse
    session: UasSession
    heard: Heard
  } {
    const call = this.incoming(options)
    call.session.accept(answer)
    this.pass()
    const ok = this.peer.responses('INVITE', 200).at(-1) as SipResponse
    this.peer.send(this.peer.within(call.invite, ok, 'ACK'))
    this.pass()
    return { ...call, ok }
  }

  /** We call somebody: the peer, if not said. */
  place(spec: Partial<InviteSpec> = {}): { session: UacSession; heard: Heard } {
    const heard = new Heard()
    const session = this.agent.invite(
      { target: 'sip:bob@10.0.0.2', from: { uri: 'sip:us@10.0.0.1' }, sdp: offer, ...spec },
      heard,
    )
    session.send()
    this.pass()
    return { session, heard }
  }

  /** We call the peer, and its INVITE has arrived. */
  outgoing(spec: Partial<InviteSpec> = {}): { session: UacSession; heard: Heard; invite: SipRequest } {
    return { ...this.place(spec), invite: this.latest('INVITE') }
  }

  /** We call the peer, and it answers. */
  answeredOutgoing(options: RespondOptions = {}): {
    session: UacSession
    heard: Heard
    invite: SipRequest
    ok: SipResponse
  } {
    const call = this.outgoing()
    const ok = this.peer.respond(call.invite, 200, { tag: 'bob', sdp: answer, ...options })
    this.pass()
    return { ...call, ok }
  }

  /** Everything that the protocol keeps after an end is gone: for after 64·T1 and some. */
  get left(): { sessions: number; clients: number; servers: number; alarms: number; clock: number; faults: number } {
    const faults = this.faults.length + this.transport.counters.userFaults + this.peer.transport.counters.userFaults
    return { ...this.agent.counts, clock: this.clock.armed, faults }
  }
}

export const nothingLeft = { sessions: 0, clients: 0, servers: 0, alarms: 0, clock: 0, faults: 0 }
