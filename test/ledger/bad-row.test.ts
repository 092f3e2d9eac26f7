import { expect, test } from 'vitest'
import type { CallRecord } from '../../src/call/record.ts'
import { kinds } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

test.each(kinds)('a row that cannot be stored takes no other call down with it, %s', async (_, open) => {
  const ledger = await open()
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const unspeakable = { ...liveRow('c1'), wires: [{ leg: 'a', wire: circular }] }
  const nameless = { ...callRecord('c2'), platform: undefined } as unknown as CallRecord
  const outcomes = await Promise.allSettled([
    ledger.store(unspeakable),
    ledger.settle(nameless, [delivery('d2', 'c2')]),
    ledger.settle(callRecord('c3'), [delivery('d3', 'c3')]),
    ledger.store(liveRow('c4')),
  ])
  expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'stored' : outcome.reason.code))).toEqual([
    'ledger.write',
    'ledger.write',
    'stored',
    'stored',
  ])
  expect(await ledger.record('c2')).toBeUndefined()
  expect(await ledger.delivery('d2')).toBeUndefined()
  expect(await ledger.delivery('d3')).toBeDefined()
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(['c4'])
  expect(ledger.health()).toEqual({ state: 'ok' })
})
