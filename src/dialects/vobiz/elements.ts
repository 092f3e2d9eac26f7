/**
 * The elements of Vobiz XML: what stands where, which attributes they take, and what answers a call.
 * This table is the whole family; `../plivo/profile.ts` holds Plivo's differences. Names are case-sensitive.
 */

export type AttributeSpec =
  /** `outside: 'refuse'`: a number out of range makes the document invalid in every mode. */
  | Readonly<{ type: 'integer'; min: number; max: number; default?: number; outside?: 'refuse' }>
  /** A number or one of some words. */
  | Readonly<{ type: 'integer-or-word'; min: number; max: number; words: readonly string[]; default?: string }>
  | Readonly<{ type: 'boolean'; default?: boolean }>
  | Readonly<{ type: 'word'; values: readonly string[]; default?: string }>
  /** Checked when it is used, not when it is read: a wrong one has its own hangup code. */
  | Readonly<{ type: 'url' }>
  | Readonly<{ type: 'method'; default: 'POST' | 'GET' }>
  | Readonly<{ type: 'text'; default?: string }>

/** What an element may hold beside child elements. `ssml`: words, with speech markup. */
export type TextRule = 'none' | 'optional' | 'required' | 'ssml'

export type ElementSpec = Readonly<{
  /** Whether running it answers an incoming call that rings. */
  answers: boolean
  text: TextRule
  children: readonly string[]
  attributes: Readonly<Record<string, AttributeSpec>>
  /** Attributes without which the document is invalid in `strict`, and warned about otherwise. */
  needs?: readonly string[]
}>

const any = 2_147_483_647
const count = (value?: number): AttributeSpec =>
  value === undefined ? { type: 'integer', min: 0, max: any } : { type: 'integer', min: 0, max: any, default: value }
const range = (min: number, max: number, value?: number): AttributeSpec =>
  value === undefined ? { type: 'integer', min, max } : { type: 'integer', min, max, default: value }
const flag = (value: boolean): AttributeSpec => ({ type: 'boolean', default: value })
const text = (value?: string): AttributeSpec =>
  value === undefined ? { type: 'text' } : { type: 'text', default: value }
const url: AttributeSpec = { type: 'url' }
const method: AttributeSpec = { type: 'method', default: 'POST' }
const word = (values: readonly string[], value?: string): AttributeSpec =>
  value === undefined ? { type: 'word', values } : { type: 'word', values, default: value }
const orAuto = (min: number, max: number): AttributeSpec => ({ type: 'integer-or-word', min, max, words: ['auto'] })
/** Times to play; 0 is for ever. A wrong one has always made the whole document invalid. */
const loop: AttributeSpec = { type: 'integer', min: 0, max: any, default: 1, outside: 'refuse' }

const inputTypes = ['dtmf', 'speech', 'dtmf speech']
const prompts = ['Speak', 'Play', 'Wait']

/** Seconds. A longer schedule cannot be meant: calls are cut at a day. */
export const longestSchedule = 86_400

const gather = {
  action: url,
  method,
  inputType: word(inputTypes, 'dtmf'),
  executionTimeout: range(5, 60, 15),
  digitEndTimeout: orAuto(2, 10),
  speechEndTimeout: orAuto(2, 10),
  finishOnKey: text('#'),
  numDigits: range(1, 32, 32),
  speechModel: text(),
  hints: text(),
  language: text('en-US'),
  interimSpeechResultsCallback: url,
  interimSpeechResultsCallbackMethod: method,
  log: flag(true),
  redirect: flag(true),
  profanityFilter: flag(false),
}

/** None is checked further before the element is carried out. */
const multiPartyCall: Readonly<Record<string, AttributeSpec>> = Object.fromEntries(
  [
    'role maxDuration maxParticipants recordMinMemberCount waitMusicUrl waitMusicMethod agentHoldMusicUrl',
    'agentHoldMusicMethod customerHoldMusicUrl customerHoldMusicMethod record recordFileFormat recordingCallbackUrl',
    'recordingCallbackMethod statusCallbackEvents statusCallbackUrl statusCallbackMethod stayAlone coachMode mute hold',
    'startMpcOnEnter endMpcOnExit enterSound enterSoundMethod exitSound exitSoundMethod onExitActionUrl',
    'onExitActionMethod relayDTMFInputs startRecordingAudio startRecordingAudioMethod stopRecordingAudio',
    'stopRecordingAudioMethod recordParticipantTrack',
  ].flatMap((names) => names.split(' ').map((name) => [name, { type: 'text' }] as const)),
)

export const vobizElements = {
  Hangup: {
    answers: false,
    text: 'none',
    children: [],
    attributes: {
      reason: { type: 'word', values: ['rejected', 'busy'] },
      schedule: { type: 'integer', min: 1, max: longestSchedule },
    },
  },
  Speak: {
    answers: true,
    text: 'ssml',
    children: [],
    attributes: { voice: text('WOMAN'), language: text('en-US'), loop },
  },
  Play: { answers: true, text: 'required', children: [], attributes: { loop } },
  Wait: {
    answers: false,
    text: 'none',
    children: [],
    attributes: {
      length: { type: 'integer', min: 1, max: longestSchedule, default: 1, outside: 'refuse' },
      silence: flag(false),
      minSilence: count(2000),
      beep: text('false'),
    },
  },
  PreAnswer: { answers: false, text: 'none', children: prompts, attributes: {} },
  /** Hosted behaviour is not published; not answering lets an app screen a call by redirecting and then refuse it. */
  Redirect: { answers: false, text: 'required', children: [], attributes: { method } },
  Dial: {
    answers: false,
    text: 'optional',
    children: ['Number', 'User'],
    attributes: {
      action: url,
      method,
      callbackUrl: url,
      callbackMethod: method,
      redirect: flag(true),
      callerId: text(),
      callerName: text(),
      timeout: count(120),
      timeLimit: count(14_400),
      hangupOnStar: flag(false),
      dialMusic: text('real'),
      confirmSound: url,
      confirmKey: text(),
      confirmTimeout: count(),
      digitsMatch: text(),
      digitsMatchBLeg: text(),
      sipHeaders: text(),
    },
  },
  Number: {
    answers: false,
    text: 'required',
    children: [],
    attributes: {
      sendDigits: text(),
      sendOnPreanswer: flag(false),
      sendDigitsMode: text(),
      callerId: text(),
      callerName: text(),
    },
  },
  User: {
    answers: false,
    text: 'required',
    children: [],
    attributes: {
      sendDigits: text(),
      sendOnPreanswer: flag(false),
      sendDigitsMode: text(),
      sipHeaders: text(),
      callerId: text(),
      callerName: text(),
    },
  },
  Gather: { answers: true, text: 'none', children: prompts, attributes: gather, needs: ['action'] },
  GetInput: {
    answers: true,
    text: 'none',
    children: prompts,
    attributes: { ...gather, startInputTimeout: count(), retries: count() },
    needs: ['action'],
  },
  GetDigits: {
    answers: true,
    text: 'none',
    children: prompts,
    attributes: {
      action: url,
      method,
      timeout: count(5),
      digitTimeout: count(2),
      numDigits: range(1, 99, 99),
      retries: count(1),
      finishOnKey: text('#'),
      playBeep: flag(false),
      validDigits: text('1234567890*#'),
      invalidDigitsSound: url,
      log: flag(true),
      redirect: flag(true),
    },
  },
  Record: {
    answers: true,
    text: 'none',
    children: [],
    attributes: {
      action: url,
      method,
      redirect: flag(false),
      fileFormat: word(['mp3', 'wav'], 'mp3'),
      timeout: count(60),
      maxLength: count(60),
      playBeep: flag(true),
      finishOnKey: text('1234567890*#'),
      recordSession: flag(false),
      startOnDialAnswer: flag(false),
      transcriptionType: text(),
      transcriptionUrl: url,
      transcriptionMethod: method,
      callbackUrl: url,
      callbackMethod: method,
    },
  },
  Conference: {
    answers: true,
    text: 'required',
    children: [],
    attributes: {
      muted: flag(false),
      beep: flag(false),
      startConferenceOnEnter: flag(true),
      endConferenceOnExit: flag(false),
      maxParticipants: count(),
      stayAlone: flag(false),
      enterSound: text(),
      exitSound: text(),
      relayDTMF: flag(true),
      digitsMatch: text(),
      hangupOnStar: flag(false),
      waitSound: url,
      waitMethod: method,
      callbackUrl: url,
      callbackMethod: method,
      record: flag(false),
      recordFileFormat: word(['mp3', 'wav'], 'mp3'),
      timeLimit: count(14_400),
      action: url,
      method,
      redirect: flag(true),
    },
  },
  DTMF: { answers: true, text: 'required', children: [], attributes: { async: flag(true) } },
  Stream: {
    answers: true,
    text: 'required',
    children: [],
    attributes: {
      bidirectional: flag(false),
      audioTrack: word(['inbound', 'outbound', 'both'], 'inbound'),
      streamTimeout: count(86_400),
      statusCallbackUrl: url,
      statusCallbackMethod: method,
      contentType: text(),
      extraHeaders: text(),
      maxRetries: range(0, 10),
      keepCallAlive: flag(false),
    },
  },
  MultiPartyCall: {
    answers: true,
    text: 'required',
    children: ['AgentHoldMusic', 'CustomerHoldMusic'],
    attributes: multiPartyCall,
  },
  AgentHoldMusic: { answers: false, text: 'optional', children: [], attributes: {} },
  CustomerHoldMusic: { answers: false, text: 'optional', children: [], attributes: {} },
  Message: {
    answers: false,
    text: 'required',
    children: [],
    attributes: { src: text(), dst: text(), type: text(), callbackUrl: url, callbackMethod: method },
  },
} as const satisfies Record<string, ElementSpec>

export type ElementName = keyof typeof vobizElements

/** The elements that are run; the others are read and checked, and end the call with `app-failed` when their turn comes. */
export const carriedOut = ['Hangup', 'Speak', 'Play', 'Wait', 'PreAnswer', 'Redirect'] as const
export type CarriedOut = (typeof carriedOut)[number]

/** Speech markup inside `Speak`. */
export const ssmlElements: readonly string[] = [
  'break',
  'emphasis',
  'lang',
  'p',
  'phoneme',
  'prosody',
  's',
  'say-as',
  'sub',
  'w',
]

/** Other vendors' verbs, and the framework's that the hosted platforms dropped: what to write instead. */
export const verbHints: Readonly<Record<string, string>> = {
  Say: 'that is Twilio’s verb: write <Speak>',
  Pause: 'that is Twilio’s verb: write <Wait>',
  Reject: 'that is Twilio’s verb: write <Hangup reason="rejected"/> or <Hangup reason="busy"/>',
  Sms: 'that is Twilio’s verb: there is no such element',
  Enqueue: 'that is Twilio’s verb: write <Conference>',
  Queue: 'that is Twilio’s verb: write <Conference>',
  Leave: 'that is Twilio’s verb: write <Redirect>',
  Refer: 'that is Twilio’s verb: write <Dial>',
  Connect: 'that is Twilio’s verb: write <Stream> or <Dial>',
  Start: 'that is Twilio’s verb: write <Stream>',
  Stop: 'that is Twilio’s verb: there is no such element',
  Client: 'that is Twilio’s noun: write <User>',
  Sip: 'that is Twilio’s noun: write <User>',
  Gather: 'this vendor’s elements are <GetDigits> and <GetInput>',
  GetSpeech: 'only the old framework knew it: write an element that gathers speech',
  SIPTransfer: 'only the old framework knew it: write <Dial>',
  Notify: 'only the old framework knew it: there is no such element',
  PlayAudio: 'that is Bandwidth’s verb: write <Play>',
  SpeakSentence: 'that is Bandwidth’s verb: write <Speak>',
  Transfer: 'that is Bandwidth’s verb: write <Dial>',
}
