import { describe, expect, test } from 'vitest'
import {
  defaultQ850,
  defaultStatus,
  type Q850Column,
  q850ForStatus,
  q850Rows,
  statusForQ850,
  statusRows,
} from '../../../src/dialects/sip/index.ts'

// Q.850 → status: [RFC 3398, RFC 4497, Asterisk, FreeSWITCH]; null where a column has no value of its own.
const toStatus: readonly (readonly [number, number | null, number | null, number | null, number | null])[] = [
  [1, 404, 404, 404, 404],
  [2, 404, 404, 404, 404],
  [3, 404, 404, 404, 404],
  [16, null, null, null, null],
  [17, 486, 486, 486, 486],
  [18, 408, 408, 408, 408],
  [19, 480, 480, 480, 480],
  [20, 480, 480, 480, 480],
  [21, 403, 403, 403, 603],
  [22, 410, 410, 410, 410],
  [23, 410, 410, null, 410],
  [26, 404, null, null, null],
  [27, 502, 502, 502, 502],
  [28, 484, 484, 484, 484],
  [29, 501, 501, 501, 501],
  [31, 480, 480, 480, 480],
  [34, 503, 503, 503, 503],
  [38, 503, 503, 500, 503],
  [41, 503, 503, null, 503],
  [42, 503, 503, 503, 503],
  [44, null, null, null, 503],
  [47, 503, 503, null, null],
  [52, null, null, null, 403],
  [54, null, null, null, 403],
  [55, 403, 403, null, null],
  [57, 403, 403, null, 403],
  [58, 503, 503, null, null],
  [65, 488, 488, null, 488],
  [66, null, null, 503, null],
  [69, null, 501, null, null],
  [70, 488, 488, null, null],
  [79, 501, 501, null, 501],
  [87, 403, 403, null, null],
  [88, 503, 503, null, 488],
  [102, 504, 504, null, 504],
  [111, 500, null, null, null],
  [127, 500, null, null, null],
]

// Status → Q.850: [RFC 3398, then the columns that differ].
const toQ850: readonly (readonly [number, number | null, Partial<Record<Q850Column, number>>?])[] = [
  [400, 41],
  [401, 21],
  [407, 21],
  [402, 21],
  [403, 21],
  [404, 1],
  [405, 63, { asterisk: 127 }],
  [406, 79],
  [408, 102, { asterisk: 18 }],
  [409, 31, { asterisk: 41 }],
  [410, 22],
  [411, 31, { asterisk: 127 }],
  [413, 127],
  [414, 127],
  [416, 127],
  [420, 127],
  [421, 127],
  [423, 127],
  [415, 79, { asterisk: 127 }],
  [480, 18],
  [481, 41],
  [482, 25],
  [483, 25],
  [484, 28],
  [485, 1, { freeswitch: 3 }],
  [486, 17],
  [487, null],
  [488, 31, { rfc4497: 65, freeswitch: 88 }],
  [606, 31, { rfc4497: 65, freeswitch: 88 }],
  [500, 41],
  [501, 79],
  [502, 38],
  [503, 41],
  [504, 102],
  [505, 127],
  [513, 127],
  [600, 17],
  [603, 21],
  [604, 1, { freeswitch: 3 }],
  [607, 21],
  [608, 21],
]

const columns: readonly Q850Column[] = ['rfc3398', 'rfc4497', 'asterisk', 'freeswitch']

describe('Q.850 to status', () => {
  test.each(toStatus)('%i', (q850, ...expected) => {
    columns.forEach((column, i) => {
      expect(statusForQ850(q850, column), column).toBe(expected[i] ?? defaultStatus)
      expect(q850Rows.find((row) => row.q850 === q850)?.[column], column).toBe(expected[i])
    })
  })

  test('every row of the table is tested', () => {
    expect(q850Rows.map(({ q850 }) => q850).sort()).toEqual(toStatus.map(([q850]) => q850).sort())
  })

  test('anything else is 500', () => {
    for (const q850 of [0, 4, 25, 63, 126, 128, -1, Number.NaN]) expect(statusForQ850(q850)).toBe(500)
  })

  test('a 21 that the user said is a 603', () => {
    expect(statusForQ850(21, 'rfc3398', 'U')).toBe(603)
    expect(statusForQ850(21, 'rfc4497', 'u')).toBe(603)
    expect(statusForQ850(21, 'rfc3398', 'LN')).toBe(403)
    expect(statusForQ850(21, 'asterisk', 'U')).toBe(403)
  })
})

describe('status to Q.850', () => {
  const rows = toQ850.map(([status, rfc3398, different = {}]) => ({ status, rfc3398, different }))

  test.each(rows)('$status', ({ status, rfc3398, different }) => {
    for (const column of columns) expect(q850ForStatus(status, column), column).toBe(different[column] ?? rfc3398)
  })

  test('every row of the table is tested', () => {
    expect(statusRows.map(({ status }) => status).sort()).toEqual(toQ850.map(([status]) => status).sort())
  })

  test('487 maps to no value, 505 is there, anything else is 31', () => {
    expect(q850ForStatus(487)).toBeNull()
    expect(q850ForStatus(505)).toBe(127)
    for (const status of [200, 300, 302, 422, 491, 580, 599, 699, 0]) expect(q850ForStatus(status)).toBe(defaultQ850)
  })
})
