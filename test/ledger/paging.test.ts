import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DurableLedger } from '../../src/ledger/ledger.ts'
import type { Page } from '../../src/switchboard/ports.ts'
import { openedInMemory } from './places.ts'
import { callRecord, delivery } from './values.ts'

type List = (page: { limit: number; cursor?: string }) => Promise<Page<{ id: string }>>

/** Reads a list to its end; `between` runs after each page. */
async function readAll(list: List, limit: number, between: () => Promise<void>): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page: Page<{ id: string }> = await list(cursor === null ? { limit } : { limit, cursor })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.next
    await between()
  } while (cursor !== null)
  return ids
}

const lists: readonly (readonly [
  string,
  add: (ledger: DurableLedger, id: string, at: number) => Promise<void>,
  (ledger: DurableLedger) => List,
])[] = [
  [
    'records',
    (ledger, id, at) => ledger.settle(callRecord(id, { ended: at }), []),
    (ledger) => (page) => ledger.records({ platform: 'vobiz' }, page),
  ],
  [
    'deliveries',
    (ledger, id) => ledger.enqueue([delivery(id, 'c')]),
    (ledger) => (page) => ledger.deliveries({ state: 'pending' }, page),
  ],
]

test.each(lists)('paging through %s shows each row once, whatever is inserted meanwhile', async (name, add, listOf) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.integer({ min: 0, max: 9 }).map((at) => at / 3),
        { maxLength: 20 },
      ),
      fc.integer({ min: 1, max: 7 }),
      async (times, limit) => {
        const ledger = await openedInMemory()
        await Promise.all(times.map((at, index) => add(ledger, `old${index}`, at)))
        let added = 0
        const ids = await readAll(listOf(ledger), limit, () => add(ledger, `new${added}`, 10 + added++))
        const expected = times.map((at, index) => ({ at, index }))
        expected.sort((a, b) => b.index - a.index)
        if (name === 'records') expected.sort((a, b) => b.at - a.at)
        expect(ids).toEqual(expected.map(({ index }) => `old${index}`))
      },
    ),
    { numRuns: process.env.ONHOOK_LONG ? 2000 : 100 },
  )
})

test.each(['', 'x', 'cmVjb3Jkczox', Buffer.from('deliveries:1').toString('base64url'), '%00'])(
  'a cursor that is not of this list (%j) is refused by its code',
  async (cursor) => {
    const ledger = await openedInMemory()
    await expect(ledger.records({}, { limit: 1, cursor })).rejects.toMatchObject({ code: 'ledger.cursor' })
  },
)
