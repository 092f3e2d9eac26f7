import { callId, cseq, via } from '../message/accessors.ts'
import { responseTo, serialise } from '../message/build.ts'
import type { SipMessage, SipRequest } from '../message/message.ts'
import { type ParseFault, parse } from '../message/parse.ts'
import { type RequestRules, type Verdict, validateRequest, validateResponse } from '../message/validate.ts'
import type { TransportCounters } from './counters.ts'
import type { Flow, FlowFailure, Transport, TransportUser } from './flow.ts'
import { returnFlow, stampVia } from './return-path.ts'

/** What this end implements, if the transport shall refuse the rest by itself. Without it, whatever can be read is handed up. */
export type IntakeRules = Omit<RequestRules, 'transport'>

type Refusal = Extract<Verdict, { kind: 'respond' }>

/**
 * What every transport does with the bytes of one message: read it, note where it came from, judge it, and hand it up or answer it
 * without state (RFC 3261 §8.2.7). Never throws.
 */
export class Intake {
  readonly #transport: Transport
  readonly #user: TransportUser
  readonly #counters: TransportCounters
  readonly #rules: RequestRules | undefined

  constructor(transport: Transport, user: TransportUser, counters: TransportCounters, rules?: IntakeRules) {
    this.#transport = transport
    this.#user = user
    this.#counters = counters
    this.#rules = rules === undefined ? undefined : { ...rules, transport: transport.name }
  }

  /** False if the stream that brought the bytes cannot be trusted any more. */
  accept(bytes: Uint8Array, flow: Flow): boolean {
    this.#counters.received++
    const message = parse(bytes)
    if (message.kind === 'fault') {
      this.#unreadable(message, flow)
      return message.code === 'sip.parse.empty'
    }
    if (message.kind === 'request') stampVia(message, flow.remote)
    const rules = this.#rules
    if (rules !== undefined) {
      const verdict = message.kind === 'request' ? validateRequest(message, rules) : validateResponse(message, rules)
      if (verdict.kind !== 'accept') {
        if (verdict.kind === 'respond' && message.kind === 'request') this.#answer(message, flow, verdict)
        else this.#drop(message, verdict, flow)
        return !verdict.close
      }
    }
    this.#counters.delivered++
    try {
      this.#user.message(message, flow)
    } catch (fault) {
      this.#counters.userFaults++
      this.#user.userFault?.(fault)
    }
    return true
  }

  /** Answers the head of a message that cannot be framed, without waiting for what should follow it. */
  refuse(head: Uint8Array, flow: Flow, status: number, reason: string): void {
    this.#counters.received++
    const message = parse(head)
    if (message.kind === 'fault') {
      this.#unreadable(message, flow)
    } else if (message.kind === 'request') {
      stampVia(message, flow.remote)
      this.#answer(message, flow, { kind: 'respond', status, reason, headers: [], close: true })
    } else {
      this.#drop(message, { kind: 'drop', why: reason, close: true }, flow)
    }
  }

  /** Answered if enough could be read to answer it, else garbage. */
  #unreadable(fault: ParseFault, flow: Flow): void {
    const message = fault.message
    if (message?.kind === 'request' && message.method !== 'ACK' && via(message) !== undefined) {
      stampVia(message, flow.remote)
      this.#answer(message, flow, malformed(fault.code))
      return
    }
    this.#counters.garbage++
    this.#tell(message, { kind: 'drop', why: fault.code, close: false }, flow)
  }

  /** Tells, in a later turn, that bytes were lost or a connection is gone. */
  failed(flow: Flow, failure: FlowFailure): void {
    this.#counters.failures++
    queueMicrotask(() => {
      try {
        this.#user.flowFailed(flow, failure)
      } catch (fault) {
        this.#counters.userFaults++
        this.#user.userFault?.(fault)
      }
    })
  }

  #answer(request: SipRequest, flow: Flow, refusal: Refusal): void {
    if (request.method === 'ACK' || via(request) === undefined) {
      this.#drop(request, { kind: 'drop', why: refusal.reason, close: refusal.close }, flow)
      return
    }
    this.#counters.refused++
    const response = responseTo(request, refusal.status, refusal.reason, statelessTag(request))
    for (const [name, value] of refusal.headers) response.headers.append(name, value)
    returnFlow(request, flow, this.#transport).send(serialise(response))
    this.#tell(request, refusal, flow)
  }

  #drop(message: SipMessage | undefined, verdict: Verdict, flow: Flow): void {
    this.#counters.dropped++
    this.#tell(message, verdict, flow)
  }

  #tell(message: SipMessage | undefined, verdict: Verdict, flow: Flow): void {
    try {
      this.#user.rejected?.(message, verdict, flow)
    } catch (fault) {
      this.#counters.userFaults++
      this.#user.userFault?.(fault)
    }
  }
}

function malformed(code: string): Refusal {
  const reason = code === 'sip.parse.too-many-headers' ? 'Too Many Header Fields' : 'Malformed Request Line'
  return { kind: 'respond', status: 400, reason, headers: [], close: true }
}

/** The same tag for every retransmission of one request, without remembering it (RFC 3261 §8.2.7). FNV-1a, 32 bits. */
function statelessTag(request: SipRequest): string {
  const identity = `${via(request)?.branch ?? ''} ${callId(request) ?? ''} ${cseq(request)?.seq ?? 0}`
  let hash = 0x811c9dc5
  for (let i = 0; i < identity.length; i++) hash = Math.imul(hash ^ identity.charCodeAt(i), 0x01000193)
  return `s${(hash >>> 0).toString(16).padStart(8, '0')}`
}
