import { expect, test } from 'vitest'
import type { CallRecord } from '../../src/call/record.ts'
import type { RecordFilter } from '../../src/switchboard/ports.ts'
import { openedInMemory } from './places.ts'
import { callRecord, ending, legRecord } from './values.ts'

const records: readonly CallRecord[] = [
  callRecord('a', { ended: 100, ending: ending({ cause: 'busy', actor: 'callee', phase: 'ringing' }) }),
  callRecord('b', { ended: 200, legs: [legRecord('b1'), legRecord('b2', { network: 'matrix' }), legRecord('b3')] }),
  callRecord('c', { ended: 300, platform: 'direct', from: 'alice', to: 'bob' }),
]

const rows: readonly (readonly [RecordFilter, string])[] = [
  [{}, 'cba'],
  [{ cause: 'busy' }, 'a'],
  [{ cause: 'hangup' }, 'cb'],
  [{ cause: 'no-such-cause' }, ''],
  [{ actor: 'callee' }, 'a'],
  [{ phase: 'answered' }, 'cb'],
  [{ platform: 'direct' }, 'c'],
  [{ from: 'alice' }, 'c'],
  [{ to: 'bob' }, 'c'],
  [{ to: 'bo' }, ''],
  [{ since: 200 }, 'cb'],
  [{ until: 200 }, 'a'],
  [{ since: 100, until: 300 }, 'ba'],
  [{ network: 'sip' }, 'cba'],
  [{ network: 'matrix' }, 'b'],
  [{ network: 'matri' }, ''],
  [{ network: '' }, 'cba'],
  [{ cause: 'hangup', actor: 'caller', network: 'sip', platform: 'vobiz' }, 'b'],
]

test.each(rows)('records by %j are %s, newest first', async (filter, found) => {
  const ledger = await openedInMemory()
  await Promise.all(records.map((record) => ledger.settle(record, [])))
  const page = await ledger.records(filter, { limit: 10 })
  expect(page.items.map(({ id }) => id).join('')).toBe(found)
  expect(page.next).toBeNull()
})
