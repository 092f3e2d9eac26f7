/**
 * Q.850 cause values and the SIP final responses that stand for them, both ways.
 *
 * Columns: `rfc3398` RFC 3398 §7.2.4.1 and §8.2.6.1 · `rfc4497` RFC 4497 tables 1 and 2 · `asterisk` and `freeswitch`
 * what those two do where they were seen to differ or to agree; null where a column names no value of its own.
 */

export type Q850Column = 'rfc3398' | 'rfc4497' | 'asterisk' | 'freeswitch'

export type Q850Row = Readonly<{ q850: number; name: string } & Record<Q850Column, number | null>>

const row = (
  q850: number,
  name: string,
  rfc3398: number | null,
  rfc4497: number | null = rfc3398,
  asterisk: number | null = rfc3398,
  freeswitch: number | null = rfc3398,
): Q850Row => ({ q850, name, rfc3398, rfc4497, asterisk, freeswitch })

/** Q.850 → final response. 21 holds the value for a network's refusal; `statusForQ850` knows about the user's. */
export const q850Rows: readonly Q850Row[] = [
  row(1, 'unallocated number', 404),
  row(2, 'no route to transit network', 404),
  row(3, 'no route to destination', 404),
  // Normal clearing is a BYE or a CANCEL; no response stands for it.
  row(16, 'normal call clearing', null),
  row(17, 'user busy', 486),
  row(18, 'no user responding', 408),
  row(19, 'no answer from user', 480),
  row(20, 'subscriber absent', 480),
  row(21, 'call rejected', 403, 403, 403, 603),
  row(22, 'number changed', 410),
  row(23, 'redirection to new destination', 410, 410, null, 410),
  // Asterisk says 26 beside "Call completed elsewhere".
  row(26, 'non-selected user clearing', 404, null, null, null),
  row(27, 'destination out of order', 502),
  row(28, 'invalid number format', 484),
  row(29, 'facility rejected', 501),
  row(31, 'normal, unspecified', 480),
  row(34, 'no circuit available', 503),
  row(38, 'network out of order', 503, 503, 500, 503),
  row(41, 'temporary failure', 503, 503, null, 503),
  row(42, 'switching equipment congestion', 503),
  // A gateway would try another channel instead of answering.
  row(44, 'requested channel not available', null, null, null, 503),
  row(47, 'resource unavailable', 503, 503, null, null),
  row(52, 'outgoing calls barred', null, null, null, 403),
  row(54, 'incoming calls barred', null, null, null, 403),
  row(55, 'incoming calls barred within CUG', 403, 403, null, null),
  row(57, 'bearer capability not authorised', 403, 403, null, 403),
  row(58, 'bearer capability not available', 503, 503, null, null),
  row(65, 'bearer capability not implemented', 488, 488, null, 488),
  row(66, 'channel type not implemented', null, null, 503, null),
  row(69, 'requested facility not implemented', null, 501, null, null),
  row(70, 'only restricted digital information', 488, 488, null, null),
  row(79, 'service or option not implemented', 501, 501, null, 501),
  row(87, 'user not member of CUG', 403, 403, null, null),
  row(88, 'incompatible destination', 503, 503, null, 488),
  row(102, 'recovery on timer expiry', 504, 504, null, 504),
  row(111, 'protocol error', 500, null, null, null),
  row(127, 'interworking', 500, null, null, null),
]

/** What stands for a cause value that has no response of its own (RFC 3398 §7.2.4.1). */
export const defaultStatus = 500
/** What stands for a response that has no cause value of its own (RFC 3398 §8.2.6.1). */
export const defaultQ850 = 31

const byQ850 = new Map(q850Rows.map((known) => [known.q850, known]))

/**
 * @param location RFC 8606 location of the cause; a 21 from the user (`U`) is a 603 in both RFCs.
 *
 * @example
 * statusForQ850(21, 'rfc3398', 'U') // 603
 */
export function statusForQ850(q850: number, column: Q850Column = 'rfc3398', location?: string): number {
  if (q850 === 21 && location?.toUpperCase() === 'U' && column.startsWith('rfc')) return 603
  return byQ850.get(q850)?.[column] ?? defaultStatus
}

/**
 * What a Q.850 value is called, if a table knows it.
 *
 * @example
 * q850Name(17) // 'user busy'
 */
export function q850Name(q850: number): string | undefined {
  return byQ850.get(q850)?.name
}

export type StatusRow = Readonly<{ status: number } & Record<Q850Column, number | null>>

const status = (
  code: number,
  rfc3398: number | null,
  { rfc4497 = rfc3398, freeswitch = rfc3398, asterisk = rfc3398 }: Partial<Record<Q850Column, number | null>> = {},
): StatusRow => ({ status: code, rfc3398, rfc4497, asterisk, freeswitch })

/** Final response → Q.850. */
export const statusRows: readonly StatusRow[] = [
  status(400, 41),
  status(401, 21),
  status(402, 21),
  status(403, 21),
  status(404, 1),
  status(405, 63, { asterisk: 127 }),
  status(406, 79),
  status(407, 21),
  status(408, 102, { asterisk: 18 }),
  status(409, 31, { asterisk: 41 }),
  status(410, 22),
  status(411, 31, { asterisk: 127 }),
  status(413, 127),
  status(414, 127),
  status(415, 79, { asterisk: 127 }),
  status(416, 127),
  status(420, 127),
  status(421, 127),
  status(423, 127),
  status(480, 18),
  status(481, 41),
  status(482, 25),
  status(483, 25),
  status(484, 28),
  status(485, 1, { freeswitch: 3 }),
  status(486, 17),
  // Clearing towards the side that cancelled: there is nobody left to tell a cause.
  status(487, null),
  // 65 instead if a Warning is about the bearer.
  status(488, 31, { rfc4497: 65, freeswitch: 88 }),
  status(500, 41),
  status(501, 79),
  status(502, 38),
  status(503, 41),
  status(504, 102),
  // RFC 3398 prints this row as a second 504, "Version Not Supported".
  status(505, 127),
  status(513, 127),
  status(600, 17),
  status(603, 21),
  status(604, 1, { freeswitch: 3 }),
  status(606, 31, { rfc4497: 65, freeswitch: 88 }),
  // Younger than both RFCs: a refusal like 603.
  status(607, 21),
  status(608, 21),
]

const byStatus = new Map(statusRows.map((known) => [known.status, known]))

/**
 * Null for 487, which maps to no cause value; 31 for whatever the table does not know.
 *
 * @example
 * q850ForStatus(486) // 17
 */
export function q850ForStatus(code: number, column: Q850Column = 'rfc3398'): number | null {
  const known = byStatus.get(code)
  return known === undefined ? defaultQ850 : known[column]
}
