import { describe, expect, test } from 'vitest'
import { causeNames } from '../../../src/call/causes.ts'
import {
  codec,
  hangupReasons,
  type OutgoingEvent,
  serialiseCallEvent,
  vocabularies,
} from '../../../src/dialects/matrix/index.ts'

const ids = { call_id: 'c1', party_id: 'ours', selected_party_id: 'winner' }

/** The published schema of `m.call.hangup`'s content: field → what it must be; all are required. */
const hangupSchema: Readonly<Record<string, (value: unknown) => boolean>> = {
  call_id: (value) => typeof value === 'string',
  version: (value) => typeof value === 'string',
  party_id: (value) => typeof value === 'string',
  reason: (value) => (hangupReasons as readonly unknown[]).includes(value),
}

describe.each(vocabularies)('in the vocabulary %s', (vocabulary) => {
  test.each(causeNames)('an ending for %s, once it has its identifiers, passes the strict serialiser', (cause) => {
    for (const phase of ['ringing', 'answered'] as const) {
      for (const direction of ['in', 'out'] as const) {
        const event = codec.write({ cause, actor: 'unknown', phase, at: 0 }, { ids, phase, direction, vocabulary })
        // `replaced` is of the large clients, not of the specification.
        if ('reason' in event.content && event.content.reason === 'replaced') continue
        expect(serialiseCallEvent(event as OutgoingEvent)).toMatchObject({ ok: true, warnings: [] })
      }
    }
  })
})

test.each(causeNames)('a hangup for %s has the fields of the published schema, and no others', (cause) => {
  const { type, content } = codec.write(
    { cause, actor: 'unknown', phase: 'answered', at: 0 },
    { ids, phase: 'answered' },
  )
  if (type !== 'm.call.hangup') return expect(type).toBe('m.call.select_answer')
  expect(Object.keys(content).sort()).toEqual(Object.keys(hangupSchema).sort())
  for (const [field, holds] of Object.entries(hangupSchema))
    expect([field, holds((content as Record<string, unknown>)[field])]).toEqual([field, true])
})
