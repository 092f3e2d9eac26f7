import type { Dialect } from '../call/ending.ts'
import type { Fault } from './dialect.ts'

/** Codes of this file; they are listed in docs/errors.md. */
type RecogniseFaultCode =
  /** there is nothing to explain */
  | 'explain.empty'
  /** it begins as JSON, and is none */
  | 'explain.json'
  /** of no dialect that is known */
  | 'explain.not-recognised'
  /** an object that throws when it is looked at */
  | 'explain.unreadable'

/** Whose words a message is in, and the form of it that the dialect's codec reads. */
export type Recognised = Readonly<{ dialect: Dialect; value: unknown }>

/**
 * Tells from its shape whose words a message is in: SIP text, stanzas and documents as XML, JSON, form-encoded pairs,
 * or an object of any of these. JSON and pairs become objects; SIP and XML stay text. Never throws.
 * Faults: `explain.empty`, `explain.json`, `explain.not-recognised`, `explain.unreadable`.
 *
 * @example
 * recognise({ type: 'm.call.hangup', content: {} }).dialect // 'matrix'
 *
 * @example
 * recognise('SIP/2.0 486 Busy Here').dialect // 'sip'
 */
export function recognise(input: unknown): Recognised | Readonly<{ dialect: null; value: unknown; fault: Fault }> {
  const value = typeof input === 'string' ? valueOfText(input) : input
  if (typeof input === 'string' && value === undefined) return nothing(input, jsonFault)
  let dialect: Dialect | null
  try {
    dialect = typeof value === 'string' ? dialectOfText(value) : dialectOfObject(value)
  } catch {
    return nothing(value, unreadableFault)
  }
  if (dialect !== null) return { dialect, value }
  if (Array.isArray(value)) return nothing(value, listFault)
  return nothing(value, typeof input === 'string' && input.trim() === '' ? emptyFault : unknownFault)
}

const nothing = (value: unknown, fault: Fault) => ({ dialect: null, value, fault }) as const

type RecogniseFault = Fault & Readonly<{ code: RecogniseFaultCode }>

const emptyFault: RecogniseFault = { code: 'explain.empty', place: '1:1', message: 'there is nothing to explain' }
const jsonFault: RecogniseFault = { code: 'explain.json', place: '1:1', message: 'it begins as JSON, and is not JSON' }
const listFault: RecogniseFault = {
  code: 'explain.not-recognised',
  place: '$',
  message: 'it is a list',
  remedy: 'explain its messages one by one',
}
const unknownFault: RecogniseFault = {
  code: 'explain.not-recognised',
  place: '1:1',
  message: 'it is in the words of no dialect that is known',
  remedy: 'name the dialect',
}
export const unreadableFault: RecogniseFault = {
  code: 'explain.unreadable',
  place: '$',
  message: 'it throws when it is looked at',
}

// ---------------------------------------------------------------- text

/** What a text stands for: JSON its value (undefined if it is broken), pairs an object, anything else itself. */
export function valueOfText(text: string): unknown {
  const first = firstCharacter(text)
  if (first === '{' || first === '[') {
    try {
      return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
    } catch {
      return undefined
    }
  }
  return isForm(text) ? Object.fromEntries(new URLSearchParams(text.trim())) : text
}

function firstCharacter(text: string): string {
  let at = 0
  while (at < text.length && (text.charCodeAt(at) <= 0x20 || text.charCodeAt(at) === 0xfeff)) at++
  return text.charAt(at)
}

/** `key=value&key=value`, on one line. */
function isForm(text: string): boolean {
  return text.includes('=') && /^\s*\??[\w.%+~[\]-]+=[^\s<>;]*\s*$/.test(text)
}

const sipStart = /^\s*(?:SIP\/2\.0 \d{3}|[A-Z]{2,20} \S+ SIP\/2\.0)/
const sipReason = /^\s*(?:reason\s*:\s*)?(?:sip|q\.850)\s*;/i

function dialectOfText(text: string): Dialect | null {
  if (firstCharacter(text) === '<') return dialectOfXml(text)
  return sipStart.test(text) || sipReason.test(text) ? 'sip' : null
}

const rootName = /^[\s\uFEFF]*(?:<\?[^>]*\?>\s*|<!--[\s\S]*?-->\s*)*<([A-Za-z_][\w:.-]*)/

function dialectOfXml(text: string): Dialect | null {
  switch (rootName.exec(text)?.[1]) {
    case 'call':
    case 'terminate':
      return 'whatsapp'
    case 'Bxml':
      return 'bandwidth'
    case 'Response':
    case 'Hangup':
      return dialectOfDocument(text)
    default:
      return null
  }
}

/** Elements of voice documents that one vendor alone has; documents without any are Vobiz's. */
const verbs: readonly (readonly [Dialect, RegExp])[] = [
  ['twilio', /<(?:Say|Reject|Enqueue|Leave|Pay|Sms|Pause|Prompt|Connect|Start)[\s/>]/],
  [
    'bandwidth',
    /<(?:SpeakSentence|PlayAudio|Transfer|Bridge|Ring|Forward|SendDtmf|Tag|PhoneNumber|SipUri|StartRecording|StopRecording|StartTranscription|StartGather|Refer)[\s/>]/,
  ],
  ['plivo', /<(?:GetDigits|GetInput|MultiPartyCall|Message)[\s/>]/],
]

function dialectOfDocument(text: string): Dialect {
  for (const [dialect, pattern] of verbs) if (pattern.test(text)) return dialect
  return 'vobiz'
}

// ---------------------------------------------------------------- objects

type Bag = Readonly<Record<string, unknown>>

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const isText = (value: unknown): value is string => typeof value === 'string'

function dialectOfObject(value: unknown): Dialect | null {
  if (!isBag(value)) return null
  for (const [dialect, test] of shapes) if (test(value)) return dialect
  return null
}

/** Who speaks so; the first that fits. Whatever a vendor alone has comes before what several have. */
const shapes: readonly (readonly [Dialect, (value: Bag) => boolean])[] = [
  ['matrix', isMatrixEvent],
  ['bandwidth', isBandwidth],
  ['whatsapp', (value) => isText(value.tag) && (isBag(value.attrs) || value.content !== undefined)],
  ['chime', isChime],
  ['sip', (value) => value.message === 'BYE' || value.message === 'CANCEL' || value.message === 'response'],
  ['whatsapp-cloud', isWhatsAppCloud],
  ['telnyx', isTelnyx],
  ['signalwire', isSignalWire],
  ['plivo', isPlivo],
  ['vobiz', isVobiz],
  ['twilio', isTwilio],
  ['vonage', (value) => isText(value.status) && (isText(value.conversation_uuid) || isText(value.disconnected_by))],
  ['matrix', isMatrixContent],
]

function isMatrixEvent({ type }: Bag): boolean {
  return isText(type) && (type.startsWith('m.call.') || type.startsWith('org.matrix.call.') || type === 'm.room.member')
}

function isMatrixContent(value: Bag): boolean {
  return isText(value.call_id) && value.version !== undefined && value.call_state === undefined
}

function isBandwidth(value: Bag): boolean {
  const type = value.eventType ?? value.EventType
  if (isText(type)) return isText(value.callId ?? value.CallId) || isText(value.cause ?? value.Cause)
  return isText(value.disconnectCause) || (isText(value.cause) && isText(value.callId) && isText(value.applicationId))
}

function isChime(value: Bag): boolean {
  if (isText(value.InvocationEventType) || isText(value.InvocationEvent)) return true
  // Twilio's status callbacks have a `SipResponseCode` as well, and a `CallSid`.
  if (Array.isArray(value.Actions) || (value.SipResponseCode !== undefined && value.CallSid === undefined)) return true
  return value.Type === 'Hangup' || (isText(value.Type) && isBag(value.Parameters))
}

function isWhatsAppCloud(value: Bag): boolean {
  if (value.object === 'whatsapp_business_account' || Array.isArray(value.entry)) return true
  if (Array.isArray(value.calls) || value.field === 'calls') return true
  return (
    (isText(value.id) && value.id.startsWith('wacid.')) || (isText(value.call_id) && value.call_id.startsWith('wacid.'))
  )
}

function isTelnyx(value: Bag): boolean {
  const data = isBag(value.data) ? value.data : value
  const type = data.event_type
  if (isText(type) && type.startsWith('call.')) return true
  return isText(value.call_control_id) || (isText(value.CallSid) && /^v\d:/.test(value.CallSid))
}

function isSignalWire(value: Bag): boolean {
  const { event_type } = isText(value.event_type) ? value : isBag(value.params) ? value.params : value
  if (event_type === 'calling.call.state' || isText(value.end_reason)) return true
  if (isText(value.call_state) && (isText(value.call_id) || isText(value.node_id))) return true
  return isText(value.CallSid) && isText(value.CallStatus) && uuid.test(value.CallSid)
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const hangupKeys = [
  'HangupCauseCode',
  'HangupCause',
  'HangupCauseName',
  'DialHangupCause',
  'DialBLegHangupCause',
  'DialBLegHangupCauseCode',
  'DialStatus',
  'hangup_cause_code',
  'hangup_cause',
  'hangup_cause_name',
  'hangupCauseCode',
] as const

function isVobiz(value: Bag): boolean {
  return hangupKeys.some((key) => value[key] !== undefined) || isText(value.CallUUID)
}

/** The same parameters, and something in them that names the vendor. */
function isPlivo(value: Bag): boolean {
  if (!isVobiz(value)) return false
  const source = value.HangupSource ?? value.DialBLegHangupSource ?? value.hangup_source
  if (source === 'Plivo') return true
  return Object.keys(value).some((key) => key.startsWith('X-PH-'))
}

function isTwilio(value: Bag): boolean {
  if (isText(value.CallStatus) && isText(value.CallSid)) return true
  return isText(value.sid) && value.sid.startsWith('CA') && isText(value.status)
}
