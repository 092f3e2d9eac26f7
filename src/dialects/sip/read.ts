import type { Cause } from '../../call/causes.ts'
import type { Actor, Codes, Raw } from '../../call/ending.ts'
import type { ReadContext } from '../dialect.ts'
import {
  classCauses,
  failureCauses,
  freeswitchCauses,
  freeswitchNumbers,
  heardActors,
  q850Causes,
  releaseCauses,
  statusCauses,
  textCauses,
  vagueStatuses,
} from './heard.ts'
import { parseReasons, reasonOf, type SipReason } from './reason.ts'

/** A final response to an INVITE: `reason` is the phrase of its status line, `reasons` its Reason lines. */
export type FinalResponse = Readonly<{ status: number; reason?: string; reasons?: readonly string[] }>
/** A BYE or a CANCEL: all that it says about why is in its Reason lines. */
export type Withdrawal = Readonly<{ reasons?: readonly string[] }>

/** What the far end's words mean. `party` is whoever sent them; who that is, the receiver of the message knows. */
export type Heard = Readonly<{ cause: Cause; actor: Actor | 'party'; codes: Codes; raw: Raw }>

type Context = Pick<ReadContext, 'phase'>

/** What is kept of a message that ended something: its kind, and the fields that say why, verbatim. */
export type SipRaw =
  | (FinalResponse & Readonly<{ message: 'response' }>)
  | (Withdrawal & Readonly<{ message: 'CANCEL' | 'BYE' }>)

/**
 * Why a leg that we dialled was not answered. The status decides; a Q.850 value (RFC 6432) decides where the status
 * says little: 480 is `unavailable` unless 18 or 19 says that nobody answered. A status below 300 ends nothing: `unknown`.
 *
 * @example
 * readFinalResponse({ status: 480, reasons: ['Q.850;cause=19'] }).cause // 'no-answer'
 */
export function readFinalResponse(message: FinalResponse, _context?: Context): Heard {
  const reasons = parseReasons(message.reasons)
  return heard(causeOfResponse(message.status, reasons), reasons, { message: 'response', ...message })
}

/**
 * Why the far end left. `SIP;cause=200` in a BYE does not mean answered elsewhere: servers stamp it on all sorts of BYE,
 * and its text may say which. A BYE before the answer is the caller's withdrawal (RFC 5407 §3.1.3).
 *
 * @example
 * readBye({ reasons: ['SIP;cause=200;text="ACK timeout"'] }).cause // 'no-ack'
 */
export function readBye(message: Withdrawal, context?: Context): Heard {
  const reasons = parseReasons(message.reasons)
  const said = causeOfBye(reasons)
  const early = said === 'hangup' && context?.phase !== undefined && context.phase !== 'answered'
  return heard(early ? 'cancelled' : said, reasons, { message: 'BYE', ...message })
}

/**
 * Why a caller, or the proxy that forked its call, stopped ringing us.
 *
 * @example
 * readCancel({ reasons: ['SIP;cause=200;text="Call completed elsewhere"'] }).cause // 'answered-elsewhere'
 */
export function readCancel(message: Withdrawal, _context?: Context): Heard {
  const reasons = parseReasons(message.reasons)
  return heard(causeOfCancel(reasons), reasons, { message: 'CANCEL', ...message })
}

/**
 * The cause of a status without any further word; `unknown` below 300 and beyond 699.
 *
 * @example
 * causeOfStatus(607) // 'unwanted'
 */
export function causeOfStatus(status: number): Cause {
  return statusCauses[status] ?? classCauses[Math.floor(status / 100)] ?? 'unknown'
}

/**
 * The cause of a Q.850 value by itself: of a value without a meaning of its own, `error` above 31 (RFC 6432, Q.850 §2.2.5).
 *
 * @example
 * causeOfQ850(17) // 'busy'
 */
export function causeOfQ850(q850: number): Cause {
  return q850Causes[q850] ?? (q850 > 31 && q850 < 128 ? 'error' : 'unknown')
}

/**
 * Who decides an ending that is heard: the party, where people do, else the machines in between.
 *
 * @example
 * heardActorOf('busy', 'callee') // 'callee'
 */
export function heardActorOf(cause: Cause, party: Actor): Actor {
  const actor = heardActors[cause]
  return actor === 'party' ? party : actor
}

function causeOfResponse(status: number, reasons: readonly SipReason[]): Cause {
  const plain = causeOfStatus(status)
  const q850 = reasonOf(reasons, 'Q.850')
  // A server that ends its script without an answer says 603 for want of a better status (Asterisk, and we).
  if (status === 603 && q850?.cause === 16) return 'hangup'
  if (!vagueStatuses.has(status)) return plain
  const worded = ownWord(reasons) ?? textWord(reasons)
  if (worded !== undefined) return worded
  if (q850?.cause === undefined) return plain
  if (status === 403 && q850.cause === 21) return q850.location?.toUpperCase() === 'U' ? 'declined' : plain
  if (status === 487) {
    if (q850.cause === 26) return 'answered-elsewhere'
    if (q850.cause === 16) return plain
  }
  const finer = q850Causes[q850.cause] ?? plain
  return finer === 'unknown' && status !== 480 ? plain : finer
}

function causeOfBye(reasons: readonly SipReason[]): Cause {
  const worded = ownWord(reasons) ?? textWord(reasons)
  // Only a CANCEL can say that another device took the call: this leg was up.
  if (worded !== undefined) return worded === 'answered-elsewhere' ? 'hangup' : worded
  const sip = reasonOf(reasons, 'SIP')?.cause
  const q850 = reasonOf(reasons, 'Q.850')?.cause
  if (sip === 408) return 'session-expired'
  if (sip !== undefined && sip >= 300 && sip < 700 && sip !== 487) {
    return vagueStatuses.has(sip) ? causeOfResponse(sip, reasons) : causeOfStatus(sip)
  }
  if (q850 !== undefined) return q850 === 26 ? 'hangup' : causeOfQ850(q850)
  return 'hangup'
}

function causeOfCancel(reasons: readonly SipReason[]): Cause {
  const worded = ownWord(reasons) ?? textWord(reasons)
  if (worded !== undefined) return worded === 'time-limit' ? 'no-answer' : worded === 'hangup' ? 'cancelled' : worded
  const sip = reasonOf(reasons, 'SIP')?.cause
  const q850 = reasonOf(reasons, 'Q.850')?.cause
  if (sip === 200 || q850 === 26) return 'answered-elsewhere'
  if (sip !== undefined && sip >= 300 && sip < 700 && sip !== 487) {
    const cause = sip === 480 ? 'no-answer' : causeOfStatus(sip)
    return cause === 'declined' || cause === 'busy' ? 'declined-elsewhere' : cause
  }
  if (q850 === undefined || q850 === 31) return 'cancelled'
  if (q850 === 102) return 'no-answer'
  const cause = causeOfQ850(q850)
  if (cause === 'declined' || cause === 'busy') return 'declined-elsewhere'
  return cause === 'hangup' || cause === 'unknown' ? 'cancelled' : cause
}

/** The word of a vocabulary of its own: a handset's, a mobile network's, FreeSWITCH's. */
function ownWord(reasons: readonly SipReason[]): Cause | undefined {
  for (const { protocol, cause, text } of reasons) {
    const name = protocol.toLowerCase()
    if (name === 'release_cause' && cause !== undefined) return releaseCauses[cause]
    if (name === 'failure_cause' && cause !== undefined) return failureCauses[cause]
    if (name === 'preemption') return 'network-failed'
    const word = text !== undefined && Object.hasOwn(freeswitchCauses, text) ? text : freeswitchNumbers[cause ?? -1]
    if (word !== undefined) return freeswitchCauses[word]
  }
  return undefined
}

function textWord(reasons: readonly SipReason[]): Cause | undefined {
  for (const { text } of reasons) {
    if (text === undefined || text.length > 200) continue
    for (const { pattern, cause } of textCauses) if (pattern.test(text)) return cause
  }
  return undefined
}

function heard(cause: Cause, reasons: readonly SipReason[], value: SipRaw): Heard {
  const response = value.message === 'response' ? value : undefined
  const sip = response?.status ?? reasonOf(reasons, 'SIP')?.cause
  const q850 = reasonOf(reasons, 'Q.850')?.cause
  const text = reasons.find((reason) => reason.text !== undefined)?.text ?? response?.reason
  return {
    cause,
    actor: heardActors[cause],
    codes: {
      ...(sip !== undefined && sip >= 100 && sip <= 699 ? { sip } : {}),
      ...(q850 !== undefined && q850 <= 127 ? { q850 } : {}),
      ...(text === undefined || text === '' ? {} : { text }),
    },
    raw: { dialect: 'sip', value },
  }
}
