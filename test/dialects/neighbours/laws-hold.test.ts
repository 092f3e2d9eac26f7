import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { causeNames } from '../../../src/call/causes.ts'
import { actors, phases } from '../../../src/call/ending.ts'
import type { EndingCodec } from '../../../src/dialects/dialect.ts'
import { momentOf } from '../../../src/dialects/neighbour.ts'
import { codec as signalwire } from '../../../src/dialects/signalwire/index.ts'
import { codec as telnyx } from '../../../src/dialects/telnyx/index.ts'
import { codec as twilio } from '../../../src/dialects/twilio/index.ts'
import { codec as vonage } from '../../../src/dialects/vonage/index.ts'
import { codec as cloud } from '../../../src/dialects/whatsapp-cloud/index.ts'
import { naturalContext } from '../natural-context.ts'
import { patience, runs } from '../runs.ts'

const codecs: readonly EndingCodec[] = [twilio, telnyx, vonage, signalwire, cloud]
const word = fc.constantFrom(
  'valueOf',
  'completed',
  'failed',
  'busy',
  'rejected',
  'ended',
  'call_rejected',
  'COMPLETED',
  'terminate',
)
const small = { maxKeys: 4 }
const leaf = fc.oneof(word, word, fc.anything({ maxDepth: 1, maxKeys: 2 }))
const keys = fc.constantFrom(
  ...[
    'CallStatus',
    'SipResponseCode',
    'status',
    'detail',
    'sip_code',
    'hangup_cause',
    'sip_hangup_cause',
    'end_reason',
  ],
  ...['call_state', 'params', 'data', 'payload', 'entry', 'changes', 'value', 'calls', 'statuses', 'errors', 'event'],
  ...['timestamp', 'Timestamp', 'end_time', 'ErrorCode', 'disconnected_by', 'hangup', 'event_type', 'code'],
)
const bag = fc.dictionary(
  keys,
  fc.oneof(leaf, fc.dictionary(keys, leaf, small), fc.array(fc.dictionary(keys, leaf, small), { maxLength: 2 })),
  small,
)
const wire = fc.oneof(
  bag,
  bag.map((value) => JSON.stringify(value) ?? ''),
  fc.anything(),
  fc.string(),
)

describe.each(codecs.map((codec) => [codec.dialect, codec] as const))('%s', (dialect, codec) => {
  test(
    'nothing throws, and the raw value survives',
    () => {
      fc.assert(
        fc.property(wire, fc.nat(), fc.constantFrom(undefined, ...phases), (value, at, phase) => {
          const ending = codec.read(value, { at, ...(phase === undefined ? {} : { phase }) })
          expect(causeNames).toContain(ending.cause)
          expect(actors).toContain(ending.actor)
          expect(phases).toContain(ending.phase)
          expect(Number.isFinite(ending.at)).toBe(true)
          expect(ending.raw).toEqual({ dialect, value })
          codec.write(ending)
          codec.identify?.(value)
        }),
        runs,
      )
    },
    patience,
  )

  test.each(['valueOf', 'constructor', 'toString', '__proto__'])(
    'the name %s, which every object has, is no word',
    (name) => {
      const wires = [name, { CallStatus: name }, { status: name }, { hangup_cause: name }, { end_reason: name }]
      for (const wire of wires) expect(codec.read(wire, { at: 0 }).cause).toBe('unknown')
      const detailed = {
        status: 'failed',
        CallStatus: 'failed',
        detail: name,
        hangup_cause: 'unspecified',
        end_reason: 'error',
      }
      expect(['error', 'unknown']).toContain(codec.read(detailed, { at: 0 }).cause)
    },
  )

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1e20, 1e20])('a moment like %d is written all the same', (at) => {
    expect(JSON.stringify(codec.write({ cause: 'hangup', actor: 'app', phase: 'answered', at }))).toBeTypeOf('string')
  })

  test.each(causeNames)('what it writes for %s is read as it claims, and written again the same', (cause) => {
    const { phase, direction } = naturalContext(cause)
    for (const actor of actors) {
      const written = codec.write({ cause, actor, phase, at: 0 }, { phase, direction })
      const heard = codec.read(written, { at: 0, phase })
      if (codec.says[cause] === cause) expect([actor, heard.cause]).toEqual([actor, cause])
      if (actor === 'unknown') expect(heard.cause).toBe(codec.says[cause])
      expect(codec.write(heard, { phase, direction })).toEqual(written)
    }
    expect(codec.says[codec.says[cause]]).toBe(codec.says[cause])
  })
})

test.each([
  ['Mon, 05 Aug 2024 20:44:37 +0000', 1722890677000],
  ['2024-08-05T20:44:37.543Z', 1722890677543],
  ['2024-08-05T20:44:37.543992Z', 1722890677543],
  ['2024-08-05 20:44:37', 1722890677000],
  ['2024-08-05T22:44:37+0200', 1722890677000],
  ['1722890677', 1722890677000],
  [1722890677, 1722890677000],
  [1722890677543, 1722890677543],
  ['soon', undefined],
  ['2024-99-05T20:44:37Z', undefined],
  [Number.NaN, undefined],
  [null, undefined],
])('the moment %j', (value, at) => {
  expect(momentOf(value)).toBe(at)
})
