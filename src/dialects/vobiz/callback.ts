import type { Fault, Parsed } from '../dialect.ts'
import { type Pairs, parseForm } from './form.ts'

/** Which of the vendors' requests it is. */
export type CallbackKind =
  | 'answer'
  | 'redirect'
  | 'ring'
  | 'machine-detection'
  | 'dial-event'
  | 'dial-action'
  | 'hangup'
  | 'other'

/** Parameters that are more than text. The names are the vendors' own. */
const numbers = [
  'Duration',
  'BillDuration',
  'HangupCauseCode',
  'DialBLegDuration',
  'DialBLegBillDuration',
  'DialBLegPosition',
  'DialBLegHangupCauseCode',
] as const

const texts = [
  'CallUUID',
  'RequestUUID',
  'ALegUUID',
  'ALegRequestUUID',
  'From',
  'To',
  'Direction',
  'CallStatus',
  'Event',
  'CallerName',
  'ForwardedFrom',
  'SessionStart',
  'BillRate',
  'TotalCost',
  'ParentAuthID',
  'STIRVerification',
  'STIRAttestation',
  'stir_verification',
  'HangupCause',
  'HangupCauseName',
  'HangupSource',
  'StartTime',
  'AnswerTime',
  'EndTime',
  'Machine',
  'IfMachine',
  'DialAction',
  'DialALegUUID',
  'DialBLegUUID',
  'DialBLegStatus',
  'DialBLegFrom',
  'DialBLegTo',
  'DialDigitsMatch',
  'DialDigitsPressedBy',
  'DialBLegHangupCause',
  'DialBLegHangupCauseName',
  'DialBLegHangupSource',
  'DialStatus',
  'DialRingStatus',
  'DialHangupCause',
] as const

export type CallbackFields = Readonly<
  Partial<Record<(typeof texts)[number], string> & Record<(typeof numbers)[number], number>>
>

export type Callback = Readonly<{
  kind: CallbackKind
  /** The known parameters, the first value of each; numbers as numbers. */
  fields: CallbackFields
  /** Everything that came, in order, repeated keys included. */
  params: Pairs
}>

/**
 * Reads a callback from its body or query (form-encoded or JSON, with or without the URL before it) or from an object
 * that a web framework made of it. What is strange is a warning; only what is no callback at all is a fault.
 *
 * @example
 * parseCallback('CallUUID=u&Event=Hangup&HangupCauseCode=4000&Duration=13')
 * // { ok: true, value: { kind: 'hangup', fields: { CallUUID: 'u', Duration: 13, … }, params: [['CallUUID', 'u'], …] }, warnings: [] }
 */
export function parseCallback(input: unknown): Parsed<Callback> {
  const params = pairsOf(input)
  if (params === undefined || params.length === 0) {
    return refuse('$', 'no parameters', 'a form-encoded or JSON body, a query, or an object of them')
  }
  const fields: Record<string, string | number> = {}
  const warnings: Fault[] = []
  for (const [key, value] of params) {
    if (Object.hasOwn(fields, key)) continue
    if ((texts as readonly string[]).includes(key)) fields[key] = value
    else if ((numbers as readonly string[]).includes(key)) {
      if (/^\d{1,12}(\.\d+)?$/.test(value.trim())) fields[key] = Number(value)
      else warnings.push({ code: 'vobiz.callback', place: key, message: `"${value.slice(0, 40)}" is no number` })
    }
  }
  if (fields.CallUUID === undefined && fields.RequestUUID === undefined && fields.DialALegUUID === undefined) {
    return refuse('CallUUID', 'there is no CallUUID', 'every callback names its call')
  }
  return { ok: true, value: { kind: kindOf(fields), fields: fields as CallbackFields, params }, warnings }
}

/** An application's hangup notice may carry no `Event`; what it says of the hangup tells it. */
function kindOf(fields: Readonly<Record<string, string | number>>): CallbackKind {
  if (fields.DialAction !== undefined) return 'dial-event'
  if (fields.DialStatus !== undefined) return 'dial-action'
  switch (fields.Event) {
    case 'Hangup':
      return 'hangup'
    case 'Ring':
      return 'ring'
    case 'MachineDetection':
      return 'machine-detection'
    case 'Redirect':
    case 'Transfer':
      return 'redirect'
    case 'StartApp':
      return 'answer'
  }
  if (fields.HangupCause !== undefined || fields.HangupCauseCode !== undefined) return 'hangup'
  return fields.CallStatus === undefined || fields.Event !== undefined ? 'other' : 'answer'
}

function pairsOf(input: unknown): Pairs | undefined {
  if (typeof input === 'string') {
    const text = input.trim()
    if (!text.startsWith('{')) return parseForm(text.replace(/^https?:\/\/[^?#]*\??/i, '').replace(/^\?/, ''))
    try {
      return pairsOf(JSON.parse(text))
    } catch {
      return undefined
    }
  }
  if (input instanceof URLSearchParams) return [...input]
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined
  const pairs: [string, string][] = []
  for (const [key, value] of Object.entries(input)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      const plain = typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean'
      pairs.push([key, plain ? String(one) : one == null ? '' : JSON.stringify(one)])
    }
  }
  return pairs
}

function refuse(place: string, message: string, remedy: string): Parsed<never> {
  return { ok: false, faults: [{ code: 'vobiz.callback', place, message, remedy }] }
}
