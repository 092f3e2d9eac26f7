import { type ServerInput, type Step, step } from './machine.ts'

/** The non-INVITE server transaction, RFC 3261 §17.2.2. */
export type PlainServerState = 'trying' | 'proceeding' | 'completed' | 'terminated'

const trying = step('trying')
const proceeding = step('proceeding')
const completed = step('completed')
const terminated = step('terminated')

const provisional = step('proceeding', 'send')
const again = step('proceeding', 'resend')
const final = step('completed', 'arm-J', 'send')
const finalReliable = step('terminated', 'send')
const finalAgain = step('completed', 'resend')
const broken = step('terminated', 'report-transport-error')

export function plainServer(state: PlainServerState, input: ServerInput, reliable: boolean): Step<PlainServerState> {
  switch (state) {
    case 'trying':
      return whenTrying(input, reliable)
    case 'proceeding':
      return whenProceeding(input, reliable)
    case 'completed':
      return whenCompleted(input)
    case 'terminated':
      return terminated
  }
}

function whenTrying(input: ServerInput, reliable: boolean): Step<PlainServerState> {
  switch (input) {
    case 'respond-provisional':
      return provisional
    case 'respond-success':
    case 'respond-failure': // timer J is zero over reliable transports
      return reliable ? finalReliable : final
    case 'transport-error': // §17.2.4
      return broken
    case 'request': // §17.2.2: discarded, the user has it already
    case 'ack':
    case 'answered-before':
    case 'timer-G':
    case 'timer-H':
    case 'timer-I':
    case 'timer-J':
    case 'timer-L':
      return trying
  }
}

function whenProceeding(input: ServerInput, reliable: boolean): Step<PlainServerState> {
  switch (input) {
    case 'request': // §17.2.2
      return again
    case 'respond-provisional':
      return provisional
    case 'respond-success':
    case 'respond-failure':
      return reliable ? finalReliable : final
    case 'transport-error':
      return broken
    case 'ack':
    case 'answered-before':
    case 'timer-G':
    case 'timer-H':
    case 'timer-I':
    case 'timer-J':
    case 'timer-L':
      return proceeding
  }
}

function whenCompleted(input: ServerInput): Step<PlainServerState> {
  switch (input) {
    case 'request': // §17.2.2: the final response again
      return finalAgain
    case 'timer-J':
    case 'transport-error':
      return terminated
    case 'ack':
    case 'answered-before':
    case 'respond-provisional': // §17.2.2: discarded
    case 'respond-success':
    case 'respond-failure':
    case 'timer-G':
    case 'timer-H':
    case 'timer-I':
    case 'timer-L':
      return completed
  }
}
