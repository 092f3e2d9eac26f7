import { type ClientInput, type Step, step } from './machine.ts'

/** The non-INVITE client transaction, RFC 3261 §17.1.2. */
export type PlainClientState = 'trying' | 'proceeding' | 'completed' | 'terminated'

const trying = step('trying')
const proceeding = step('proceeding')
const completed = step('completed')
const terminated = step('terminated')

const start = step('trying', 'resend', 'arm-E', 'arm-F')
const startReliable = step('trying', 'resend', 'arm-F')
const again = step('trying', 'resend', 'arm-E')
const againSlowly = step('proceeding', 'resend', 'arm-E-slow')
const provisional = step('proceeding', 'deliver')
const final = step('completed', 'quiet', 'arm-K', 'deliver')
const finalReliable = step('terminated', 'deliver')
const timedOut = step('terminated', 'report-timeout')
const broken = step('terminated', 'report-transport-error')

/** The step that begins the machine. */
export function startPlainClient(reliable: boolean): Step<PlainClientState> {
  return reliable ? startReliable : start
}

export function plainClient(state: PlainClientState, input: ClientInput, reliable: boolean): Step<PlainClientState> {
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

function whenTrying(input: ClientInput, reliable: boolean): Step<PlainClientState> {
  switch (input) {
    case 'timer-E': // §17.1.2.2: doubles up to T2
      return again
    case 'timer-F':
      return timedOut
    case 'provisional':
      return provisional
    case 'success':
    case 'failure': // timer K is zero over reliable transports
      return reliable ? finalReliable : final
    case 'transport-error': // §17.1.4
      return broken
    case 'timer-A':
    case 'timer-B':
    case 'timer-D':
    case 'timer-K':
    case 'timer-M':
    case 'timer-cancel-wait':
      return trying
  }
}

function whenProceeding(input: ClientInput, reliable: boolean): Step<PlainClientState> {
  switch (input) {
    case 'timer-E': // §17.1.2.2: every T2 from here on
      return againSlowly
    case 'timer-F':
      return timedOut
    case 'provisional':
      return provisional
    case 'success':
    case 'failure':
      return reliable ? finalReliable : final
    case 'transport-error': // §17.1.4
      return broken
    case 'timer-A':
    case 'timer-B':
    case 'timer-D':
    case 'timer-K':
    case 'timer-M':
    case 'timer-cancel-wait':
      return proceeding
  }
}

function whenCompleted(input: ClientInput): Step<PlainClientState> {
  switch (input) {
    case 'timer-K': // §17.1.2.2
      return terminated
    case 'provisional': // absorbed
    case 'success':
    case 'failure':
    case 'timer-A':
    case 'timer-B':
    case 'timer-D':
    case 'timer-E':
    case 'timer-F':
    case 'timer-M':
    case 'timer-cancel-wait':
    case 'transport-error':
      return completed
  }
}
