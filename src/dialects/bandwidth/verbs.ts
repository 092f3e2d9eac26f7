import { flag, type Kind, maybe, need, number, object, type ReadOf, text, type WriteOf, word } from '../shape.ts'

/**
 * The verbs of BXML: their attributes with ranges and defaults, their content, and what they do to the rest of the
 * document. Data only; bxml.ts reads and writes by it.
 */

/** Any URL, relative ones too: they resolve against the document's own. */
const url = text({ max: 2048 })
/** Words whatever their case: shipped generators have erred in it. */
function words<const W extends string>(list: readonly W[]): Kind<W | (string & {}), W> {
  const strict = word(list)
  return {
    ...strict,
    read(value, path, notes) {
      const known =
        typeof value === 'string' ? list.find((one) => one.toLowerCase() === value.toLowerCase()) : undefined
      return strict.read(known ?? value, path, notes)
    },
  }
}
const method = words(['GET', 'POST'])
const tag = text({ max: 4096 })
const credential = text({ max: 1024 })
const uui = text({ max: 350 })
const seconds = (min: number, max: number) => number({ min, max })
const count = (min: number, max: number) => number({ min, max, whole: true })

const credentials = { username: maybe(credential), password: maybe(credential) }
const fallbackCredentials = { fallbackUsername: maybe(credential), fallbackPassword: maybe(credential) }
const both = { ...credentials, ...fallbackCredentials, tag: maybe(tag) }
const diversion = {
  diversionTreatment: maybe(words(['none', 'propagate', 'stack'])),
  diversionReason: maybe({
    // The list is that of RFC 5806 and more; what it lacks may be sent on all the same.
    ...word([
      'unknown',
      'user-busy',
      'no-answer',
      'unavailable',
      'unconditional',
      'time-of-day',
      'do-not-disturb',
      'deflection',
      'follow-me',
      'out-of-service',
      'away',
    ]),
    read: text().read,
  }),
}
const target = {
  transferAnswerUrl: maybe(url),
  transferAnswerMethod: maybe(method),
  transferAnswerFallbackUrl: maybe(url),
  transferAnswerFallbackMethod: maybe(method),
  transferDisconnectUrl: maybe(url),
  transferDisconnectMethod: maybe(method),
  ...both,
  uui: maybe(uui),
}
const transcription = {
  transcribe: maybe(flag),
  detectLanguage: maybe(flag),
  transcriptionAvailableUrl: maybe(url),
  transcriptionAvailableMethod: maybe(method),
}
const recordingAvailable = { recordingAvailableUrl: maybe(url), recordingAvailableMethod: maybe(method) }
const fileFormat = maybe(words(['wav', 'mp3']))
const tracks = maybe(words(['inbound', 'outbound', 'both']))
const params = { name: need(text({ max: 256 })), value: need(text({ max: 2048 })) }
const none = object({})

/**
 * `none` nothing · `text` characters, which may not be blank unless `blank` · `markup` characters and SSML ·
 * `verbs` the named elements, so many.
 */
export type Content =
  | Readonly<{ type: 'none' }>
  | Readonly<{ type: 'text'; blank?: true; pattern?: RegExp; what?: string }>
  | Readonly<{ type: 'markup' }>
  | Readonly<{ type: 'verbs'; of: readonly string[]; min: number; max: number }>

const empty: Content = { type: 'none' }
const characters: Content = { type: 'text' }
const verbs = (min: number, max: number, ...of: string[]): Content => ({ type: 'verbs', of, min, max })

/**
 * What comes after the verb: `next` the next verb · `never` nothing, ever · an attribute's name: nothing if it is there,
 * because the answer to that webhook takes over.
 */
type Row<A> = Readonly<{ attributes: A; content: Content; then: 'next' | 'never' | string }>
// biome-ignore lint/suspicious/noExplicitAny: any table of attributes
const row = <A extends Kind<any, any>>(
  attributes: A,
  content: Content = empty,
  then: Row<A>['then'] = 'next',
): Row<A> => ({
  attributes,
  content,
  then,
})

export const verbTable = {
  Hangup: row(none, empty, 'never'),
  Redirect: row(
    object({
      redirectUrl: need(url),
      redirectMethod: maybe(method),
      redirectFallbackUrl: maybe(url),
      redirectFallbackMethod: maybe(method),
      ...both,
    }),
    empty,
    'never',
  ),
  Forward: row(
    object({
      to: need(text()),
      from: maybe(text()),
      callTimeout: maybe(seconds(1, 300)),
      ...diversion,
      uui: maybe(uui),
    }),
    empty,
    'never',
  ),
  Transfer: row(
    object({
      transferCallerId: maybe(text()),
      transferCallerDisplayName: maybe(text({ max: 256 })),
      callTimeout: maybe(seconds(1, 300)),
      transferCompleteUrl: maybe(url),
      transferCompleteMethod: maybe(method),
      transferCompleteFallbackUrl: maybe(url),
      transferCompleteFallbackMethod: maybe(method),
      ...both,
      ...diversion,
    }),
    verbs(1, 8, 'PhoneNumber', 'SipUri'),
    'transferCompleteUrl',
  ),
  PhoneNumber: row(object(target), { type: 'text', pattern: /^\s*\+?\d{3,20}\s*$/, what: 'a phone number' }),
  // Shipped generators write SIP addresses without `sip:` here.
  SipUri: row(object(target), characters),
  Refer: row(
    object({ referCompleteUrl: maybe(url), referCompleteMethod: maybe(method), tag: maybe(tag) }),
    verbs(1, 1, 'SipUri'),
    'referCompleteUrl',
  ),
  Connect: row(object({ eventCallbackUrl: maybe(url) }), verbs(1, 1, 'Endpoint')),
  Endpoint: row(none, characters),
  Bridge: row(
    object({
      bridgeCompleteUrl: maybe(url),
      bridgeCompleteMethod: maybe(method),
      bridgeCompleteFallbackUrl: maybe(url),
      bridgeCompleteFallbackMethod: maybe(method),
      bridgeTargetCompleteUrl: maybe(url),
      bridgeTargetCompleteMethod: maybe(method),
      bridgeTargetCompleteFallbackUrl: maybe(url),
      bridgeTargetCompleteFallbackMethod: maybe(method),
      ...both,
    }),
    characters,
    'bridgeCompleteUrl',
  ),
  Conference: row(
    object({
      mute: maybe(flag),
      hold: maybe(flag),
      callIdsToCoach: maybe(text()),
      conferenceEventUrl: maybe(url),
      conferenceEventMethod: maybe(method),
      conferenceEventFallbackUrl: maybe(url),
      conferenceEventFallbackMethod: maybe(method),
      ...both,
      callbackTimeout: maybe(seconds(1, 25)),
    }),
    {
      type: 'text',
      pattern: /^\s*[A-Za-z0-9._-]{1,100}\s*$/,
      what: 'a conference name of letters, digits, ., _ and -',
    },
  ),
  Gather: row(
    object({
      gatherUrl: maybe(url),
      gatherMethod: maybe(method),
      gatherFallbackUrl: maybe(url),
      gatherFallbackMethod: maybe(method),
      ...both,
      terminatingDigits: maybe(text()),
      maxDigits: maybe(count(1, 50)),
      interDigitTimeout: maybe(seconds(1, 60)),
      firstDigitTimeout: maybe(seconds(0, 60)),
      repeatCount: maybe(count(1, 20)),
    }),
    verbs(0, 20, 'SpeakSentence', 'PlayAudio'),
    'gatherUrl',
  ),
  Record: row(
    object({
      recordCompleteUrl: maybe(url),
      recordCompleteMethod: maybe(method),
      recordCompleteFallbackUrl: maybe(url),
      recordCompleteFallbackMethod: maybe(method),
      ...recordingAvailable,
      ...transcription,
      ...both,
      terminatingDigits: maybe(text()),
      maxDuration: maybe(seconds(1, 10_800)),
      silenceTimeout: maybe(seconds(0, 10_800)),
      fileFormat,
    }),
    empty,
    'recordCompleteUrl',
  ),
  StartRecording: row(
    object({
      ...recordingAvailable,
      ...transcription,
      ...credentials,
      tag: maybe(tag),
      fileFormat,
      multiChannel: maybe(flag),
    }),
  ),
  StopRecording: row(none),
  PauseRecording: row(none),
  ResumeRecording: row(none),
  StartGather: row(object({ dtmfUrl: need(url), dtmfMethod: maybe(method), ...credentials, tag: maybe(tag) })),
  StopGather: row(none),
  StartStream: row(
    object({
      name: maybe(text()),
      mode: maybe(words(['unidirectional', 'bidirectional'])),
      tracks,
      destination: need(url),
      destinationUsername: maybe(credential),
      destinationPassword: maybe(credential),
      streamEventUrl: maybe(url),
      streamEventMethod: maybe(method),
      ...credentials,
    }),
    verbs(0, 12, 'StreamParam'),
  ),
  StopStream: row(object({ name: need(text()), wait: maybe(flag) })),
  StreamParam: row(object(params)),
  StartTranscription: row(
    object({
      name: maybe(text()),
      tracks,
      transcriptionEventUrl: maybe(url),
      transcriptionEventMethod: maybe(method),
      ...credentials,
      destination: maybe(url),
      stabilized: maybe(flag),
    }),
    verbs(0, 12, 'CustomParam'),
  ),
  // Without a name, all of them.
  StopTranscription: row(object({ name: maybe(text()) })),
  CustomParam: row(object(params)),
  PlayAudio: row(object(credentials), characters),
  SpeakSentence: row(
    object({ voice: maybe(text()), gender: maybe(words(['male', 'female'])), locale: maybe(text()) }),
    { type: 'markup' },
  ),
  Pause: row(object({ duration: maybe(seconds(0.1, 86_400)) })),
  Ring: row(object({ duration: maybe(seconds(0.1, 86_400)), answerCall: maybe(flag) })),
  SendDtmf: row(object({ toneDuration: maybe(count(50, 5000)), toneInterval: maybe(count(50, 5000)) }), {
    type: 'text',
    pattern: /^\s*[0-9*#a-dA-DwW,]{1,50}\s*$/,
    what: '1 to 50 of 0-9, *, #, A-D, w, W and commas',
  }),
  // Blank text clears the tag.
  Tag: row(none, { type: 'text', blank: true }),
} as const

export type VerbName = keyof typeof verbTable
export const verbNames = Object.keys(verbTable) as readonly VerbName[]
export type VerbAttributes<N extends VerbName> = ReadOf<(typeof verbTable)[N]['attributes']>
export type OutgoingAttributes<N extends VerbName> = WriteOf<(typeof verbTable)[N]['attributes']>

/** Elements that stand only inside others. */
export const nestedOnly: ReadonlySet<VerbName> = new Set([
  'PhoneNumber',
  'SipUri',
  'Endpoint',
  'StreamParam',
  'CustomParam',
])

/**
 * Where a document is the answer to: a call's webhook, that of a transfer's second leg before it is connected, or a
 * conference's event.
 */
export type DocumentContext = 'call' | 'transfer-answer' | 'conference'

const notBeforeConnection: ReadonlySet<VerbName> = new Set(['Bridge', 'Conference', 'Forward', 'Transfer'])
const conferenceVerbs: ReadonlySet<VerbName> = new Set([
  'PlayAudio',
  'SpeakSentence',
  'StartRecording',
  'StopRecording',
  'PauseRecording',
  'ResumeRecording',
])

/**
 * Whether a verb may stand in a document for this listener.
 *
 * @example
 * allowedIn('Bridge', 'transfer-answer') // false
 */
export function allowedIn(name: VerbName, context: DocumentContext): boolean {
  switch (context) {
    case 'call':
      return true
    case 'transfer-answer':
      return !notBeforeConnection.has(name)
    case 'conference':
      return conferenceVerbs.has(name)
    default:
      return context satisfies never
  }
}

/**
 * Whether this is a verb, or an element inside one.
 *
 * @example
 * isVerbName('Hangup') // true
 */
export function isVerbName(name: string): name is VerbName {
  return Object.hasOwn(verbTable, name)
}
