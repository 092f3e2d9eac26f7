import { type Cause, causes } from '../../call/causes.ts'

/** One Reason value to be sent. */
export type Said = Readonly<{ protocol: 'SIP' | 'Q.850'; cause: number; text?: string }>

/**
 * How SIP says a cause. `reject` ends a leg that came in and was not answered · `cancel` stops one that we dialled from
 * ringing · `bye` ends an answered one. No Reason is an empty list. Where the catalogue has no word for a form (that
 * form cannot happen to that cause, or only in a bridge), `bye` says the Q.850 value and `reject` its response.
 */
export type SaidRow = Readonly<{
  reject: Readonly<{ status: number; reasons: readonly Said[] }>
  cancel: readonly Said[]
  bye: readonly Said[]
  /** The form in which the cause usually comes to pass, where a message must be chosen without a leg. */
  usual: 'reject' | 'cancel' | 'bye'
}>

const sip = (cause: number, text?: string): Said =>
  text === undefined ? { protocol: 'SIP', cause } : { protocol: 'SIP', cause, text }
const q850 = (cause: number, text?: string): Said =>
  text === undefined ? { protocol: 'Q.850', cause } : { protocol: 'Q.850', cause, text }

/** RFC 6432: a response carries the Q.850 value, and no other protocol. */
function row(
  cause: Cause,
  status: number,
  usual: SaidRow['usual'],
  words: Readonly<{ cancel?: readonly Said[]; bye?: readonly Said[] }> = {},
): SaidRow {
  const value = causes[cause].q850
  const plain = value === null ? [] : [q850(value)]
  return { reject: { status, reasons: plain }, cancel: words.cancel ?? plain, bye: words.bye ?? plain, usual }
}

const none: readonly Said[] = []

/** The SIP column of the catalogue of causes. */
export const sipSays: Readonly<Record<Cause, SaidRow>> = {
  hangup: row('hangup', 480, 'bye'),
  'script-end': row('script-end', 603, 'bye'),
  scheduled: row('scheduled', 603, 'bye'),
  'time-limit': row('time-limit', 603, 'bye', { bye: [q850(16, 'Max duration')] }),
  cancelled: row('cancelled', 487, 'cancel'),
  'no-answer': row('no-answer', 480, 'reject'),
  busy: row('busy', 486, 'reject', { cancel: none }),
  declined: row('declined', 603, 'reject', { cancel: [sip(603)] }),
  unwanted: row('unwanted', 607, 'reject', { cancel: [sip(607)], bye: [sip(607)] }),
  // 608 would need a Call-Info with a signed contact card (RFC 8688 §3.1), so a rule of ours says 403.
  blocked: row('blocked', 403, 'reject', { cancel: [sip(608)], bye: [sip(608)] }),
  unavailable: row('unavailable', 480, 'reject'),
  'not-found': row('not-found', 404, 'reject'),
  incompatible: row('incompatible', 488, 'reject', { cancel: none, bye: [sip(488)] }),
  'answered-elsewhere': row('answered-elsewhere', 487, 'cancel', {
    cancel: [sip(200, 'Call completed elsewhere')],
  }),
  'declined-elsewhere': row('declined-elsewhere', 603, 'cancel', { cancel: [sip(603)] }),
  transferred: row('transferred', 480, 'bye'),
  superseded: row('superseded', 487, 'cancel'),
  'media-failed': row('media-failed', 488, 'bye', { cancel: none }),
  'media-lost': row('media-lost', 504, 'bye', { cancel: none, bye: [q850(102, 'Media timeout')] }),
  'capture-failed': row('capture-failed', 480, 'bye'),
  'session-expired': row('session-expired', 504, 'bye', { cancel: none, bye: [sip(408), q850(102)] }),
  'no-ack': row('no-ack', 504, 'bye', { cancel: none, bye: [sip(408, 'ACK timeout')] }),
  'peer-gone': row('peer-gone', 503, 'bye', { cancel: none }),
  'account-limit': row('account-limit', 503, 'reject'),
  congestion: row('congestion', 503, 'reject'),
  'app-unreachable': row('app-unreachable', 503, 'bye', { cancel: [sip(500)], bye: [sip(500), q850(41)] }),
  'app-invalid': row('app-invalid', 503, 'bye', { cancel: [sip(500)], bye: [sip(500), q850(41)] }),
  'app-failed': row('app-failed', 500, 'bye', { cancel: [sip(500)], bye: [sip(500), q850(41)] }),
  'machine-detected': row('machine-detected', 480, 'bye', { cancel: none }),
  'network-failed': row('network-failed', 502, 'reject'),
  shutdown: row('shutdown', 503, 'bye', { cancel: [sip(503)], bye: [sip(503), q850(41)] }),
  restarted: row('restarted', 503, 'bye', { cancel: [sip(503)], bye: [sip(503), q850(41)] }),
  error: row('error', 500, 'bye'),
  unknown: row('unknown', 480, 'bye'),
}

/** Phrases of the registry (IANA SIP response codes) for the responses that end calls. */
export const phrases: Readonly<Record<number, string>> = {
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  305: 'Use Proxy',
  380: 'Alternative Service',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  428: 'Use Identity Header',
  433: 'Anonymity Disallowed',
  436: 'Bad Identity Info',
  437: 'Unsupported Credential',
  438: 'Invalid Identity Header',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  485: 'Ambiguous',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  493: 'Undecipherable',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  580: 'Precondition Failure',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
  607: 'Unwanted',
  608: 'Rejected',
}

const classPhrases: Readonly<Record<number, string>> = {
  3: 'Redirection',
  4: 'Request Failure',
  5: 'Server Failure',
  6: 'Global Failure',
}

/**
 * The registered phrase of a status, or one for its class.
 *
 * @example
 * phraseOf(603) // 'Decline'
 */
export function phraseOf(status: number): string {
  return phrases[status] ?? classPhrases[Math.floor(status / 100)] ?? 'Failure'
}
