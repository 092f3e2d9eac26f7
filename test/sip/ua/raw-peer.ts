import { callId, contacts, cseq } from '../../../src/sip/message/accessors.ts'
import { request as buildRequest, headersOf, responseTo, serialise } from '../../../src/sip/message/build.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import type { Flow, FlowFailure, TransportName, TransportUser } from '../../../src/sip/transport/flow.ts'
import type { MemoryNetwork, MemoryTransport } from '../../../src/sip/transport/memory.ts'
import { offer } from './words.ts'

/** What a peer needs of the stage it stands on. */
type Ground = Readonly<{ clock: Readonly<{ now(): number }>; network: MemoryNetwork }>

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
  readonly #stage: Ground

  constructor(stage: Ground, host: string, name: TransportName = 'UDP') {
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
