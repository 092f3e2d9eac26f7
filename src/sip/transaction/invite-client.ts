import { type ClientInput, type Step, step } from './machine.ts'

/** RFC 3261 §17.1.1, with the Accepted state of RFC 6026 §7.2. */
export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated'

const calling = step('calling')
const proceeding = step('proceeding')
const accepted = step('accepted')
const completed = step('completed')
const terminated = step('terminated')

const start = step('calling', 'resend', 'arm-A', 'arm-B')
const startReliable = step('calling', 'resend', 'arm-B')
const again = step('calling', 'resend', 'arm-A')
const firstProvisional = step('proceeding', 'quiet', 'disarm-life', 'deliver')
const nextProvisional = step('proceeding', 'deliver')
const success = step('accepted', 'quiet', 'arm-M', 'deliver')
const nextSuccess = step('accepted', 'deliver')
const failure = step('completed', 'quiet', 'arm-D', 'send-ack', 'deliver')
const failureReliable = step('terminated', 'send-ack', 'deliver')
const nextFailure = step('completed', 'send-ack')
const timedOut = step('terminated', 'report-timeout')
const broken = step('terminated', 'report-transport-error')

/** The step that begins the machine. */
export function startInviteClient(reliable: boolean): Step<InviteClientState> {
  return reliable ? startReliable : start
}

export function inviteClient(state: InviteClientState, input: ClientInput, reliable: boolean): Step<InviteClientState> {
  switch (state) {
    case 'calling':
      return whenCalling(input, reliable)
    case 'proceeding':
      return whenProceeding(input, reliable)
    case 'accepted':
      return whenAccepted(input)
    case 'completed':
      return whenCompleted(input)
    case 'terminated':
      return terminated
  }
}

function whenCalling(input: ClientInput, reliable: boolean): Step<InviteClientState> {
  switch (input) {
    case 'timer-A': // §17.1.1.2: doubles each time, over unreliable transports only
      return again
    case 'timer-B': // §17.1.1.2: as if 408 had been received
    case 'timer-cancel-wait': // §9.1
      return timedOut
    case 'provisional': // §17.1.1.2
      return firstProvisional
    case 'success': // RFC 6026 §7.2
      return success
    case 'failure': // §17.1.1.2; timer D is zero over reliable transports
      return reliable ? failureReliable : failure
    case 'transport-error': // §17.1.4
      return broken
    case 'timer-D':
    case 'timer-E':
    case 'timer-F':
    case 'timer-K':
    case 'timer-M':
      return calling
  }
}

function whenProceeding(input: ClientInput, reliable: boolean): Step<InviteClientState> {
  switch (input) {
    case 'provisional': // §17.1.1.2
      return nextProvisional
    case 'success': // RFC 6026 §7.2
      return success
    case 'failure': // §17.1.1.2
      return reliable ? failureReliable : failure
    case 'timer-cancel-wait': // §9.1: the peer never answered the INVITE that we cancelled
      return timedOut
    case 'transport-error': // §17.1.4: nothing is being sent, but the user sent a CANCEL or the connection broke
      return proceeding
    case 'timer-A':
    case 'timer-B':
    case 'timer-D':
    case 'timer-E':
    case 'timer-F':
    case 'timer-K':
    case 'timer-M':
      return proceeding
  }
}

function whenAccepted(input: ClientInput): Step<InviteClientState> {
  switch (input) {
    case 'success': // RFC 6026 §7.2: retransmissions, and the answers of other branches
      return nextSuccess
    case 'timer-M': // RFC 6026 §7.2
      return terminated
    case 'provisional': // RFC 6026 §7.2: other responses are dropped
    case 'failure':
    case 'timer-A':
    case 'timer-B':
    case 'timer-D':
    case 'timer-E':
    case 'timer-F':
    case 'timer-K':
    case 'timer-cancel-wait':
    case 'transport-error': // RFC 6026 §7.2: the ACK is the user's affair
      return accepted
  }
}

function whenCompleted(input: ClientInput): Step<InviteClientState> {
  switch (input) {
    case 'failure': // §17.1.1.2: the ACK was lost
      return nextFailure
    case 'timer-D':
    case 'transport-error': // §17.1.1.2; the user has its final response already
      return terminated
    case 'provisional':
    case 'success':
    case 'timer-A':
    case 'timer-B':
    case 'timer-E':
    case 'timer-F':
    case 'timer-K':
    case 'timer-M':
    case 'timer-cancel-wait':
      return completed
  }
}
