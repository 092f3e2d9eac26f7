import fc from 'fast-check'
import { expect, test } from 'vitest'
import { causeNames } from '../../../src/call/causes.ts'
import {
  actionTypes,
  codec,
  eventTypes,
  parseAction,
  parseCallReply,
  parseCreateCall,
  parseInvocation,
  parseResponse,
  parseUpdateCall,
  readControlError,
  serialiseAction,
  serialiseInvocation,
  serialiseResponse,
} from '../../../src/dialects/chime/index.ts'
import { patience, runs } from '../runs.ts'

const json = fc.jsonValue() as fc.Arbitrary<unknown>
const oddEvent = fc.record(
  {
    SchemaVersion: fc.constantFrom('1.0', 1, null),
    InvocationEventType: fc.constantFrom(...eventTypes),
    ActionData: json,
    CallDetails: fc.oneof(json, fc.record({ TransactionId: json, Participants: fc.array(json) })),
    Actions: fc.array(fc.record({ Type: fc.constantFrom(...actionTypes), Parameters: json })),
  },
  { requiredKeys: [] },
)
const anything = fc.oneof(
  fc.anything(),
  json,
  oddEvent,
  oddEvent.map((value) => JSON.stringify(value)),
  fc.string(),
)

test(
  'nothing throws, and the raw value survives',
  () => {
    fc.assert(
      fc.property(anything, fc.nat(), (value, at) => {
        const ending = codec.read(value, { at })
        expect(causeNames).toContain(ending.cause)
        expect(ending.raw).toEqual({ dialect: 'chime', value })
        codec.text?.(codec.write(ending))
        codec.identify?.(value)
        parseInvocation(value)
        parseResponse(value)
        parseAction(value)
        parseCreateCall(value)
        parseUpdateCall(value)
        parseCallReply(value)
        readControlError({ status: 400, body: value })
        serialiseAction(value as never)
        serialiseInvocation(value as never)
      }),
      runs,
    )
  },
  patience,
)

test(
  'what a response is written as is read back',
  () => {
    const code = fc.constantFrom(0 as const, 480 as const, 486 as const)
    const parameters = fc.record({ CallId: fc.uuid(), SipResponseCode: code }, { requiredKeys: [] })
    fc.assert(
      fc.property(fc.array(parameters, { maxLength: 10 }), (list) => {
        const written = serialiseResponse({ actions: list.map((Parameters) => ({ Type: 'Hangup', Parameters })) })
        if (!written.ok) throw new Error('it was not written')
        const read = parseResponse(JSON.stringify(written.value))
        expect(read).toMatchObject({
          ok: true,
          value: {
            actions:
              list.length === 0 ? { name: 'empty' } : { list: list.map((Parameters) => ({ action: { Parameters } })) },
          },
        })
      }),
      runs,
    )
  },
  patience,
)

test.each(['valueOf', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'the name %s, which every object has, is no word of the dialect',
  (name) => {
    expect(parseInvocation({ InvocationEventType: name })).toMatchObject({
      ok: false,
      faults: [{ code: 'chime.not-an-event' }],
    })
    expect(parseAction({ Type: name })).toMatchObject({ ok: false, faults: [{ code: 'chime.unknown-action' }] })
    expect(codec.read({ Type: 'Hangup', Parameters: { SipResponseCode: name } }, { at: 0 }).cause).toBe('unknown')
  },
)
