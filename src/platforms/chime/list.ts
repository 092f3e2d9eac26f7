import type { ActionType, ResponseAction } from '../../dialects/chime/index.ts'

/**
 * The list of actions that a transaction works off (guide, "Invoking actions on a call leg"). Pure: what is answered and what
 * becomes of actions goes in, and out comes what to run next and what to tell the function.
 */
export type List = Readonly<{
  rest: readonly ResponseAction[]
  running: ResponseAction | null
  /** Replaces what is left once the running action is done. */
  next: readonly ResponseAction[] | null
}>

export const emptyList: List = { rest: [], running: null, next: null }

/** `interrupted`: by an update · `dropped`: its call or leg is gone, and nobody hears of it. */
export type Outcome =
  | Readonly<{ type: 'done'; results?: Readonly<Record<string, unknown>> }>
  | Readonly<{ type: 'failed'; error: string; message: string; results?: Readonly<Record<string, unknown>> }>
  | Readonly<{ type: 'interrupted' }>
  | Readonly<{ type: 'dropped' }>

export type Report = 'ACTION_SUCCESSFUL' | 'ACTION_FAILED' | 'ACTION_INTERRUPTED' | null

/** Actions that tell of their success wherever they stand; the others only at the end of a list. */
const alwaysTold: ReadonlySet<ActionType> = new Set([
  'CallAndBridge',
  'Hangup',
  'JoinChimeMeeting',
  'ModifyChimeMeetingAttendees',
  'PlayAudioAndGetDigits',
  'SpeakAndGetDigits',
  'RecordAudio',
  'SendDigits',
  'StartBotConversation',
  'StartCallRecording',
  'StopCallRecording',
  'PauseCallRecording',
  'ResumeCallRecording',
  'VoiceFocus',
])

/** A new list: at once if nothing runs, else once the running action is done. */
export function replace(list: List, actions: readonly ResponseAction[]): List {
  return list.running === null ? { ...list, rest: actions } : { ...list, next: actions }
}

/** Takes the first of what is left, if nothing runs. */
export function start(list: List): List {
  const [first, ...rest] = list.rest
  return list.running !== null || first === undefined ? list : { rest, running: first, next: null }
}

/** The running action is over. */
export function settle(list: List, outcome: Outcome): Readonly<{ list: List; report: Report }> {
  const { running, next, rest } = list
  if (running === null) return { list, report: null }
  const after = (left: readonly ResponseAction[]): List => ({ rest: next ?? left, running: null, next: null })
  switch (outcome.type) {
    case 'done': {
      const last = rest.length === 0 && next === null
      return { list: after(rest), report: last || alwaysTold.has(typeOf(running)) ? 'ACTION_SUCCESSFUL' : null }
    }
    case 'failed':
      return { list: after([]), report: 'ACTION_FAILED' }
    case 'interrupted':
      return { list: after([]), report: 'ACTION_INTERRUPTED' }
    case 'dropped':
      return { list: after([]), report: null }
    default:
      return outcome satisfies never
  }
}

export function typeOf(one: ResponseAction): ActionType {
  return (one.valid ? one.action.Type : one.type) as ActionType
}
