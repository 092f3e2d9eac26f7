import { callId, contacts, cseq } from '../../../src/sip/message/accessors.ts'
import { request as buildRequest, headersOf, responseTo, serialise } from '../../../src/sip/message/build.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import type { FillRandom } from '../../../src/sip/transaction/clock.ts'
import type { Flow, FlowFailure, TransportName, TransportUser } from '../../../src/sip/transport/flow.ts'
import { MemoryNetwork, type MemoryTransport } from '../../../src/sip/transport/memory.ts'
import { UserAgent, type UserAgentOptions } from '../../../src/sip/ua/agent.ts'
import { requestRules } from '../../../src/sip/ua/compose.ts'
import type { EndOrder, UacListener, UasListener } from '../../../src/sip/ua/facts.ts'
import type { UasSession } from '../../../src/sip/ua/incoming.ts'
import type { InviteSpec } from '../../../src/sip/ua/invite.ts'
import type { UacSession } from '../../../src/sip/ua/outgoing.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

export const offer = 'v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
export const answer =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n'

/** The reasons that tell CANCEL, BYE and refusal apart. */
export const order: EndOrder = {
  refuse: { status: 486, reasons: [{ protocol: 'Q.850', cause: 17 }] },
  cancel: [{ protocol: 'Q.850', cause: 19 }],
  bye: [{ protocol: 'Q.850', cause: 16 }],
}

/** A small generator of known quality (mulberry32), so that a seed names a run. */
export function seeded(seed: number): FillRandom {
  let a = seed >>> 0
  return (view) => {
    for (let i = 0; i < view.length; i++) {
      a = (a + 0x6d2b79f5) >>> 0
      let t = Math.imul(a ^ (a >>> 15), 1 | a)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      view[i] = (t ^ (t >>> 14)) & 0xff
    }
  }
}

export type Fact = readonly [name: string, ...details: unknown[]]

/** A listener that writes down what it hears; single callbacks can be replaced. */
export class Heard implements Required<UasListener>, Required<UacListener> {
  readonly facts: Fact[] = []

  get names(): string[] {
    return this.facts.map(([name]) => name)
  }

  fact(name: string): readonly unknown[] | undefined {
    return this.facts.find(([each]) => each === name)?.slice(1)
  }

  byeReceived: UasListener['byeReceived'] = (bye) => void this.facts.push(['byeReceived', bye.raw])
  lost: UasListener['lost'] = (why) => void this.facts.push(['lost', why])
  told: UasListener['told'] = (outcome) => void this.facts.push(['told', outcome])
  changed: Required<UasListener>['changed'] = () => void this.facts.push(['changed'])
  reoffered: Required<UasListener>['reoffered'] = (reoffer) => {
    this.facts.push(['reoffered', reoffer.method, reoffer.sdp])
    reoffer.accept(answer)
  }
  reofferSettled: Required<UasListener>['reofferSettled'] = (outcome) =>
    void this.facts.push(['reofferSettled', outcome])
  info: Required<UasListener>['info'] = (type, body) => void this.facts.push(['info', type, body])
  referred: Required<UasListener>['referred'] = (referral) => void this.facts.push(['referred', referral.target])
  cancelled: UasListener['cancelled'] = (cancel) => void this.facts.push(['cancelled', cancel.raw])
  expired: UasListener['expired'] = () => void this.facts.push(['expired'])
  acknowledged: UasListener['acknowledged'] = (sdp) => void this.facts.push(['acknowledged', sdp])
  ringing: Required<UacListener>['ringing'] = (p) => void this.facts.push(['ringing', p.tag])
  early: Required<UacListener>['early'] = (p) => void this.facts.push(['early', p.tag])
  progressed: Required<UacListener>['progressed'] = (p) => void this.facts.push(['progressed', p.status])
  forkEnded: Required<UacListener>['forkEnded'] = (p) => void this.facts.push(['forkEnded', p.tag])
  answered: UacListener['answered'] = (a) => void this.facts.push(['answered', a.tag])
  refused: UacListener['refused'] = (r) => void this.facts.push(['refused', r.status, r.raw])
  failed: UacListener['failed'] = (f) => void this.facts.push(['failed', f.kind])
}

export type Received = Readonly<{ at: number; message: SipMessage; flow: Flow }>

/** A peer made of messages only: it does what the test says, right or wrong, and writes down what it gets. */
export class RawPeer implements TransportUser {
  readonly received: Received[] = []
  readonly failures: FlowFailure[] = []
  readonly transport: MemoryTransport
  readonly us: { host: string; port: number }
  readonly host: string
  /** Answers every BYE and CANCEL with this, unless it is null. */
  autoReply: number | null = 200
  #branches = 0
  readonly #stage: Stage

  constructor(stage: Stage, host: string, name: TransportName = 'UDP') {
    this.#stage = stage
    this.host = host
    this.us = { host: '10.0.0.1', port: 5060 }
    this.transport = stage.network.listen({ host, port: 5060 }, this, name)
  }

  message(message: SipMessage, flow: Flow): void {
    this.received.push({ at: this.#stage.clock.now(), message, flow })
    if (message.kind === 'request' && (message.method === 'BYE' || message.method === 'CANCEL')) {
      if (this.autoReply !== null) this.respond(message, this.autoReply)
    }
  }

  flowFailed(_flow: Flow, failure: FlowFailure): void {
    this.failures.push(failure)
  }

  /** What came, in a word each: a method, or a status and the method it answers. */
  get heard(): string[] {
    return this.received.map(({ message }) => label(message))
  }

  /** All requests of that method. */
  requests(method: string): SipRequest[] {
    return this.received
      .map(({ message }) => message)
      .filter((message): message is SipRequest => message.kind === 'request' && message.method === method)
  }

  /** All responses to requests of that method. */
  responses(method: string, status?: number): SipResponse[] {
    return this.received
      .map(({ message }) => message)
      .filter((message): message is SipResponse => message.kind === 'response' && cseq(message)?.method === method)
      .filter((message) => status === undefined || message.status === status)
  }

  times(what: string): number[] {
    return this.received.filter(({ message }) => label(message) === what).map(({ at }) => at)
  }

  send(message: SipMessage): void {
    this.transport.flowTo(this.us).send(serialise(message))
  }

  branch(): string {
    this.#branches += 1
    return `z9hG4bKpeer${this.#branches}`
  }

  viaLine(branch: string): string {
    return `SIP/2.0/${this.transport.name} ${this.host}:5060;branch=${branch};rport`
  }

  invite(options: InviteOptions = {}): SipRequest {
    const lines: [string, string][] = [
      ['Via', this.viaLine(options.branch ?? this.branch())],
      ...(options.vias ?? []).map((value): [string, string] => ['Via', value]),
      ...(options.recordRoutes ?? []).map((value): [string, string] => ['Record-Route', value]),
      ['Max-Forwards', '70'],
      ['From', `<sip:alice@${this.host}>;tag=${options.tag ?? 'alice'}`],
      ['To', '<sip:1000@10.0.0.1>'],
      ['Call-ID', options.callId ?? 'call-1'],
      ['CSeq', `${options.seq ?? 1} INVITE`],
      ['Contact', options.contact ?? `<sip:alice@${this.host}:5060>`],
      ...(options.lines ?? []),
    ]
    const body = options.sdp === null ? undefined : Buffer.from(options.sdp ?? offer)
    if (body !== undefined) lines.push(['Content-Type', 'application/sdp'])
    return buildRequest({
      method: 'INVITE',
      uri: 'sip:1000@10.0.0.1',
      headers: headersOf(lines),
      ...(body === undefined ? {} : { body }),
    })
  }

  /** The CANCEL of one of our INVITEs. */
  cancel(invite: SipRequest, lines: [string, string][] = []): SipRequest {
    const { headers } = invite
    return buildRequest({
      method: 'CANCEL',
      uri: invite.uri,
      headers: headersOf([
        ['Via', headers.all('via')[0] ?? ''],
        ['Max-Forwards', '70'],
        ['From', headers.get('from') ?? ''],
        ['To', headers.get('to') ?? ''],
        ['Call-ID', headers.get('call-id') ?? ''],
        ['CSeq', `${cseq(invite)?.seq} CANCEL`],
        ...lines,
      ]),
    })
  }

  /** A request inside the dialog that our INVITE and its response made; an ACK to a 2xx takes the INVITE's CSeq. */
  within(invite: SipRequest, response: SipResponse, method: string, options: WithinOptions = {}): SipRequest {
    const seq = options.seq ?? (method === 'ACK' ? (cseq(invite)?.seq ?? 1) : (cseq(invite)?.seq ?? 1) + 1)
    const lines: [string, string][] = [
      ['Via', this.viaLine(options.branch ?? this.branch())],
      ['Max-Forwards', '70'],
      ['From', invite.headers.get('from') ?? ''],
      ['To', response.headers.get('to') ?? ''],
      ['Call-ID', callId(invite) ?? ''],
      ['CSeq', `${seq} ${method}`],
      ['Contact', `<sip:alice@${this.host}:5060>`],
      ...(options.lines ?? []),
    ]
    if (options.sdp !== undefined) lines.push(['Content-Type', 'application/sdp'])
    const body = options.sdp ?? options.body
    return buildRequest({
      method,
      uri: contacts(response)[0]?.uri ?? invite.uri,
      headers: headersOf(lines),
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    })
  }

  /** A request of ours as callee, in the dialog of an INVITE that came from the agent. */
  asCallee(invite: SipRequest, tag: string, method: string, seq: number, options: WithinOptions = {}): SipRequest {
    const lines: [string, string][] = [
      ['Via', this.viaLine(options.branch ?? this.branch())],
      ['Max-Forwards', '70'],
      ['From', `${invite.headers.get('to')};tag=${tag}`],
      ['To', invite.headers.get('from') ?? ''],
      ['Call-ID', callId(invite) ?? ''],
      ['CSeq', `${seq} ${method}`],
      ['Contact', `<sip:bob@${this.host}:5060>`],
      ...(options.lines ?? []),
    ]
    if (options.sdp !== undefined) lines.push(['Content-Type', 'application/sdp'])
    const body = options.sdp ?? options.body
    return buildRequest({
      method,
      uri: contacts(invite)[0]?.uri ?? '',
      headers: headersOf(lines),
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    })
  }

  /** Answers a request of the agent's. */
  respond(request: SipRequest, status: number, options: RespondOptions = {}): SipResponse {
    const body = options.sdp === undefined ? undefined : Buffer.from(options.sdp)
    const response = responseTo(request, status, undefined, options.tag, body)
    if (body !== undefined) response.headers.append('Content-Type', 'application/sdp')
    for (const value of options.recordRoutes ?? []) response.headers.append('Record-Route', value)
    if (options.contact !== null && request.method === 'INVITE' && status > 100 && status < 400) {
      response.headers.append('Contact', options.contact ?? `<sip:bob@${this.host}:5060>`)
    }
    for (const [name, value] of options.lines ?? []) response.headers.append(name, value)
    this.send(response)
    return response
  }
}

export type InviteOptions = {
  branch?: string
  vias?: string[]
  recordRoutes?: string[]
  tag?: string
  callId?: string
  seq?: number
  contact?: string
  lines?: [string, string][]
  /** null: no offer. */
  sdp?: string | null
}

export type WithinOptions = { seq?: number; branch?: string; lines?: [string, string][]; sdp?: string; body?: string }

export type RespondOptions = {
  tag?: string
  sdp?: string
  contact?: string | null
  recordRoutes?: string[]
  lines?: [string, string][]
}

/** The first of a list that must not be empty. */
export function first<T>(list: readonly T[]): T {
  const [one] = list
  if (one === undefined) throw new Error('nothing there')
  return one
}

export function label(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${cseq(message)?.method}`
}

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
