import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  callEventTypes,
  codec,
  type OutgoingEvent,
  parseCallEvent,
  serialiseCallEvent,
} from '../../../src/dialects/matrix/index.ts'

/** The long suite takes minutes. */
const patience = { timeout: 600_000 }

const numRuns = process.env.ONHOOK_LONG === undefined ? 1_000 : 100_000
const type = fc.constantFrom(...callEventTypes)
const keys = [
  'call_id',
  'version',
  'party_id',
  'reason',
  'offer',
  'answer',
  'candidates',
  'description',
  'lifetime',
  'sdp_stream_metadata',
]
const content = fc.oneof(fc.dictionary(fc.constantFrom(...keys), fc.anything()), fc.anything())
const event = fc.oneof(
  fc.record({ type, content }),
  fc.record({ type, content, unsigned: fc.anything() }),
  fc.anything(),
)

test('no event makes the parser, the reader or the serialiser throw', patience, () => {
  fc.assert(
    fc.property(event, (value) => {
      const parsed = parseCallEvent(value)
      if (!parsed.ok) expect(parsed.faults.length).toBeGreaterThan(0)
      expect(codec.read(value, { at: 0 }).raw?.value).toBe(value)
      serialiseCallEvent(value as OutgoingEvent)
    }),
    { numRuns },
  )
})

test('no text does', patience, () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseCallEvent(text)
      expect(codec.read(text, { at: 0 }).raw?.value).toBe(text)
    }),
    { numRuns },
  )
})
