import { callId, cseq, parse, reasons, type SipMessage, serialise, via } from '../sip/index.ts'

/** One message as it was seen on the wire, from the phone's side. */
export type TraceEntry = Readonly<{
  /** Milliseconds since the epoch. */
  at: number
  direction: 'in' | 'out'
  /** Of a response: the method that it answers. */
  method: string
  /** Null for a request. */
  status: number | null
  phrase: string
  /** The Request-URI; of a response ''. */
  uri: string
  callId: string
  /** Each Reason value as it stood (RFC 3326). */
  reasons: readonly string[]
  /** The same message was seen before: a retransmission. */
  again: boolean
  /** `host:port` of the other end. */
  peer: string
  message: SipMessage
}>

/** Keeps every message of a phone, in the order in which they passed. */
export class Trace {
  readonly entries: TraceEntry[] = []
  readonly #seen = new Set<string>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  received(message: SipMessage, peer: string): TraceEntry {
    return this.#add('in', message, peer)
  }

  sent(bytes: Uint8Array, peer: string): TraceEntry | undefined {
    const message = parse(bytes)
    return message.kind === 'fault' ? undefined : this.#add('out', message, peer)
  }

  #add(direction: 'in' | 'out', message: SipMessage, peer: string): TraceEntry {
    const method = message.kind === 'request' ? message.method : (cseq(message)?.method ?? '')
    const status = message.kind === 'response' ? message.status : null
    const key = `${direction} ${status} ${method} ${cseq(message)?.seq} ${via(message)?.branch} ${message.headers.get('to')}`
    const again = this.#seen.has(key)
    this.#seen.add(key)
    const entry: TraceEntry = {
      at: this.#now(),
      direction,
      method,
      status,
      phrase: message.kind === 'response' ? message.reason : '',
      uri: message.kind === 'request' ? message.uri : '',
      callId: callId(message) ?? '',
      reasons: reasons(message).map(({ raw }) => raw),
      again,
      peer,
      message,
    }
    this.entries.push(entry)
    return entry
  }
}

/** The message as text, head and body. */
export function wireText({ message }: TraceEntry): string {
  return serialise(message).toString('utf8')
}

/** `INVITE`, `180 INVITE`, `BYE Q.850;cause=16`: one word for each message, for comparing whole flows. */
export function summaryOf({ method, status, reasons: said }: TraceEntry): string {
  const name = status === null ? method : `${status} ${method}`
  return said.length === 0 ? name : `${name} ${said.join(', ')}`
}
