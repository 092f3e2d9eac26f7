import type { SipMessage } from '../message/message.ts'
import type { Verdict } from '../message/validate.ts'

/** As it stands in a Via. */
export type TransportName = 'UDP' | 'TCP' | 'TLS'

/** `host` is a numeric address without brackets. */
export type Address = Readonly<{ host: string; port: number }>

/**
 * A way to one remote address and back: a connection, or a pair of UDP addresses. Answers, and requests inside a dialog, go back
 * on the flow that the first request came by (RFC 3581, 5626), which is what reaches a peer behind a NAT.
 */
export interface Flow {
  /** Equal for two flows if bytes sent on either take the same way. */
  readonly id: string
  readonly transport: TransportName
  /** True for a stream: nothing sent on it needs retransmission. */
  readonly reliable: boolean
  readonly local: Address
  readonly remote: Address
  /** False once a connection is gone: find another (`Transport.flowTo`). A UDP flow is always open until its transport closes. */
  readonly open: boolean
  /** Never throws and never blocks. If the bytes cannot be delivered, `TransportUser.flowFailed` is told, always later than this call. */
  send(bytes: Uint8Array): void
  /** Ends a connection; nothing for UDP. */
  close(): void
}

/** Why bytes did not get through, or why a connection is gone. */
export type FlowFailure = Readonly<{
  code:
    | 'sip.transport.refused'
    | 'sip.transport.unreachable'
    | 'sip.transport.timeout'
    | 'sip.transport.reset'
    /** The far end closed it in good order. */
    | 'sip.transport.closed'
    /** We closed it: idle, or the transport is closing. */
    | 'sip.transport.released'
    /** The far end does not take what we send: too much is queued. */
    | 'sip.transport.congested'
    /** What came cannot be framed. */
    | 'sip.transport.framing'
    /** No more connections allowed. */
    | 'sip.transport.limit'
    /** A datagram longer than UDP carries. */
    | 'sip.transport.too-large'
    | 'sip.transport.failed'
  detail: string
}>

/** The floor above. None of these may throw; if one does, the transport counts it, tells `userFault`, and goes on. */
export interface TransportUser {
  /** A message that was read (and, where the transport has rules, judged acceptable). The top Via of a request carries received and rport. */
  message(message: SipMessage, flow: Flow): void
  /** Bytes were lost, or a connection is gone (`flow.open` tells which). Once for each connection that ends, whoever ended it. */
  flowFailed(flow: Flow, failure: FlowFailure): void
  /** A message that was not handed up: answered by the transport itself, or dropped. `message` is what could be read of it. */
  rejected?(message: SipMessage | undefined, verdict: Verdict, flow: Flow): void
  userFault?(fault: unknown): void
}

export interface Transport {
  readonly name: TransportName
  readonly reliable: boolean
  /** Where it listens; the port is the real one. */
  readonly local: Address
  /**
   * The flow to that address: the open one if there is one, else a new one. Never fails: a failure is told when it shows.
   * `response`: only to answer with. No more than the sending itself is spent on it, since anybody can ask for an answer anywhere.
   */
  flowTo(remote: Address, purpose?: 'request' | 'response'): Flow
  /** Sends now what would leave at the end of the turn. Absent: nothing waits for that. */
  flush?(): void
  /** Resolves when every socket and timer is gone. */
  close(): Promise<void>
}

export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
