import type { Instant } from '../../call/ending.ts'
import type { HangupWords } from './codec.ts'
import type { Pairs } from './form.ts'

/** `CallStatus`, the whole published set. */
export const callStatuses = [
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'failed',
  'timeout',
  'no-answer',
  'cancel',
] as const
export type CallStatus = (typeof callStatuses)[number]

export type CallbackEvent = 'StartApp' | 'Ring' | 'Redirect' | 'Transfer' | 'MachineDetection' | 'Hangup'

/** What every callback about a call says. Absent facts are left out. */
export type CallFacts = Readonly<{
  callUuid: string
  /** As apps see them: `callerNumber` makes them. */
  from: string
  to: string
  direction: 'inbound' | 'outbound'
  /** Name that the caller shows; absent: the number stands for it. */
  callerName?: string
  /** From a Diversion header. */
  forwardedFrom?: string
  sessionStart: Instant
  /** Money per minute. */
  billRate?: string
  /** Auth id of the account. */
  account?: string
  stir?: Readonly<{ verification: string; attestation?: string }>
  /** Custom SIP headers, with the vendor's prefix. */
  headers?: Readonly<Record<string, string>>
}>

/** Answer, fallback and redirect URLs: `Event` is `StartApp` for the first document of a call and `Redirect` after it. */
export function answerParams(facts: CallFacts, event: CallbackEvent, status: CallStatus): Pairs {
  return clean([...who(facts, event, status), ...session(facts), ...custom(facts)])
}

/** Ring URL: outgoing calls only. */
export function ringParams(facts: CallFacts): Pairs {
  return clean([
    ...who(facts, 'Ring', 'ringing'),
    ['SessionStart', formatMicros(facts.sessionStart)],
    ['STIRAttestation', facts.stir?.attestation ?? notApplicable],
    ...custom(facts),
  ])
}

/** What only the end of a call adds. Seconds; times are UTC. */
export type HangupFacts = Readonly<{
  words: HangupWords
  status: CallStatus
  began: Instant
  answered: Instant | null
  ended: Instant
  /** Seconds that are billed at a time. */
  pulse?: number
}>

/**
 * `Duration` is `EndTime` less `AnswerTime` as both are written, in whole seconds, as FreeSWITCH counts; `BillDuration`
 * is that rounded up to the pulse, at least one for an answered call.
 */
function seconds(end: Readonly<{ answered: Instant | null; ended: Instant; pulse?: number }>) {
  const { answered, ended, pulse = 60 } = end
  if (answered === null) return { duration: '0', billed: '0' }
  const duration = Math.max(0, Math.floor(ended / 1000) - Math.floor(answered / 1000))
  return { duration: String(duration), billed: String(Math.max(1, Math.ceil(duration / pulse)) * pulse) }
}

/**
 * Hangup URL. An unanswered call has an empty `AnswerTime`. All times are UTC (the vendors mix UTC with the account's own zone).
 */
export function hangupParams(facts: CallFacts, end: HangupFacts): Pairs {
  const { words } = end
  const { duration, billed } = seconds(end)
  return clean([
    ...who(facts, 'Hangup', end.status),
    ['HangupCause', words.HangupCause],
    ['HangupCauseCode', words.HangupCauseCode],
    ['HangupCauseName', words.HangupCauseName],
    ['HangupSource', words.HangupSource],
    ['Duration', duration],
    ['BillDuration', billed],
    ['TotalCost', '0.00000'],
    ['StartTime', formatTime(end.began)],
    ['AnswerTime', end.answered === null ? '' : formatTime(end.answered)],
    ['EndTime', formatTime(end.ended)],
    ...session(facts),
    ['stir_verification', facts.stir?.verification ?? notApplicable],
    ...custom(facts),
  ])
}

/** Events of a dialled leg, to the `callbackUrl` of `Dial`. */
export type DialEvent = Readonly<{
  event: 'DialAnswer' | 'DialConnected' | 'DialDigitsMatch' | 'DialHangup'
  callUuid: string
  aLegUuid: string
  bLegUuid: string
  bLegFrom: string
  bLegTo: string
  /** From 1, in the order of the document. */
  position: number
  status: CallStatus
  digits?: Readonly<{ pressed: string; by: 'aleg' | 'bleg' }>
  hangup?: Readonly<{ words: HangupWords; answered: Instant | null; ended: Instant; pulse?: number }>
}>

const dialActions = {
  DialAnswer: 'answer',
  DialConnected: 'connected',
  DialDigitsMatch: 'digits',
  DialHangup: 'hangup',
}

export function dialEventParams(event: DialEvent, vendor: 'vobiz' | 'plivo'): Pairs {
  const { digits, hangup } = event
  const by = vendor === 'plivo' ? (digits?.by === 'aleg' ? 'ALeg' : 'BLeg') : digits?.by
  const counted = hangup === undefined ? undefined : seconds(hangup)
  return clean([
    ['Event', event.event],
    ['DialAction', dialActions[event.event]],
    ['CallUUID', event.callUuid],
    ['DialALegUUID', event.aLegUuid],
    ['DialBLegUUID', event.bLegUuid],
    ['DialBLegStatus', event.event === 'DialHangup' ? 'hangup' : dialActions[event.event]],
    ['DialBLegFrom', event.bLegFrom],
    ['DialBLegTo', event.bLegTo],
    ['DialBLegPosition', String(event.position)],
    ['DialDigitsMatch', digits?.pressed],
    ['DialDigitsPressedBy', digits === undefined ? undefined : by],
    ['DialBLegDuration', counted?.duration],
    ['DialBLegBillDuration', counted?.billed],
    ['DialBLegHangupCause', hangup?.words.HangupCause],
    ['DialBLegHangupCauseCode', hangup?.words.HangupCauseCode],
    ['DialBLegHangupCauseName', hangup?.words.HangupCauseName],
    ['DialBLegHangupSource', hangup?.words.HangupSource],
  ])
}

export const dialStatuses = ['completed', 'busy', 'failed', 'cancel', 'timeout', 'no-answer'] as const

/** The final request of `Dial`, to its `action`. */
export type DialResult = Readonly<{
  status: (typeof dialStatuses)[number]
  rang: boolean
  hangupCause: string
  aLegUuid: string
  /** Empty where no leg was made. */
  bLegUuid: string
}>

export function dialActionParams(facts: CallFacts, status: CallStatus, dial: DialResult): Pairs {
  return clean([
    ...who(facts, 'Redirect', status),
    ['DialStatus', dial.status],
    ['DialRingStatus', String(dial.rang)],
    ['DialHangupCause', dial.hangupCause],
    ['DialALegUUID', dial.aLegUuid],
    ['DialBLegUUID', dial.bLegUuid],
    ...session(facts),
    ...custom(facts),
  ])
}

// ---------------------------------------------------------------- parts

type Entry = readonly [key: string, value: string | undefined]

const notApplicable = 'Not Applicable'

/** Outgoing calls carry their request's identifiers too; all four are the same. Incoming ones have none. */
function who(facts: CallFacts, event: CallbackEvent, status: CallStatus): readonly Entry[] {
  const own = facts.direction === 'outbound' ? facts.callUuid : undefined
  return [
    ['CallUUID', facts.callUuid],
    ['From', facts.from],
    ['To', facts.to],
    ['Direction', facts.direction],
    ['CallStatus', status],
    ['Event', event],
    ['RequestUUID', own],
    ['ALegUUID', own],
    ['ALegRequestUUID', own],
  ]
}

function session(facts: CallFacts): readonly Entry[] {
  return [
    ['CallerName', facts.callerName ?? facts.from],
    ['ForwardedFrom', facts.forwardedFrom],
    ['SessionStart', formatMicros(facts.sessionStart)],
    ['BillRate', facts.billRate ?? '0.00000'],
    ['ParentAuthID', facts.account],
    ['STIRVerification', facts.stir?.verification ?? notApplicable],
    ['STIRAttestation', facts.stir?.attestation ?? notApplicable],
  ]
}

function custom({ headers }: CallFacts): readonly Entry[] {
  return Object.entries(headers ?? {})
}

function clean(entries: readonly Entry[]): Pairs {
  return entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined)
}

/** `2026-06-11 16:03:28`, UTC. */
export function formatTime(at: Instant): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

/** `2026-06-11 16:03:28.586000`, UTC. */
export function formatMicros(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 23).replace('T', ' ')}000`
}

/**
 * A party as apps see it: a telephone number without its plus, a SIP user as `sip:user@host`, anything else as it is.
 * Takes a number, a name, or an address with or without display name and parameters.
 */
export function partyName(address: string): string {
  const inner = /<([^>]*)>/.exec(address)?.[1] ?? address
  const [, scheme, rest = ''] = /^(sips?|tel):(.*)$/i.exec(inner.trim()) ?? [undefined, undefined, inner.trim()]
  const bare = (rest.split(/[;?]/)[0] ?? rest).trim()
  const user = bare.includes('@') ? bare.slice(0, bare.lastIndexOf('@')) : bare
  const number = user.replaceAll(/[-.() ]/g, '')
  if (/^\+?\d{3,20}$/.test(number)) return number.replace('+', '')
  return scheme === undefined || scheme.toLowerCase() === 'tel' ? bare : `sip:${bare}`
}
