import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { causeNames } from '../../../src/call/causes.ts'
import { phases } from '../../../src/call/ending.ts'
import { codec, type SipRaw } from '../../../src/dialects/sip/index.ts'
import { patience, runs } from '../runs.ts'

const context = fc.record(
  {
    at: fc.nat(),
    phase: fc.constantFrom(...phases),
    direction: fc.constantFrom('in' as const, 'out' as const),
    sender: fc.constantFrom('caller' as const, 'callee' as const, 'unknown' as const),
  },
  { requiredKeys: ['at'] },
)

describe('laws of the SIP codec', () => {
  test(
    'nothing throws, every cause is of the catalogue, the raw value survives',
    () => {
      fc.assert(
        fc.property(fc.anything(), context, (wire, context) => {
          const ending = codec.read(wire, context)
          expect(causeNames).toContain(ending.cause)
          expect(ending.raw).toEqual({ dialect: 'sip', value: wire })
          codec.write(ending)
          codec.write(ending, context)
        }),
        runs,
      )
    },
    patience,
  )

  test(
    'any status and any Reason can be read and answered',
    () => {
      const reason = fc.tuple(fc.constantFrom('SIP', 'Q.850', 'RELEASE_CAUSE', 'X'), fc.nat(1000), fc.string())
      const wire = fc.record({
        message: fc.constantFrom('response', 'BYE', 'CANCEL'),
        status: fc.integer({ min: 100, max: 800 }),
        reasons: fc.array(reason.map(([protocol, cause, text]) => `${protocol};cause=${cause};text="${text}"`)),
      })
      fc.assert(
        fc.property(wire, context, (wire, context) => {
          const written = codec.write(codec.read(wire, context), context)
          for (const value of written.reasons ?? []) expect(value).not.toMatch(/[\r\n]/)
          if (written.message === 'response') expect(written.status).toSatisfy((n: number) => n >= 300 && n <= 699)
        }),
        runs,
      )
    },
    patience,
  )

  test.each(causeNames)('%s is understood as says tells, in its usual form', (cause) => {
    for (const phase of phases) {
      const wire = codec.write({ cause, actor: 'unknown', phase, at: 0 })
      if (phase === 'answered') expect(wire.message).toBe('BYE')
      else expect(wire.message).not.toBe('BYE')
    }
    expect(causeNames).toContain(codec.says[cause])
  })

  const published: readonly SipRaw[] = [
    ...[
      400, 403, 404, 406, 408, 410, 415, 480, 481, 484, 486, 487, 488, 500, 502, 503, 504, 600, 603, 604, 606, 607,
    ].map((status): SipRaw => ({ message: 'response', status, reasons: ['Q.850;cause=99'] })),
    { message: 'CANCEL', reasons: ['SIP;cause=200;text="Call completed elsewhere"'] },
    { message: 'CANCEL', reasons: ['SIP;cause=603;text="Decline"'] },
    { message: 'BYE', reasons: ['Q.850;cause=16;text="Terminated"'] },
    { message: 'BYE', reasons: ['SIP;cause=503', 'Q.850;cause=41'] },
  ]

  test.each(published)('what was heard is written back as it was: %o', (wire) => {
    const phase = wire.message === 'BYE' ? 'answered' : 'ringing'
    const { reason: _phrase, ...written } = codec.write(codec.read(wire, { at: 0, phase })) as SipRaw & {
      reason?: string
    }
    expect(written).toEqual(wire)
  })
})
