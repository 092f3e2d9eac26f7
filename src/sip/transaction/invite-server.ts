import { type ServerInput, type Step, step } from './machine.ts'

/** RFC 3261 §17.2.1, with the Accepted state of RFC 6026 §7.1. */
export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated'

const proceeding = step('proceeding')
const accepted = step('accepted')
const completed = step('completed')
const confirmed = step('confirmed')
const terminated = step('terminated')

const again = step('proceeding', 'resend')
const provisional = step('proceeding', 'send')
const success = step('accepted', 'arm-L', 'send')
const nextSuccess = step('accepted', 'send')
const acknowledgedSuccess = step('accepted', 'deliver')
const answeredBefore = step('accepted', 'quiet', 'arm-L')
const failure = step('completed', 'arm-G', 'arm-H', 'send')
const failureReliable = step('completed', 'arm-H', 'send')
const failureAgain = step('completed', 'resend')
const retransmit = step('completed', 'resend', 'arm-G')
const acknowledged = step('confirmed', 'quiet', 'arm-I', 'deliver')
const acknowledgedReliable = step('terminated', 'deliver')
const unacknowledged = step('terminated', 'report-no-ack')
const brokenProceeding = step('proceeding', 'report-transport-error')
const brokenAccepted = step('accepted', 'report-transport-error')
const brokenCompleted = step('completed', 'report-transport-error')

export function inviteServer(state: InviteServerState, input: ServerInput, reliable: boolean): Step<InviteServerState> {
  switch (state) {
    case 'proceeding':
      return whenProceeding(input, reliable)
    case 'accepted':
      return whenAccepted(input)
    case 'completed':
      return whenCompleted(input, reliable)
    case 'confirmed':
      return whenConfirmed(input)
    case 'terminated':
      return terminated
  }
}

function whenProceeding(input: ServerInput, reliable: boolean): Step<InviteServerState> {
  switch (input) {
    case 'request': // §17.2.1: the last provisional response again
      return again
    case 'respond-provisional':
      return provisional
    case 'respond-success': // RFC 6026 §7.1: not destroyed
      return success
    case 'respond-failure': // §17.2.1: timer G runs over unreliable transports only
      return reliable ? failureReliable : failure
    case 'answered-before': // RFC 6026 §7.1: repetitions are absorbed for as long as after a 2xx of this life
      return answeredBefore
    case 'transport-error':
      return brokenProceeding
    case 'ack':
    case 'timer-G':
    case 'timer-H':
    case 'timer-I':
    case 'timer-J':
    case 'timer-L':
      return proceeding
  }
}

function whenAccepted(input: ServerInput): Step<InviteServerState> {
  switch (input) {
    case 'respond-success': // RFC 6026 §7.1: the user's own retransmission (RFC 3261 §13.3.1.4)
      return nextSuccess
    case 'ack': // RFC 6026 §7.1
      return acknowledgedSuccess
    case 'timer-L':
      return terminated
    case 'transport-error': // RFC 6026 §7.1
      return brokenAccepted
    case 'request': // RFC 6026 §7.1: absorbed, never answered from here
    case 'answered-before':
    case 'respond-provisional':
    case 'respond-failure':
    case 'timer-G':
    case 'timer-H':
    case 'timer-I':
    case 'timer-J':
      return accepted
  }
}

function whenCompleted(input: ServerInput, reliable: boolean): Step<InviteServerState> {
  switch (input) {
    case 'request': // §17.2.1
      return failureAgain
    case 'timer-G': // §17.2.1: doubles up to T2
      return retransmit
    case 'ack': // §17.2.1; timer I is zero over reliable transports
      return reliable ? acknowledgedReliable : acknowledged
    case 'answered-before':
      return answeredBefore
    case 'timer-H': // §17.2.1
      return unacknowledged
    case 'transport-error': // RFC 6026 §7.1: stays; the ACK may still come, or timer H
      return brokenCompleted
    case 'respond-provisional':
    case 'respond-success':
    case 'respond-failure':
    case 'timer-I':
    case 'timer-J':
    case 'timer-L':
      return completed
  }
}

function whenConfirmed(input: ServerInput): Step<InviteServerState> {
  switch (input) {
    case 'timer-I':
      return terminated
    case 'request': // §17.2.1: absorbed
    case 'ack':
    case 'answered-before':
    case 'respond-provisional':
    case 'respond-success':
    case 'respond-failure':
    case 'timer-G':
    case 'timer-H':
    case 'timer-J':
    case 'timer-L':
    case 'transport-error':
      return confirmed
  }
}
