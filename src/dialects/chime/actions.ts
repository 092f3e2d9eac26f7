import type { Parsed } from '../dialect.ts'
import {
  always,
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
  nameOf,
  need,
  number,
  object,
  type ReadOf,
  text,
  type WriteOf,
  word,
} from '../shape.ts'

/**
 * The actions of a SIP media application, with their parameters as the developer guide's page of each action has them.
 * Every action that AWS samples were seen to send is here.
 */

export const participantTags = ['LEG-A', 'LEG-B'] as const
export type ParticipantTag = (typeof participantTags)[number]

/** `""` is what samples write for "none". */
function orNone<In, Out>(kind: Kind<In, Out>): Kind<In, Out> {
  return { ...kind, read: (value, path, notes) => (value === '' ? undefined : kind.read(value, path, notes)) }
}

const id = orNone(text({ max: 256, pattern: /./, what: 'an identifier' }))

/** One page of the guide writes `Leg-A`. */
const tag: Kind<ParticipantTag | (string & {}), ParticipantTag> = {
  ...word(participantTags),
  read(value, path, notes) {
    if (value === '') return undefined
    return word(participantTags).read(typeof value === 'string' ? value.toUpperCase() : value, path, notes)
  },
}

/** Which leg an action is for. `CallId` wins; neither means the leg of the invocation. */
const leg = { CallId: maybe(id), ParticipantTag: maybe(tag) }

/** Milliseconds or seconds, as a number or its text; never negative. */
const time = (min = 0, max = Number.MAX_SAFE_INTEGER) => integer({ min, max })

const s3Source = object({
  Type: maybe(word(['S3'])),
  BucketName: need(text({ max: 255 })),
  Key: need(text({ max: 1024 })),
})

const speech = object({
  Text: need(text({ max: 1000 })),
  Engine: maybe(word(['standard', 'neural'])),
  LanguageCode: maybe(text()),
  TextType: maybe(word(['text', 'ssml'])),
  VoiceId: maybe(text()),
})

const digit = text({ pattern: /^[0-9*#]$/, what: 'one of 0-9, * and #' })

/** Parameters of both actions that ask for digits. Numbers may come as text. */
const digits = {
  InputDigitsRegex: maybe(text()),
  MinNumberOfDigits: maybe(integer({ min: 0, max: 128 })),
  MaxNumberOfDigits: maybe(integer({ min: 1, max: 128 })),
  TerminatorDigits: maybe(list(digit)),
  InBetweenDigitsDurationInMilliseconds: maybe(time()),
  Repeat: maybe(integer({ min: 1 })),
  RepeatDurationInMilliseconds: maybe(time()),
}

/** Only these reach the callee (guide, "SIP headers"); `x-amzn…` is reserved. */
const headers = map(text({ max: 2048 }))

const endpoint = object({
  BridgeEndpointType: need(word(['PSTN', 'AWS'])),
  Uri: maybe(text({ max: 256 })),
  Arn: maybe(text({ max: 2048 })),
})

const track = word(['BOTH', 'INCOMING', 'OUTGOING'])

/** Pages that require a CallId; samples leave it out all the same, and the leg of the invocation is meant. */
const thisLeg = { ...leg, CallId: always(id) }

export const actionParameters = {
  Hangup: object({
    ...leg,
    // A string in every published action, a number in some handlers.
    SipResponseCode: maybe(sipResponseCode()),
  }),
  Pause: object({ ...leg, DurationInMilliseconds: need(time(0, 30_000)) }),
  PlayAudio: object({
    ...leg,
    AudioSource: need(s3Source),
    PlaybackTerminators: maybe(list(digit)),
    Repeat: maybe(integer({ min: 1 })),
  }),
  PlayAudioAndGetDigits: object({
    ...leg,
    AudioSource: need(s3Source),
    FailureAudioSource: maybe(s3Source),
    ...digits,
  }),
  Speak: object({ ...leg, ...speech.fields }),
  SpeakAndGetDigits: object({
    ...leg,
    SpeechParameters: need(speech),
    FailureSpeechParameters: maybe(speech),
    ...digits,
  }),
  ReceiveDigits: object({
    ...leg,
    InputDigitsRegex: need(text()),
    InBetweenDigitsDurationInMilliseconds: need(time()),
    FlushDigitsDurationInMilliseconds: need(time()),
  }),
  RecordAudio: object({
    ...leg,
    RecordingDestination: need(
      object({ Type: maybe(word(['S3'])), BucketName: need(text({ max: 255 })), Prefix: maybe(text({ max: 979 })) }),
    ),
    RecordingTerminators: always(list(digit)),
    DurationInSeconds: maybe(integer({ min: 1 })),
    SilenceDurationInSeconds: maybe(number({ min: 1, max: 1000 })),
    SilenceThreshold: maybe(integer({ min: 1, max: 1000 })),
  }),
  SendDigits: object({
    ...thisLeg,
    Digits: need(text({ max: 50, pattern: /^[0-9*#A-D,]+$/i, what: '0-9, A-D, *, # and commas' })),
    ToneDurationInMilliseconds: maybe(time(50, 24_000)),
  }),
  CallAndBridge: object({
    ...leg,
    CallTimeoutSeconds: maybe(integer({ min: 1, max: 120 })),
    CallerIdNumber: need(text({ max: 128 })),
    RingbackTone: maybe(s3Source),
    Endpoints: need(list(endpoint, { min: 1, max: 1 })),
    SipHeaders: maybe(headers),
  }),
  JoinChimeMeeting: object({
    ...leg,
    JoinToken: need(text()),
    MeetingId: maybe(id),
  }),
  ModifyChimeMeetingAttendees: object({
    ...leg,
    Operation: need(word(['Mute', 'Unmute'])),
    MeetingId: need(id),
    AttendeeList: need(list(text(), { min: 1, max: 100 })),
  }),
  StartCallRecording: object({
    ...thisLeg,
    Track: need(track),
    Destination: need(object({ Type: maybe(word(['S3'])), Location: need(text()) })),
  }),
  StopCallRecording: object(thisLeg),
  PauseCallRecording: object(thisLeg),
  ResumeCallRecording: object(thisLeg),
  StartBotConversation: object({
    ...leg,
    BotAliasArn: need(text({ max: 2048 })),
    LocaleId: maybe(text()),
    Configuration: maybe(
      object({
        SessionState: maybe(
          object({
            SessionAttributes: maybe(map(anything)),
            DialogAction: maybe(object({ Type: need(text()), SlotToElicit: maybe(text()) })),
            Intent: maybe(anything),
          }),
        ),
        WelcomeMessages: maybe(list(object({ Content: need(text()), ContentType: need(text()) }))),
      }),
    ),
  }),
  VoiceFocus: object({ ...thisLeg, Enable: need(flag) }),
} as const

export type ActionType = keyof typeof actionParameters
export const actionTypes = Object.keys(actionParameters) as readonly ActionType[]

/** An action as a handler is read to have asked for it, loose types made right: `"1000"` is 1000, `""` is absent. */
export type Action = {
  [T in ActionType]: Readonly<{ Type: T; Parameters: ReadOf<(typeof actionParameters)[T]> }>
}[ActionType]

/** An action to be written. */
export type OutgoingAction = {
  [T in ActionType]: Readonly<{ Type: T; Parameters: WriteOf<(typeof actionParameters)[T]> }>
}[ActionType]

/** The codes that a `Hangup` may carry (requirement: 480 unavailable, 486 busy, 0 normal). */
export const hangupCodes = [0, 480, 486] as const
export type HangupCode = (typeof hangupCodes)[number]

function sipResponseCode(): Kind<number, HangupCode> {
  const codes = integer({ min: 0, max: 699 })
  return {
    read(value, path, notes) {
      if (value === '') return undefined
      const code = codes.read(value, path, notes)
      if (code !== undefined && !(hangupCodes as readonly number[]).includes(code)) {
        return notes.warn('value', path, `0, 480 or 486 is expected, and this is ${code}`)
      }
      return code
    },
    write(value, path, notes) {
      if ((hangupCodes as readonly number[]).includes(value)) return String(value)
      return notes.fault('value', path, `0, 480 or 486 is required, and this is ${JSON.stringify(value)}`)
    },
  }
}

/**
 * Whether this is the name of an action that the service knows.
 *
 * @example
 * isActionType('Hangup') // true
 */
export function isActionType(type: unknown): type is ActionType {
  return typeof type === 'string' && Object.hasOwn(actionParameters, type)
}

/**
 * Reads one action from an object, or from its JSON text. A parameter that is wrong is a fault here, because the service
 * then fails the action (`InvalidActionParameter`, `MissingRequiredActionParameter`); keys that it does not know are
 * ignored. Faults: `chime.json`, `chime.wrong-type`, `chime.unknown-action`, `chime.missing`, `chime.value`.
 *
 * @example
 * const parsed = parseAction({ Type: 'Hangup', Parameters: { CallId: '', ParticipantTag: 'LEG-B', SipResponseCode: 486 } })
 * parsed.ok && parsed.value // { Type: 'Hangup', Parameters: { ParticipantTag: 'LEG-B', SipResponseCode: 486 } }
 */
export function parseAction(input: unknown, path = '$'): Parsed<Action> {
  const notes = new Notes('chime')
  let value = input
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value)
    } catch (error) {
      return notes.result(notes.fault('json', path, `not JSON: ${String(error)}`)) as Parsed<never>
    }
  }
  if (!isObject(value)) {
    notes.fault('wrong-type', path, `an action is an object, and this is ${nameOf(value)}`)
    return notes.result(undefined as never)
  }
  const { Type: type, Parameters: parameters } = value
  if (!isActionType(type)) return { ok: false, faults: [unknownAction(type, `${path}.Type`)] }
  const read = actionParameters[type].read(parameters ?? {}, `${path}.Parameters`, notes)
  // A parameter that the page requires and samples leave out has a default; any other oddity fails the action.
  const warnings = notes.warnings.filter(({ code }) => code === 'chime.missing')
  const faults = [...notes.faults, ...notes.warnings.filter(({ code }) => code !== 'chime.missing')]
  if (read === undefined || faults.length > 0) return { ok: false, faults }
  return { ok: true, value: { Type: type, Parameters: read } as Action, warnings }
}

export function unknownAction(type: unknown, place: string) {
  const near = typeof type === 'string' ? actionTypes.find((known) => similar(known, type)) : undefined
  return {
    code: 'chime.unknown-action',
    place,
    message: `${typeof type === 'string' ? JSON.stringify(type) : nameOf(type)} is no action`,
    ...(near === undefined ? {} : { remedy: `write ${near}` }),
  }
}

/** The page that describes the plural action is titled in the singular; others differ in case. */
function similar(known: string, type: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/s$/, '')
  return plain(known) === plain(type)
}

/**
 * Writes an action as its page has it: known keys only, in the page's order, `SipResponseCode` as text.
 * Faults: `chime.unknown-action`, `chime.missing`, `chime.wrong-type`, `chime.value`, `chime.unknown-key`.
 *
 * @example
 * const written = serialiseAction({ Type: 'Hangup', Parameters: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', SipResponseCode: 0 } })
 * written.ok && written.value // { Type: 'Hangup', Parameters: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', SipResponseCode: '0' } }
 */
export function serialiseAction(action: OutgoingAction, path = '$'): Parsed<JsonObject> {
  const type: unknown = action?.Type
  if (!isActionType(type)) return { ok: false, faults: [unknownAction(type, `${path}.Type`)] }
  const notes = new Notes('chime')
  const kind: Kind<unknown, never> = actionParameters[type]
  const parameters = kind.write(action.Parameters as never, `${path}.Parameters`, notes)
  return notes.result({ Type: type, Parameters: parameters })
}
