import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reasons } from '../../../src/sip/message/accessors.ts'
import { headersOf } from '../../../src/sip/message/build.ts'
import { formatReason, formatReasons, parseReason } from '../../../src/sip/message/reason.ts'

const read = (...lines: string[]) =>
  reasons({ headers: headersOf(lines.map((line) => ['Reason', line] as const)) }).map(({ params, ...rest }) => rest)

describe('Reason headers are read', () => {
  test('both protocols in one line', () => {
    expect(read('SIP;cause=600;text="Busy", Q.850;cause=16')).toEqual([
      { protocol: 'SIP', cause: 600, text: 'Busy', raw: 'SIP;cause=600;text="Busy"' },
      { protocol: 'Q.850', cause: 16, raw: 'Q.850;cause=16' },
    ])
  })

  test('in several lines', () => {
    expect(read('Q.850;cause=17', 'SIP;cause=486').map((each) => each.protocol)).toEqual(['Q.850', 'SIP'])
  })

  test('with semicolons, commas and quotes inside the text', () => {
    expect(read('SIP ; text = "no; really, \\"no\\"" ; cause = 480 , q.850;cause=31')).toMatchObject([
      { protocol: 'SIP', cause: 480, text: 'no; really, "no"' },
      { protocol: 'Q.850', cause: 31 },
    ])
  })

  test('names in any case; an unknown protocol keeps its own spelling', () => {
    expect(
      read(
        'sip;CAUSE=200',
        'q.850;Cause=26',
        'RELEASE_CAUSE;cause=1',
        'X.int;reasoncode=0x00000000;add-info=05CC.0001.0001',
      ),
    ).toMatchObject([
      { protocol: 'SIP', cause: 200 },
      { protocol: 'Q.850', cause: 26 },
      { protocol: 'RELEASE_CAUSE', cause: 1 },
      { protocol: 'X.int' },
    ])
    expect(parseReason('X.int;reasoncode=0x01')?.params.get('reasoncode')).toBe('0x01')
  })

  test('without a cause, or with one that is no number: the rest is kept', () => {
    expect(read('SIP;text="gone"', 'Q.850', 'Q.850;cause=normal', 'SIP;cause=', 'SIP;cause=-1')).toEqual([
      { protocol: 'SIP', text: 'gone', raw: 'SIP;text="gone"' },
      { protocol: 'Q.850', raw: 'Q.850' },
      { protocol: 'Q.850', raw: 'Q.850;cause=normal' },
      { protocol: 'SIP', raw: 'SIP;cause=' },
      { protocol: 'SIP', raw: 'SIP;cause=-1' },
    ])
  })

  test('RFC 8606: a location stands beside Q.850 only', () => {
    expect(read('Q.850;cause=17;location=ln', 'SIP;cause=486;location=U')).toEqual([
      { protocol: 'Q.850', cause: 17, location: 'LN', raw: 'Q.850;cause=17;location=ln' },
      { protocol: 'SIP', cause: 486, raw: 'SIP;cause=486;location=U' },
    ])
  })

  test('text that was never quoted is taken as far as it goes', () => {
    expect(read('SIP;cause=200;text=Call completed elsewhere')).toMatchObject([{ text: 'Call completed elsewhere' }])
  })

  test('what has no protocol is left out', () => {
    expect(read(';cause=16', '=;x', '')).toEqual([])
  })
})

describe('Reason headers are written', () => {
  test.each([
    [
      { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
      'SIP;cause=200;text="Call completed elsewhere"',
    ],
    [{ protocol: 'q.850', cause: 16 }, 'Q.850;cause=16'],
    [{ protocol: 'Q.850', cause: 17, location: 'rln' }, 'Q.850;cause=17;location=RLN'],
    [{ protocol: 'SIP', cause: 486, location: 'U' }, 'SIP;cause=486'],
    [{ protocol: 'SIP', text: 'a "b"\r\nBye: c' }, 'SIP;text="a \\"b\\" Bye: c"'],
    [{ protocol: 'S I P', cause: 1 }, ''],
  ])('%j', (reason, value) => {
    expect(formatReason(reason)).toBe(value)
  })

  test('at most one value for each protocol, the first', () => {
    expect(
      formatReasons([
        { protocol: 'SIP', cause: 408 },
        { protocol: 'Q.850', cause: 102 },
        { protocol: 'sip', cause: 500 },
        { protocol: 'q.850', cause: 41 },
      ]),
    ).toBe('SIP;cause=408, Q.850;cause=102')
    expect(formatReasons([])).toBeUndefined()
    expect(formatReasons([{ protocol: '' }])).toBeUndefined()
  })

  test('and read back the same', () => {
    const reason = fc.record(
      {
        protocol: fc.constantFrom('SIP', 'Q.850', 'X.int'),
        cause: fc.integer({ min: 0, max: 999 }),
        text: fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]+/g, ' ')),
      },
      { requiredKeys: ['protocol'] },
    )
    fc.assert(
      fc.property(fc.uniqueArray(reason, { selector: (each) => each.protocol, minLength: 1 }), (list) => {
        const back = read(formatReasons(list) as string).map(({ raw, ...rest }) => rest)
        expect(back).toEqual(list)
      }),
    )
  })
})
