import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatReason, onePerProtocol, parseReason, parseReasons, reasonOf } from '../../../src/dialects/sip/index.ts'
import { patience, runs } from '../runs.ts'

describe('Reason values', () => {
  test('quoted text may hold separators and quotes', () => {
    expect(parseReasons('SIP ;cause=200 ;text="A, b; \\"c\\"", Q.850;cause=16')).toEqual([
      { protocol: 'SIP', cause: 200, text: 'A, b; "c"', raw: 'SIP ;cause=200 ;text="A, b; \\"c\\""' },
      { protocol: 'Q.850', cause: 16, raw: 'Q.850;cause=16' },
    ])
  })

  test('several lines are one list', () => {
    expect(parseReasons(['SIP;cause=503', 'q.850;CAUSE=41;Text=plain']).map(({ cause }) => cause)).toEqual([503, 41])
    expect(reasonOf(parseReasons(['SIP;cause=503', 'q.850;CAUSE=41']), 'Q.850')?.cause).toBe(41)
  })

  test('a cause may be missing, or be no number', () => {
    expect(parseReason('SIP')).toEqual({ protocol: 'SIP', raw: 'SIP' })
    expect(parseReason('SIP;cause=abc;text=x')).toEqual({ protocol: 'SIP', text: 'x', raw: 'SIP;cause=abc;text=x' })
    expect(parseReason('Q.850;cause="16"')?.cause).toBe(16)
  })

  test('extension parameters, locations and open quotes do no harm', () => {
    expect(parseReason('X.int;reasoncode=0x00000481;add-info=0730.0001')).toEqual({
      protocol: 'X.int',
      raw: 'X.int;reasoncode=0x00000481;add-info=0730.0001',
    })
    expect(parseReason('Q.850;cause=21;location=U')?.location).toBe('U')
    expect(parseReason('SIP;text="never closed')?.text).toBe('never closed')
  })

  test('what is not a value is left out', () => {
    for (const value of ['', ' ', ';cause=16', '"SIP";cause=1', 'two words']) expect(parseReasons(value)).toEqual([])
    expect(parseReasons([null, 5, {}, 'SIP;cause=1'])).toHaveLength(1)
  })

  test('only the first value of each protocol goes out', () => {
    expect(onePerProtocol(parseReasons('SIP;cause=1,sip;cause=2,Q.850;cause=3')).map(({ cause }) => cause)).toEqual([
      1, 3,
    ])
  })

  test(
    'a written value is read back, and is one line',
    () => {
      fc.assert(
        fc.property(
          fc.constantFrom('SIP', 'Q.850'),
          fc.option(fc.nat(999_999), { nil: undefined }),
          fc.option(fc.string(), { nil: undefined }),
          (protocol, cause, text) => {
            const reason = {
              protocol,
              ...(cause === undefined ? {} : { cause }),
              ...(text === undefined ? {} : { text }),
            }
            const written = formatReason(reason)
            expect(written).not.toMatch(/[\r\n]/)
            const [read, ...rest] = parseReasons(written)
            expect(rest).toEqual([])
            expect(read).toMatchObject({ protocol, ...(cause === undefined ? {} : { cause }) })
            // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters cannot be sent
            if (text !== undefined && !/[\u0000-\u001f\u007f]/.test(text)) expect(read?.text).toBe(text)
          },
        ),
        runs,
      )
    },
    patience,
  )

  test(
    'nothing throws',
    () => {
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom('S', ';', ',', '"', '\\', '=', 'cause', ' ', '1') }), (text) => {
          parseReasons(text)
        }),
        runs,
      )
    },
    patience,
  )
})
