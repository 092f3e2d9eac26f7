import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { causeNames, isCause } from '../../src/call/causes.ts'
import { actors, dialectNames, type Ending, phases } from '../../src/call/ending.ts'
import { codecOf } from '../../src/dialects/index.ts'
import { recognise } from '../../src/dialects/recognise.ts'
import { textOf, translateAt } from '../../src/dialects/translate.ts'
import { explain } from '../../src/index.ts'
import { runs } from './runs.ts'

/** The long suite takes minutes. */
const patience = { timeout: 600_000 }

const phase = fc.constantFrom(...phases)
const context = fc.record({ at: fc.nat(), phase, direction: fc.constantFrom('in', 'out') }, { requiredKeys: ['at'] })
const words = fc.constantFrom(
  'call',
  'reason',
  'cause',
  'BYE',
  'SIP/2.0 486 Busy',
  '<Response>',
  '{"type":',
  'HangupCause=',
  '"',
  '<',
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.array(fc.oneof(words, fc.string())).map((all) => all.join('')),
)
const keys = fc.constantFrom(
  ...['type', 'content', 'tag', 'attrs', 'eventType', 'callId', 'cause', 'CallSid', 'CallStatus', 'HangupCauseCode'],
  ...[
    'InvocationEventType',
    'Actions',
    'Parameters',
    'Type',
    'data',
    'payload',
    'event_type',
    'hangup_cause',
    'params',
  ],
  ...['timestamp', 'end_time', 'endTime', 'eventTime', 'origin_server_ts', 'Timestamp', 'start_time'],
  ...['status', 'conversation_uuid', 'entry', 'calls', 'object', 'message', 'reasons', 'end_reason', 'call_state'],
)
const value = fc.oneof(
  fc.constantFrom('disconnect', 'm.call.hangup', 'call.hangup', 'HANGUP', 'completed', 'terminate', 'COMPLETED'),
  fc.double(),
  fc.anything(),
)
const shaped = fc.dictionary(keys, fc.oneof(value, fc.dictionary(keys, value)))
const input = fc.oneof(text, shaped, fc.anything())
const ending: fc.Arbitrary<Ending> = fc.record({
  cause: fc.constantFrom(...causeNames),
  actor: fc.constantFrom(...actors),
  phase,
  at: fc.oneof(fc.nat(), fc.double()),
})

describe.each(dialectNames)('%s', (dialect) => {
  const codec = codecOf(dialect)

  test('reads anything, and keeps it verbatim', patience, () => {
    fc.assert(
      fc.property(input, context, (wire, how) => {
        const heard = codec.read(wire, how as never)
        expect(heard.raw?.dialect).toBe(dialect)
        expect(heard.raw?.value).toBe(wire)
        expect(isCause(heard.cause) && actors.includes(heard.actor) && phases.includes(heard.phase)).toBe(true)
        codec.identify?.(wire)
      }),
      runs,
    )
  })

  test('writes every ending, whatever was heard before', patience, () => {
    fc.assert(
      fc.property(ending, fc.constantFrom(...dialectNames), input, (said, from, raw) => {
        const wire = codec.write({ ...said, raw: { dialect: from, value: raw } })
        expect(typeof textOf(codec, wire)).toBe('string')
      }),
      runs,
    )
  })
})

test('explain explains anything', patience, () => {
  fc.assert(
    fc.property(input, context, (wire, how) => {
      const found = explain(wire, how as never)
      expect(found.dialect === null).toBe(found.fault !== undefined)
      expect(found.summary).not.toBe('')
      if (typeof wire !== 'string') expect(found.raw.value).toBe(wire)
    }),
    runs,
  )
})

test('translate translates anything into anything', patience, () => {
  fc.assert(
    fc.property(fc.oneof(input, ending), fc.constantFrom(...dialectNames), (wire, to) => {
      const found = translateAt(wire, 0, { to })
      expect(typeof found.text).toBe('string')
      expect(found.to).toBe(to)
    }),
    runs,
  )
})

test('a dialect that does not exist is a fault', () => {
  expect(explain('x', { dialect: 'smoke' as never }).fault?.code).toBe('explain.no-such-dialect')
  expect(recognise(undefined).dialect).toBeNull()
})

test.each(dialectNames)('an object that throws when it is looked at is a fault, also for %s', (dialect) => {
  const thrown = new Proxy(
    {},
    {
      get() {
        throw new Error('no')
      },
    },
  )
  const late = {
    type: 'm.call.hangup',
    get content() {
      throw new Error('no')
    },
  }
  expect(explain(thrown).fault?.code).toBe('explain.unreadable')
  for (const input of [thrown, late]) {
    expect(explain(input, { dialect }).cause).toBe('unknown')
    expect(explain(input, { dialect }).raw.value).toBe(input)
    expect(translateAt(input, 0, { from: dialect, to: dialect }).to).toBe(dialect)
  }
})
