import type { Fault, Parsed } from '../dialect.ts'
import {
  anything,
  flag,
  integer,
  isObject,
  type JsonObject,
  type Kind,
  list,
  map,
  maybe,
  Notes,
  need,
  number,
  object,
  type ReadOf,
  readShape,
  text,
  type WriteOf,
  word,
  writeShape,
} from '../shape.ts'
import { disconnectCauses } from './causes.ts'
import { time } from './time.ts'

/** Bodies and errors of the voice REST API (`/api/v2/accounts/{a}/calls…`), as the published OpenAPI document has them. */

const absoluteUrl = text({ max: 2048, pattern: /^https?:\/\/[^\s/]/i, what: 'an http or https URL' })
/** Samples post relative URLs here; they resolve against the call's last document. */
const anyUrl = text({ max: 2048 })
const method = word(['GET', 'POST'])
const credential = text({ max: 1024 })
const credentials = {
  username: maybe(credential),
  password: maybe(credential),
  fallbackUsername: maybe(credential),
  fallbackPassword: maybe(credential),
}
const tag = text({ max: 4096 })

const machineDetection = object({
  mode: maybe(word(['sync', 'async'])),
  detectionTimeout: maybe(number({ min: 0 })),
  silenceTimeout: maybe(number({ min: 0 })),
  speechThreshold: maybe(number({ min: 0 })),
  speechEndThreshold: maybe(number({ min: 0 })),
  machineSpeechEndThreshold: maybe(number({ min: 0 })),
  delayResult: maybe(flag),
  callbackUrl: maybe(absoluteUrl),
  callbackMethod: maybe(method),
  fallbackUrl: maybe(absoluteUrl),
  fallbackMethod: maybe(method),
  ...credentials,
})

const createCall = object({
  to: need(text({ pattern: /^(\+[1-9]\d{1,14}|sips?:\S+)$/i, what: 'an E164 telephone number or a SIP URI' })),
  from: need(
    text({
      pattern: /^(\+[1-9]\d{1,14}|Restricted|Anonymous|Private|Unavailable|sips?:\S+)$/i,
      what: 'an E164 telephone number',
    }),
  ),
  privacy: maybe(flag),
  displayName: maybe(text({ max: 256 })),
  uui: maybe(text({ max: 350 })),
  applicationId: need(text()),
  answerUrl: need(absoluteUrl),
  answerMethod: maybe(method),
  answerFallbackUrl: maybe(absoluteUrl),
  answerFallbackMethod: maybe(method),
  ...credentials,
  disconnectUrl: maybe(absoluteUrl),
  disconnectMethod: maybe(method),
  callTimeout: maybe(number({ min: 1, max: 300 })),
  callbackTimeout: maybe(number({ min: 1, max: 25 })),
  machineDetection: maybe(machineDetection),
  priority: maybe(integer({ min: 1, max: 5 })),
  tag: maybe(tag),
})

const createCallReply = object({
  applicationId: need(text()),
  accountId: need(text()),
  callId: need(text()),
  to: need(text()),
  from: need(text()),
  enqueuedTime: maybe(time),
  callUrl: need(text()),
  callTimeout: maybe(number()),
  callbackTimeout: maybe(number()),
  tag: maybe(tag),
  answerMethod: need(method),
  answerUrl: need(text()),
  answerFallbackMethod: maybe(method),
  answerFallbackUrl: maybe(text()),
  disconnectMethod: need(method),
  disconnectUrl: maybe(text()),
  ...credentials,
  priority: maybe(integer()),
})

const updateCall = object({
  state: maybe(word(['active', 'completed'])),
  redirectUrl: maybe(anyUrl),
  redirectMethod: maybe(method),
  redirectFallbackUrl: maybe(anyUrl),
  redirectFallbackMethod: maybe(method),
  ...credentials,
  tag: maybe(tag),
})

const callState = object({
  applicationId: need(text()),
  accountId: need(text()),
  callId: need(text()),
  parentCallId: maybe(text()),
  to: need(text()),
  from: need(text()),
  direction: need(word(['inbound', 'outbound'])),
  state: need(word(['queued', 'initiated', 'answered', 'disconnected'])),
  stirShaken: maybe(map(anything)),
  identity: maybe(text()),
  enqueuedTime: maybe(time),
  startTime: maybe(time),
  answerTime: maybe(time),
  endTime: maybe(time),
  disconnectCause: maybe(word(disconnectCauses)),
  errorMessage: maybe(text()),
  errorId: maybe(text()),
  lastUpdate: need(time),
})

const updateRecording = object({ state: need(word(['paused', 'recording'])) })

const updateConference = object({
  status: maybe(word(['active', 'completed'])),
  redirectUrl: maybe(anyUrl),
  redirectMethod: maybe(method),
  redirectFallbackUrl: maybe(anyUrl),
  redirectFallbackMethod: maybe(method),
  ...credentials,
})

const updateMember = object({ mute: maybe(flag), hold: maybe(flag), callIdsToCoach: maybe(list(text())) })

const statistics = object({
  currentCallQueueSize: need(integer({ min: 0 })),
  maxCallQueueSize: need(integer({ min: 0 })),
})

const errorBody = object({ type: need(text()), description: need(text()), id: maybe(text()) })

/** The bodies by name: requests as the server reads them, replies as it writes them. */
const bodies = {
  'create-call': createCall,
  'create-call-reply': createCallReply,
  'update-call': updateCall,
  'call-state': callState,
  'update-recording': updateRecording,
  'update-conference': updateConference,
  'update-member': updateMember,
  statistics,
  error: errorBody,
} as const

export type BodyName = keyof typeof bodies
export type Body<N extends BodyName> = ReadOf<(typeof bodies)[N]>
export type OutgoingBody<N extends BodyName> = WriteOf<(typeof bodies)[N]>

/**
 * Reads a body from JSON text or a value. What the service would answer with 400 is a fault; keys that it does not know
 * are ignored. Never throws. Faults: `bandwidth.json`, `bandwidth.missing`, `bandwidth.wrong-type`, `bandwidth.value`.
 *
 * @example
 * const parsed = parseBody('update-call', '{"state":"completed"}')
 * parsed.ok && parsed.value.state // 'completed'
 */
export function parseBody<N extends BodyName>(name: N, input: unknown): Parsed<Body<N>> {
  const parsed = readShape(bodies[name] as unknown as Kind<Body<N>, never>, input, new Notes('bandwidth'))
  if (!parsed.ok) return parsed
  const faults = [
    ...parsed.warnings,
    ...(name === 'update-call' ? updateFaults(parsed.value as Body<'update-call'>) : []),
  ]
  return faults.length > 0 ? { ok: false, faults } : parsed
}

/** `state` is `active` if it is not given; then there is where to redirect to, and with `completed` there is not. */
function updateFaults({ state = 'active', redirectUrl, redirectMethod, tag: newTag }: Body<'update-call'>): Fault[] {
  const fault = (place: string, message: string): Fault => ({ code: 'bandwidth.value', place, message })
  if (state === 'active') {
    return redirectUrl === undefined || redirectUrl === ''
      ? [
          {
            code: 'bandwidth.missing',
            place: '$.redirectUrl',
            message: 'redirectUrl is required while state is active',
          },
        ]
      : []
  }
  return [
    ...(redirectUrl === undefined
      ? []
      : [fault('$.redirectUrl', 'redirectUrl is not allowed when state is completed')]),
    ...(redirectMethod === undefined
      ? []
      : [fault('$.redirectMethod', 'redirectMethod is not allowed when state is completed')]),
    ...(newTag === undefined ? [] : [fault('$.tag', 'tag is not allowed when state is completed')]),
  ]
}

/**
 * Writes a body: published keys only. Faults as in `parseBody`, and `bandwidth.unknown-key`.
 *
 * @example
 * serialiseBody('update-recording', { state: 'paused' }).ok // true
 */
export function serialiseBody<N extends BodyName>(name: N, body: OutgoingBody<N>): Parsed<JsonObject> {
  return writeShape(bodies[name] as never, body as never, new Notes('bandwidth'))
}

/** Required of createCall, in the order in which the service names them. */
const requiredOfCreate = ['from', 'to', 'answerUrl', 'applicationId']

/**
 * The `description` of the 400 that the service gives for a body that did not parse.
 *
 * @example
 * const parsed = parseBody('create-call', '{"from":"+15550100"}')
 * parsed.ok ? '' : describeFaults(parsed.faults) // 'Missing at least one required field. Required fields are [from, to, answerUrl, applicationId]'
 */
export function describeFaults(faults: readonly Fault[]): string {
  const [first] = faults
  if (first === undefined) return 'Invalid request'
  const key = first.place.replace(/^\$\.?/, '')
  if (faults.some(({ code, place }) => code === 'bandwidth.missing' && requiredOfCreate.includes(place.slice(2)))) {
    return `Missing at least one required field. Required fields are [${requiredOfCreate.join(', ')}]`
  }
  if (first.code === 'bandwidth.json') return 'Request body is not valid JSON'
  if (/URL is expected/.test(first.message)) return `Invalid ${key}: only http and https are allowed`
  if (/E164/.test(first.message)) return `Invalid ${key}: must be an E164 telephone number`
  const range = /from (-?[\d.]+) to (-?[\d.]+)/.exec(first.message)
  if (range !== null) return `Invalid ${key}: must be within the range [${range[1]}, ${range[2]}]`
  return key === '' ? first.message : `Invalid ${key}: ${first.message}`
}

/** Kinds of error reply: HTTP status, the `type` of the body, and the sentence where it is always the same. */
export const restErrors = {
  validation: { status: 400, type: 'validation', description: 'Invalid request' },
  authentication: { status: 401, type: 'authentication-error', description: 'The credentials provided were invalid' },
  authorization: { status: 403, type: 'authorization-error', description: 'Access is denied' },
  'not-found': { status: 404, type: 'validation', description: 'Not Found' },
  method: { status: 405, type: 'validation', description: 'Method Not Allowed' },
  conflict: { status: 409, type: 'validation', description: 'Cannot be modified in its current state' },
  'media-type': { status: 415, type: 'validation', description: 'Content type not supported' },
  'creation-rate': { status: 429, type: 'error', description: 'Account call creation rate limit exceeded' },
  'concurrent-calls': { status: 429, type: 'error', description: 'Account concurrent call limit exceeded' },
  internal: { status: 500, type: 'internal-error', description: 'Internal error' },
  'too-many-calls': { status: 503, type: 'system-overloaded', description: 'Managing too many concurrent calls' },
  'too-many-requests': { status: 503, type: 'system-overloaded', description: 'Handling too many requests' },
} as const satisfies Record<string, Readonly<{ status: number; type: string; description: string }>>

export type RestErrorName = keyof typeof restErrors
export type RestError = Readonly<{
  status: number
  body: Readonly<{ type: string; description: string; id: string | null }>
}>

/**
 * An error reply: its status and body.
 *
 * @example
 * restError('conflict', callConflict('c-1')).body.description // 'Call [c-1] cannot be modified in its current state'
 */
export function restError(name: RestErrorName, description?: string, id: string | null = null): RestError {
  const row = restErrors[name]
  return { status: row.status, body: { type: row.type, description: description ?? row.description, id } }
}

/**
 * The sentence of a 404 about a call.
 *
 * @example
 * callNotFound('c-1') // 'Call [c-1] not found'
 */
export const callNotFound = (callId: string): string => `Call [${callId}] not found`
/**
 * The sentence of a 409 about a call that is over, or not yet where the request needs it.
 *
 * @example
 * callConflict('c-1') // 'Call [c-1] cannot be modified in its current state'
 */
export const callConflict = (callId: string): string => `Call [${callId}] cannot be modified in its current state`

/**
 * Which kind an error reply is: by status and sentence; null for a status that the API does not use.
 *
 * @example
 * readRestError(409) // 'conflict'
 */
export function readRestError(status: number, body?: unknown): RestErrorName | null {
  const description = isObject(body) && typeof body.description === 'string' ? body.description : ''
  const names = Object.keys(restErrors) as RestErrorName[]
  const same = names.filter((name) => restErrors[name].status === status)
  return same.find((name) => restErrors[name].description === description) ?? same[0] ?? null
}
