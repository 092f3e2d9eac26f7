import type { Cause } from '../../call/causes.ts'

/**
 * The vendors' hangup causes, all of them. Vobiz and Plivo publish the same table (5030 is Vobiz's own); SIP and Q.850
 * are not published, and stand here as FreeSWITCH, on which both are built, maps them.
 */

/** Whoever a code may be put down to. `platform` is written `Vobiz` or `Plivo`. */
export type Source = 'Caller' | 'Callee' | 'platform' | 'Carrier' | 'API Request' | 'Answer XML' | 'Error' | 'Unknown'

export type HangupCode = Readonly<{
  code: number
  /** `HangupCauseName`. */
  name: string
  /** `HangupCause`: FreeSWITCH's word; empty where the vendors send none. */
  word: string
  sources: readonly Source[]
  cause: Cause
  sip: number | null
  q850: number | null
}>

type Row = readonly [
  code: number,
  name: string,
  word: string,
  sources: readonly Source[],
  cause: Cause,
  sip: number | null,
  q850: number | null,
]

const ours = ['platform'] as const
const carrier = ['Carrier'] as const
const far = ['Carrier', 'Callee'] as const
const error = ['Error'] as const

const rows: readonly Row[] = [
  [0, 'Unknown', 'UNKNOWN', ['Unknown'], 'unknown', null, null],
  [1000, 'Canceled', 'ORIGINATOR_CANCEL', ['API Request'], 'cancelled', 487, null],
  [1010, 'Canceled (Out Of Credits)', 'ORIGINATOR_CANCEL', ours, 'account-limit', 402, null],
  [1020, 'Canceled (Simultaneous dial limit reached)', 'ORIGINATOR_CANCEL', ours, 'account-limit', 486, null],
  [2000, 'Invalid Destination Address', 'INVALID_NUMBER_FORMAT', ['platform', 'Carrier'], 'not-found', 484, 28],
  [2010, 'Destination Out Of Service', 'DESTINATION_OUT_OF_ORDER', carrier, 'network-failed', 502, 27],
  [2020, 'Endpoint Not Registered', 'USER_NOT_REGISTERED', ours, 'unavailable', 480, 20],
  [2030, 'Destination Country Barred', 'OUTGOING_CALL_BARRED', ours, 'blocked', 403, 52],
  [2040, 'Destination Number Barred', 'OUTGOING_CALL_BARRED', ours, 'blocked', 403, 52],
  [2050, 'Destination Prefix Barred', 'OUTGOING_CALL_BARRED', ours, 'blocked', 403, 52],
  [2060, 'Loop Detected', 'EXCHANGE_ROUTING_ERROR', ours, 'error', 482, 25],
  [2070, 'Violates Media Anchoring', 'CALL_REJECTED', ours, 'blocked', 403, 21],
  [3000, 'No Answer', 'NO_ANSWER', far, 'no-answer', 480, 19],
  [3010, 'Busy Line', 'USER_BUSY', ['Carrier', 'Callee', 'Answer XML'], 'busy', 486, 17],
  [3020, 'Rejected', 'CALL_REJECTED', ['Callee', 'Answer XML'], 'declined', 603, 21],
  [3030, 'Unknown Caller ID', 'CALL_REJECTED', ours, 'blocked', 403, 21],
  [3040, 'Forbidden', 'CALL_REJECTED', carrier, 'blocked', 403, 21],
  [3050, 'Unallocated number', 'UNALLOCATED_NUMBER', carrier, 'not-found', 404, 1],
  [3070, 'Request timeout', 'NO_USER_RESPONSE', carrier, 'no-answer', 408, 18],
  [3080, 'Internal server error from carrier', 'NORMAL_TEMPORARY_FAILURE', carrier, 'network-failed', 500, 41],
  [3090, 'Network congestion from carrier', 'SWITCH_CONGESTION', carrier, 'congestion', 503, 42],
  [3100, 'Busy everywhere', 'USER_BUSY', carrier, 'busy', 600, 17],
  [3110, 'Declined', 'CALL_REJECTED', far, 'declined', 603, 21],
  [3120, 'User does not exist anywhere', 'UNALLOCATED_NUMBER', carrier, 'not-found', 604, 1],
  [3130, 'Spam block', 'CALL_REJECTED', carrier, 'unwanted', 607, 21],
  [3140, 'DNO Caller ID', 'CALL_REJECTED', ours, 'blocked', 403, 21],
  [4000, 'Normal Hangup', 'NORMAL_CLEARING', ['Caller', 'Callee', 'API Request', 'Answer XML'], 'hangup', null, 16],
  [4010, 'End Of XML Instructions', 'NORMAL_CLEARING', ours, 'script-end', null, 16],
  [4020, 'Multiparty Call Ended', 'NORMAL_CLEARING', ['platform', 'API Request'], 'hangup', null, 16],
  [4030, 'Kicked Out Of Multiparty Call', 'NORMAL_CLEARING', ['API Request'], 'hangup', null, 16],
  [4240, 'sip_auth_failed', 'CALL_REJECTED', carrier, 'blocked', 401, 21],
  [4250, 'sip_auth_timeout', 'NO_USER_RESPONSE', carrier, 'no-answer', 408, 18],
  [5000, 'Network Error', 'NETWORK_OUT_OF_ORDER', ['Error', 'platform'], 'network-failed', 503, 38],
  [5010, 'Internal Error', 'NORMAL_TEMPORARY_FAILURE', ['Error', 'platform'], 'error', 500, 41],
  [5020, 'Routing Error', 'NO_ROUTE_DESTINATION', ['Error', 'platform'], 'not-found', 404, 3],
  [5030, 'Concurrency Limit Breached', 'NORMAL_CIRCUIT_CONGESTION', ours, 'account-limit', 503, 34],
  [6000, 'Scheduled Hangup', 'ALLOTTED_TIMEOUT', ['platform', 'Answer XML'], 'scheduled', null, 16],
  [6010, 'Ring Timeout Reached', 'NO_ANSWER', ours, 'no-answer', 480, 19],
  [6020, 'Media Timeout', 'MEDIA_TIMEOUT', ours, 'media-lost', null, 102],
  [7011, 'Error Reaching Answer URL', '', error, 'app-unreachable', null, null],
  [7012, 'Error Reaching Action URL', '', error, 'app-unreachable', null, null],
  [7013, 'Error Reaching Transfer URL', '', error, 'app-unreachable', null, null],
  [7014, 'Error Reaching Redirect URL', '', error, 'app-unreachable', null, null],
  [7022, 'Invalid Action URL', '', error, 'app-invalid', null, null],
  [7023, 'Invalid Transfer URL', '', error, 'app-invalid', null, null],
  [7024, 'Invalid Redirect URL', '', error, 'app-invalid', null, null],
  [7032, 'Invalid Method For Action URL', '', error, 'app-invalid', null, null],
  [7033, 'Invalid Method For Transfer URL', '', error, 'app-invalid', null, null],
  [7034, 'Invalid Method For Redirect URL', '', error, 'app-invalid', null, null],
  [8011, 'Invalid Answer XML', '', error, 'app-invalid', null, null],
  [8012, 'Invalid Action XML', '', error, 'app-invalid', null, null],
  [8013, 'Invalid Transfer XML', '', error, 'app-invalid', null, null],
  [8014, 'Invalid Redirect XML', '', error, 'app-invalid', null, null],
  [9000, 'Lost Race', 'LOSE_RACE', ours, 'answered-elsewhere', 487, null],
  [9100, 'Machine Detected', 'NORMAL_CLEARING', ours, 'machine-detected', null, 16],
  [9110, 'Confirm Key Challenge Failed', 'NORMAL_CLEARING', ours, 'hangup', null, 16],
]

/** Every published code, in ascending order. */
export const hangupCodes: readonly HangupCode[] = rows.map(([code, name, word, sources, cause, sip, q850]) =>
  Object.freeze({ code, name, word, sources, cause, sip, q850 }),
)

const byCode = new Map(hangupCodes.map((row) => [row.code, row]))
const byName = new Map(hangupCodes.map((row) => [row.name.toLowerCase(), row]))

export function hangupCode(code: number): HangupCode | undefined {
  return byCode.get(code)
}

export function hangupCodeNamed(name: string): HangupCode | undefined {
  return byName.get(name.trim().toLowerCase())
}

/**
 * FreeSWITCH's words, and the vendors' own that appear in their logs, where no code says more. Where one stands beside
 * a code, it refines it only for the pairs of `refinements`.
 */
export const hangupWords: Readonly<Record<string, Cause>> = {
  NORMAL_CLEARING: 'hangup',
  NORMAL_UNSPECIFIED: 'unknown',
  ORIGINATOR_CANCEL: 'cancelled',
  NO_ANSWER: 'no-answer',
  NO_USER_RESPONSE: 'no-answer',
  PROGRESS_TIMEOUT: 'no-answer',
  NO_PICKUP: 'no-answer',
  USER_BUSY: 'busy',
  BUSY_EVERYWHERE: 'busy',
  CALL_REJECTED: 'declined',
  REJECTED: 'declined',
  DECLINE: 'declined',
  REJECT_ALL: 'declined',
  UNWANTED: 'unwanted',
  OUTGOING_CALL_BARRED: 'blocked',
  INCOMING_CALL_BARRED: 'blocked',
  BEARERCAPABILITY_NOTAUTH: 'blocked',
  SUBSCRIBER_ABSENT: 'unavailable',
  USER_NOT_REGISTERED: 'unavailable',
  UNALLOCATED_NUMBER: 'not-found',
  INVALID_NUMBER: 'not-found',
  INVALID_NUMBER_FORMAT: 'not-found',
  NUMBER_CHANGED: 'not-found',
  NO_ROUTE_DESTINATION: 'not-found',
  NO_ROUTE_TRANSIT_NET: 'not-found',
  DOES_NOT_EXIST_ANYWHERE: 'not-found',
  INCOMPATIBLE_DESTINATION: 'incompatible',
  BEARERCAPABILITY_NOTIMPL: 'incompatible',
  NOT_ACCEPTABLE: 'incompatible',
  LOSE_RACE: 'answered-elsewhere',
  PICKED_OFF: 'answered-elsewhere',
  BLIND_TRANSFER: 'transferred',
  ATTENDED_TRANSFER: 'transferred',
  ALLOTTED_TIMEOUT: 'time-limit',
  MEDIA_TIMEOUT: 'media-lost',
  RECOVERY_ON_TIMER_EXPIRE: 'session-expired',
  SWITCH_CONGESTION: 'congestion',
  NORMAL_CIRCUIT_CONGESTION: 'congestion',
  REQUESTED_CHAN_UNAVAIL: 'congestion',
  DESTINATION_OUT_OF_ORDER: 'network-failed',
  NETWORK_OUT_OF_ORDER: 'network-failed',
  GATEWAY_DOWN: 'network-failed',
  SERVICE_UNAVAILABLE: 'network-failed',
  SYSTEM_SHUTDOWN: 'shutdown',
  MANAGER_REQUEST: 'hangup',
  SERVER_ERROR: 'error',
  PROTOCOL_ERROR: 'error',
  NORMAL_TEMPORARY_FAILURE: 'error',
  EXCHANGE_ROUTING_ERROR: 'error',
  INTERWORKING: 'error',
  UNKNOWN: 'unknown',
}

/** Words that say more than the code they stand beside. */
export const refinements: Readonly<Record<number, readonly string[]>> = {
  3000: ['SUBSCRIBER_ABSENT', 'USER_NOT_REGISTERED'],
  5000: ['RECOVERY_ON_TIMER_EXPIRE'],
  5010: ['INCOMPATIBLE_DESTINATION', 'SWITCH_CONGESTION'],
}
