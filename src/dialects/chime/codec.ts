import { type Cause, causeNames } from '../../call/causes.ts'
import type { Actor, Codes, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { isObject, type JsonObject } from '../shape.ts'
import { causeOfStatus, heardActorOf } from '../sip/index.ts'
import type { HangupCode } from './actions.ts'
import { eventTypeOf } from './events.ts'

/** `SipResponseCode` of the `Hangup` that says a cause: 0 normal, 486 busy, 480 for every other failure. */
export const hangupCodeOf: Readonly<Record<Cause, HangupCode>> = {
  hangup: 0,
  'script-end': 0,
  scheduled: 0,
  'time-limit': 0,
  cancelled: 0,
  'no-answer': 480,
  busy: 486,
  declined: 480,
  unwanted: 480,
  blocked: 480,
  unavailable: 480,
  'not-found': 480,
  incompatible: 480,
  'answered-elsewhere': 0,
  'declined-elsewhere': 0,
  transferred: 0,
  superseded: 0,
  'media-failed': 480,
  'media-lost': 480,
  'capture-failed': 480,
  'session-expired': 480,
  'no-ack': 480,
  'peer-gone': 480,
  'account-limit': 480,
  congestion: 480,
  'app-unreachable': 480,
  'app-invalid': 480,
  'app-failed': 480,
  'machine-detected': 0,
  'network-failed': 480,
  shutdown: 480,
  restarted: 480,
  error: 480,
  unknown: 0,
}

const understood: Readonly<Record<HangupCode, Cause>> = { 0: 'hangup', 480: 'unavailable', 486: 'busy' }

/** An ending in Chime's words: the `Hangup` action. */
export type ChimeHangup = Readonly<{
  Type: 'Hangup'
  Parameters: Readonly<{ CallId?: string; ParticipantTag?: string; SipResponseCode: `${HangupCode}` }>
}>

/**
 * Reads a HANGUP event, a `Hangup` action (loose types and all), a response that holds one, an ACTION_FAILED of a bridge
 * that nobody answered, or a bare code; objects or JSON text. Writes the `Hangup` action.
 *
 * @example
 * codec.read({ Type: 'Hangup', Parameters: { SipResponseCode: '486' } }, { at: 0 }).cause // 'busy'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'app', phase: 'ringing', at: 0 }) // { Type: 'Hangup', Parameters: { SipResponseCode: '486' } }
 */
export const codec: EndingCodec<ChimeHangup> = {
  dialect: 'chime',
  read: (wire, context) => ({ ...read(decoded(wire), context), raw: { dialect: 'chime', value: wire } }),
  write,
  says: Object.fromEntries(causeNames.map((cause) => [cause, understood[hangupCodeOf[cause]]])) as Record<Cause, Cause>,
  identify,
  text,
}

function decoded(wire: unknown): unknown {
  if (typeof wire !== 'string' || !/^\s*[[{]/.test(wire)) return wire
  try {
    return JSON.parse(wire)
  } catch {
    return undefined
  }
}

function read(wire: unknown, context: ReadContext): Ending {
  if (typeof wire === 'number' || typeof wire === 'string') return readAction(wire, context)
  if (!isObject(wire)) return nothing(context, 'neither an event nor an action')
  const type = eventTypeOf(wire)
  if (type === 'HANGUP') return readHangupEvent(wire, context)
  if (type !== null) return readOtherEvent(type, wire, context)
  if (wire.Type === 'Hangup') return readAction(parametersOf(wire).SipResponseCode, context)
  if (wire.SipResponseCode !== undefined) return readAction(wire.SipResponseCode, context)
  if (Array.isArray(wire.Actions)) {
    const hangup = wire.Actions.find((action) => isObject(action) && action.Type === 'Hangup')
    if (hangup !== undefined) return readAction(parametersOf(hangup).SipResponseCode, context)
  }
  return nothing(context, 'no event or action that ends anything')
}

const parametersOf = (action: JsonObject): JsonObject => (isObject(action.Parameters) ? action.Parameters : {})

/** A code as a number: handlers write numbers, numeric text, `""` and nothing. */
function codeOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return 0
  const code = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value
  return typeof code === 'number' && Number.isInteger(code) ? code : undefined
}

/** The application says what it wants said: 480 is "unavailable" (developer guide, Hangup). */
function readAction(value: unknown, context: ReadContext): Ending {
  const code = codeOf(value)
  const cause = understood[code as HangupCode] ?? causeOfCode(code)
  return {
    cause,
    actor: 'app',
    phase: context.phase ?? (code === 0 ? 'answered' : 'ringing'),
    at: context.at,
    ...codes(code),
  }
}

/** The service says what came of a leg: 480 is "no answer" (developer guide, Ending a call). */
function causeOfCode(code: number | undefined): Cause {
  if (code === undefined) return 'unknown'
  if (code === 0 || (code >= 200 && code < 300)) return 'hangup'
  return code === 480 ? 'no-answer' : causeOfStatus(code)
}

function codes(code: number | undefined): Readonly<{ codes?: Codes }> {
  if (code === undefined) return {}
  return { codes: code >= 100 && code <= 699 ? { sip: code, platform: code } : { platform: code } }
}

/**
 * One leg ended, whoever ended it: a 0 does not say whether its party or the application did. Another code on a leg that
 * the service placed is the far end's refusal; on one that came in, only the application can have said it.
 */
function readHangupEvent(event: JsonObject, context: ReadContext): Ending {
  const parameters = parametersOf(isObject(event.ActionData) ? event.ActionData : {})
  const participants = participantsOf(event)
  const ended =
    participants.find(({ CallId }) => CallId !== undefined && CallId === parameters.CallId) ??
    participants.find(
      ({ ParticipantTag }) => ParticipantTag !== undefined && ParticipantTag === parameters.ParticipantTag,
    ) ??
    (participants.length === 1 ? participants[0] : participants.find(({ Status }) => Status === 'Disconnected'))
  const code = codeOf(parameters.SipResponseCode)
  const cause = causeOfCode(code)
  const outbound = ended?.Direction === 'Outbound' || (ended?.Direction === undefined && context.direction === 'out')
  const refused = cause !== 'hangup' && cause !== 'unknown'
  const actor: Actor = !refused ? 'unknown' : outbound ? heardActorOf(cause, 'callee') : 'app'
  const phase: Phase = context.phase ?? (refused ? 'ringing' : 'answered')
  const detail = whoLeft(ended, parameters, participants)
  return { cause, actor, phase, at: context.at, ...(detail === undefined ? {} : { detail }), ...codes(code) }
}

function participantsOf(event: JsonObject): readonly JsonObject[] {
  const details = event.CallDetails
  return isObject(details) && Array.isArray(details.Participants) ? details.Participants.filter(isObject) : []
}

function whoLeft(
  ended: JsonObject | undefined,
  parameters: JsonObject,
  participants: readonly JsonObject[],
): string | undefined {
  const tag = ended?.ParticipantTag ?? parameters.ParticipantTag
  if (typeof tag !== 'string' || tag === '') return undefined
  const rest = participants.filter((other) => other !== ended && other.Status === 'Connected')
  const left = ended?.Direction === 'Inbound' ? `${tag}, which called,` : tag
  const stays = rest.map(({ ParticipantTag }) => String(ParticipantTag)).join(' and ')
  return stays === '' ? `${left} ended` : `${left} ended; ${stays} is still connected`
}

function readOtherEvent(type: string, event: JsonObject, context: ReadContext): Ending {
  const data = isObject(event.ActionData) ? event.ActionData : {}
  if (type === 'ACTION_SUCCESSFUL' && data.Type === 'Hangup')
    return readAction(parametersOf(data).SipResponseCode, context)
  if (type === 'ACTION_FAILED' && data.ErrorType === 'CallNotAnswered') {
    return {
      cause: 'no-answer',
      actor: 'unknown',
      phase: context.phase ?? 'ringing',
      at: context.at,
      detail: 'the bridged leg',
    }
  }
  return nothing(context, `${type} ends no leg`)
}

function nothing({ at, phase }: ReadContext, detail: string): Ending {
  return { cause: 'unknown', actor: 'unknown', phase: phase ?? 'offered', at, detail }
}

function write(ending: Ending, context: WriteContext = {}): ChimeHangup {
  const { CallId, ParticipantTag } = context.ids ?? {}
  return {
    Type: 'Hangup',
    Parameters: {
      ...(CallId === undefined ? {} : { CallId }),
      ...(ParticipantTag === undefined ? {} : { ParticipantTag }),
      SipResponseCode: `${hangupCodeOf[ending.cause]}`,
    },
  }
}

/** Names of the leg that a value ends, and of its transaction. */
function identify(wire: unknown): Readonly<Record<string, string>> {
  const value = decoded(wire)
  if (!isObject(value)) return {}
  const action = value.Type === 'Hangup' ? value : isObject(value.ActionData) ? value.ActionData : {}
  const { CallId, ParticipantTag } = parametersOf(action)
  const transaction = isObject(value.CallDetails) ? value.CallDetails.TransactionId : undefined
  const ids: Record<string, string> = {}
  if (typeof CallId === 'string' && CallId !== '') ids.CallId = CallId
  if (typeof ParticipantTag === 'string' && ParticipantTag !== '') ids.ParticipantTag = ParticipantTag
  if (typeof transaction === 'string') ids.TransactionId = transaction
  return ids
}

/** One line, spaced as the developer guide prints its actions. */
function text(wire: ChimeHangup): string {
  const parameters = Object.entries(wire.Parameters).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  )
  return `{ "Type": "Hangup", "Parameters": { ${parameters.join(', ')} } }`
}
