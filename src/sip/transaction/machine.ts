import type { TimerName } from './timing.ts'

/**
 * The shape shared by the four transaction machines (RFC 3261 §17, RFC 6026). Each is a pure function
 * `(state, input, reliable) → step`, written as one function per state. A step is a frozen constant: nothing is allocated
 * when a machine moves.
 */
export type Step<State extends string> = Readonly<{ state: State; actions: readonly Action[] }>

/** What the layer does after a move. */
export type Action =
  /** Send the request, or the last response, again. */
  | 'resend'
  /** Send the response that came with the input, and keep its bytes. */
  | 'send'
  /** Acknowledge a 300–699 inside the transaction (§17.1.1.3). */
  | 'send-ack'
  /** Hand the message to the transaction's user. */
  | 'deliver'
  | 'report-timeout'
  | 'report-transport-error'
  /** Timer H: our refusal was never acknowledged. */
  | 'report-no-ack'
  | `arm-${TimerName}`
  /** Stop retransmitting. */
  | 'quiet'
  /** Stop the timer that bounds the state's life. */
  | 'disarm-life'

export type ClientInput =
  | 'provisional'
  | 'success'
  | 'failure'
  | 'timer-A'
  | 'timer-B'
  | 'timer-D'
  | 'timer-E'
  | 'timer-F'
  | 'timer-K'
  | 'timer-M'
  /** 64·T1 after a CANCEL without a final response (§9.1). */
  | 'timer-cancel-wait'
  | 'transport-error'

export type ServerInput =
  /** The request, once more. */
  | 'request'
  | 'ack'
  /** Of an INVITE: a 2xx that an earlier life of this process sent was acknowledged. */
  | 'answered-before'
  | 'respond-provisional'
  | 'respond-success'
  | 'respond-failure'
  | 'timer-G'
  | 'timer-H'
  | 'timer-I'
  | 'timer-J'
  | 'timer-L'
  | 'transport-error'

export function step<State extends string>(state: State, ...actions: Action[]): Step<State> {
  return Object.freeze({ state, actions: Object.freeze(actions) })
}
