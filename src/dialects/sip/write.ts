import type { Cause } from '../../call/causes.ts'
import type { Codes, Ending } from '../../call/ending.ts'
import type { View } from '../../call/leg.ts'
import { freeswitchCauses } from './heard.ts'
import { contentOf } from './message.ts'
import { causeOfStatus, type SipRaw } from './read.ts'
import { formatReason, onePerProtocol, parseReasons, type SipReason } from './reason.ts'
import { phraseOf, sipSays } from './said.ts'

/** An ending, or one listener's view of it. */
export type Telling = Ending | View

/** `reasons` are header values, ready to be sent, at most one per protocol. */
export type Rejection = Readonly<{ status: number; phrase: string; reasons: readonly string[] }>

/**
 * The final response that refuses, or gives up on, a leg that came in and was not answered. A status that was heard for
 * this very cause (another leg's 600, 410, 604 …) is passed on; otherwise the catalogue's.
 *
 * @example
 * rejectFor({ cause: 'declined', actor: 'callee', phase: 'ringing', at: 0 })
 * // { status: 603, phrase: 'Decline', reasons: ['Q.850;cause=21'] }
 */
export function rejectFor(telling: Telling): Rejection {
  const { cause } = endingOf(telling)
  const codes = codesOf(telling)
  const said = sipSays[cause].reject
  const status = ordered(telling)?.sip ?? relayed(cause, codes) ?? said.status
  const heard = heardValues(telling, 'response')
  const reasons = heard.length > 0 ? heard : (orderedReason(telling) ?? said.reasons.map(formatReason))
  return { status, phrase: phraseOf(status), reasons }
}

/**
 * Reason values of the CANCEL that stops a leg from ringing. What the caller's own CANCEL said is passed on (RFC 3326 §1).
 *
 * @example
 * cancelReasonsFor({ cause: 'answered-elsewhere', actor: 'callee', phase: 'ringing', at: 0 })
 * // ['SIP;cause=200;text="Call completed elsewhere"']
 */
export function cancelReasonsFor(telling: Telling): readonly string[] {
  const heard = heardValues(telling, 'CANCEL')
  if (heard.length > 0) return heard
  const { cause } = endingOf(telling)
  const codes = codesOf(telling)
  const said = sipSays[cause].cancel
  // The device that refused for all: its own code, so that a phone can file the call properly (RFC 8197 §4).
  if (cause === 'declined-elsewhere' && codes?.sip !== undefined && codes.sip >= 400 && codes.sip <= 699) {
    return [formatReason({ protocol: 'SIP', cause: codes.sip })]
  }
  return said.map(formatReason)
}

/**
 * Reason values of the BYE that ends an answered leg. What the other side's own BYE said is passed on.
 *
 * @example
 * byeReasonsFor({ cause: 'busy', actor: 'callee', phase: 'answered', at: 0 }) // ['Q.850;cause=17']
 */
export function byeReasonsFor(telling: Telling): readonly string[] {
  const heard = heardValues(telling, 'BYE')
  if (heard.length > 0) return heard
  return orderedReason(telling) ?? sipSays[endingOf(telling).cause].bye.map(formatReason)
}

/**
 * Codes of an ending that an app, or the platform on its behalf, decided on: nobody was heard to say them, so they are what is
 * to be said. A platform whose contract names a status (Chime's 480 and 486) puts it there.
 */
function ordered(telling: Telling): Codes | undefined {
  const { actor, raw } = endingOf(telling)
  const codes = codesOf(telling)
  if ((actor !== 'app' && actor !== 'platform') || raw !== undefined || codes?.sip === undefined) return undefined
  return Number.isInteger(codes.sip) && codes.sip >= 400 && codes.sip <= 699 ? codes : undefined
}

function orderedReason(telling: Telling): string[] | undefined {
  const { actor, raw } = endingOf(telling)
  const q850 = codesOf(telling)?.q850
  if (actor !== 'app' || raw !== undefined || q850 === undefined || q850 < 0 || q850 > 127) return undefined
  return [formatReason({ protocol: 'Q.850', cause: q850 })]
}

function endingOf(telling: Telling): Ending {
  return 'ending' in telling ? telling.ending : telling
}

function codesOf(telling: Telling): Codes | undefined {
  return 'ending' in telling ? (telling.codes ?? telling.ending.codes) : telling.codes
}

/** A heard status is passed on if it still says the same, and asks nothing of the caller (401, 407, 3xx do). */
function relayed(cause: Cause, codes: Codes | undefined): number | undefined {
  const status = codes?.sip
  if (status === undefined || !Number.isInteger(status) || status < 400 || status > 699) return undefined
  if (status === 401 || status === 407) return undefined
  return causeOfStatus(status) === cause ? status : undefined
}

/** The Reason values that this ending was heard with, if it was heard in that kind of SIP message, ready to be sent on. */
function heardValues(telling: Telling, message: SipRaw['message']): string[] {
  const { raw } = endingOf(telling)
  if (raw?.dialect !== 'sip') return []
  const content = contentOf(raw.value)
  if (content?.message !== message) return []
  const reasons = parseReasons(content.reasons).filter((reason) => mayPass(reason, message))
  return onePerProtocol(reasons).map(relayedValue)
}

/** What is untrue on the next hop stays here: private numbers in the clothes of SIP, and `SIP;cause=200` outside a CANCEL. */
function mayPass({ protocol, cause, text }: SipReason, message: SipRaw['message']): boolean {
  const name = protocol.toLowerCase()
  if (message === 'response') return name === 'q.850' && cause !== undefined && cause <= 127
  if (name === 'q.850') return cause === undefined || cause <= 127
  if (name !== 'sip') return true
  if (text !== undefined && Object.hasOwn(freeswitchCauses, text)) return false
  return cause === undefined || (cause >= 300 && cause <= 699) || (message === 'CANCEL' && cause === 200)
}

const wellFormed =
  /^[\w.!%*+`'~-]+(\s*;\s*[\w.!%*+`'~-]+(\s*=\s*([\w.!%*+`'~:[\]-]+|"([ !#-[\]-~\u0080-\uffff]|\\[\u0020-\u007e])*"))?)*$/

/** As it was heard if it is well formed (extension parameters survive), otherwise made anew from what was understood. */
function relayedValue(reason: SipReason): string {
  return reason.raw.length <= 300 && wellFormed.test(reason.raw) ? reason.raw : formatReason(reason)
}
