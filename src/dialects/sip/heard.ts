import type { Cause } from '../../call/causes.ts'
import type { Actor } from '../../call/ending.ts'

/** What SIP values mean as causes: data only. How they combine is in read.ts. */

/** A final response without any further word. What is not here is read as its class (RFC 3261 §8.1.3.2). */
export const statusCauses: Readonly<Record<number, Cause>> = {
  401: 'blocked',
  402: 'blocked',
  403: 'blocked',
  404: 'not-found',
  406: 'incompatible',
  407: 'blocked',
  408: 'no-answer',
  410: 'not-found',
  415: 'incompatible',
  428: 'blocked',
  433: 'blocked',
  436: 'blocked',
  437: 'blocked',
  438: 'blocked',
  480: 'unavailable',
  481: 'peer-gone',
  482: 'network-failed',
  483: 'network-failed',
  484: 'not-found',
  485: 'not-found',
  486: 'busy',
  487: 'cancelled',
  488: 'incompatible',
  502: 'network-failed',
  503: 'network-failed',
  504: 'network-failed',
  600: 'busy',
  603: 'declined',
  604: 'not-found',
  606: 'incompatible',
  607: 'unwanted',
  608: 'blocked',
}

export const classCauses: Readonly<Record<number, Cause>> = {
  3: 'not-found',
  4: 'error',
  5: 'error',
  6: 'busy',
}

/** Responses that say little by themselves: a Q.850 value beside them says why (RFC 6432). The others stand. */
export const vagueStatuses: ReadonlySet<number> = new Set([400, 403, 480, 487, 500, 502, 503, 504])

/** A Q.850 value by itself. */
export const q850Causes: Readonly<Record<number, Cause>> = {
  1: 'not-found',
  2: 'not-found',
  3: 'not-found',
  16: 'hangup',
  17: 'busy',
  18: 'no-answer',
  19: 'no-answer',
  20: 'unavailable',
  21: 'declined',
  22: 'not-found',
  23: 'not-found',
  26: 'not-found',
  27: 'network-failed',
  28: 'not-found',
  31: 'unknown',
  34: 'congestion',
  38: 'network-failed',
  42: 'congestion',
  44: 'congestion',
  47: 'congestion',
  52: 'blocked',
  54: 'blocked',
  55: 'blocked',
  57: 'blocked',
  58: 'congestion',
  65: 'incompatible',
  66: 'incompatible',
  70: 'incompatible',
  87: 'blocked',
  88: 'incompatible',
}

/**
 * FreeSWITCH's own causes. They have no place in Q.850, and leak as `SIP;cause=604;text="MEDIA_TIMEOUT"`: the number
 * then means something else in SIP, so the word decides.
 */
export const freeswitchCauses: Readonly<Record<string, Cause>> = {
  SUCCESS: 'hangup',
  ORIGINATOR_CANCEL: 'cancelled',
  CRASH: 'network-failed',
  SYSTEM_SHUTDOWN: 'network-failed',
  LOSE_RACE: 'answered-elsewhere',
  MANAGER_REQUEST: 'hangup',
  BLIND_TRANSFER: 'transferred',
  ATTENDED_TRANSFER: 'transferred',
  ALLOTTED_TIMEOUT: 'time-limit',
  USER_CHALLENGE: 'blocked',
  MEDIA_TIMEOUT: 'media-lost',
  PICKED_OFF: 'answered-elsewhere',
  USER_NOT_REGISTERED: 'unavailable',
  PROGRESS_TIMEOUT: 'unavailable',
  INVALID_GATEWAY: 'network-failed',
  GATEWAY_DOWN: 'network-failed',
  INVALID_URL: 'error',
  INVALID_PROFILE: 'error',
  NO_PICKUP: 'no-answer',
  SRTP_READ_ERROR: 'media-lost',
  BOWOUT: 'transferred',
  BUSY_EVERYWHERE: 'busy',
  DECLINE: 'declined',
  DOES_NOT_EXIST_ANYWHERE: 'not-found',
  NOT_ACCEPTABLE: 'incompatible',
  UNWANTED: 'unwanted',
  NO_IDENTITY: 'blocked',
  BAD_IDENTITY_INFO: 'blocked',
  UNSUPPORTED_CERTIFICATE: 'blocked',
  INVALID_IDENTITY: 'blocked',
  STALE_DATE: 'blocked',
  REJECT_ALL: 'declined',
}

/** The same by number, for values that no status code and no Q.850 value shares. */
export const freeswitchNumbers: Readonly<Record<number, string>> = {
  142: 'SUCCESS',
  700: 'CRASH',
  701: 'SYSTEM_SHUTDOWN',
  702: 'LOSE_RACE',
  703: 'MANAGER_REQUEST',
  800: 'BLIND_TRANSFER',
  801: 'ATTENDED_TRANSFER',
  802: 'ALLOTTED_TIMEOUT',
  803: 'USER_CHALLENGE',
  804: 'MEDIA_TIMEOUT',
  805: 'PICKED_OFF',
  806: 'USER_NOT_REGISTERED',
  807: 'PROGRESS_TIMEOUT',
  808: 'INVALID_GATEWAY',
  809: 'GATEWAY_DOWN',
  810: 'INVALID_URL',
  811: 'INVALID_PROFILE',
  812: 'NO_PICKUP',
  813: 'SRTP_READ_ERROR',
  814: 'BOWOUT',
  815: 'BUSY_EVERYWHERE',
  816: 'DECLINE',
  817: 'DOES_NOT_EXIST_ANYWHERE',
  818: 'NOT_ACCEPTABLE',
  819: 'UNWANTED',
  820: 'NO_IDENTITY',
  821: 'BAD_IDENTITY_INFO',
  822: 'UNSUPPORTED_CERTIFICATE',
  823: 'INVALID_IDENTITY',
  824: 'STALE_DATE',
  825: 'REJECT_ALL',
}

/** `RELEASE_CAUSE` of 3GPP TS 24.229 §7.2A.18: what a handset's own stack says. */
export const releaseCauses: Readonly<Record<number, Cause>> = {
  1: 'hangup',
  2: 'media-lost',
  3: 'media-lost',
  4: 'no-ack',
  5: 'peer-gone',
  6: 'no-answer',
  7: 'error',
}

/** `FAILURE_CAUSE` of the same section: what the mobile network says. */
export const failureCauses: Readonly<Record<number, Cause>> = {
  1: 'media-lost',
  2: 'network-failed',
  3: 'congestion',
}

/** Texts that say more than the code beside them; several servers send 200 or 102 with all of them. */
export const textCauses: readonly Readonly<{ pattern: RegExp; cause: Cause }>[] = [
  { pattern: /^(call )?(completed|answered) elsewhere$/i, cause: 'answered-elsewhere' },
  { pattern: /\b(media|rtp|rtcp)[ _-]*(time-?out|inactivity)\b/i, cause: 'media-lost' },
  { pattern: /\back time-?out\b/i, cause: 'no-ack' },
  { pattern: /\bsession ((refresh|interval) )?(timer |timed )?(expired|time-?out|out)\b/i, cause: 'session-expired' },
  { pattern: /^max(imum)?( call)? duration\b/i, cause: 'time-limit' },
]

/** Who decides an ending that the far end reports: a person there (`party`), or the machines in between. */
export const heardActors: Readonly<Record<Cause, Actor | 'party'>> = {
  hangup: 'party',
  'script-end': 'party',
  scheduled: 'party',
  'time-limit': 'network',
  cancelled: 'party',
  'no-answer': 'network',
  busy: 'party',
  declined: 'party',
  unwanted: 'party',
  blocked: 'network',
  unavailable: 'network',
  'not-found': 'network',
  incompatible: 'party',
  // The called user decided, at another device.
  'answered-elsewhere': 'callee',
  'declined-elsewhere': 'callee',
  transferred: 'party',
  superseded: 'party',
  'media-failed': 'network',
  'media-lost': 'network',
  'capture-failed': 'party',
  'session-expired': 'network',
  'no-ack': 'network',
  'peer-gone': 'network',
  'account-limit': 'network',
  congestion: 'network',
  'app-unreachable': 'network',
  'app-invalid': 'network',
  'app-failed': 'network',
  'machine-detected': 'party',
  'network-failed': 'network',
  shutdown: 'network',
  restarted: 'network',
  error: 'network',
  unknown: 'unknown',
}
