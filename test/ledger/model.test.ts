import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLedger, type DurableLedger } from '../../src/ledger/ledger.ts'
import type { Delivery } from '../../src/switchboard/ports.ts'
import { dataPath } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

/** What a ledger is, without a disk: the least that its promises say. */
class Model {
  readonly live = new Map<string, number>()
  readonly records = new Map<string, number>()
  readonly annex = new Map<string, number>()
  readonly deliveries = new Map<string, Pick<Delivery, 'call' | 'state' | 'next'> & { attempts: number }>()

  enqueue(id: string, call: string): void {
    if (!this.deliveries.has(id)) this.deliveries.set(id, { call, state: 'pending', next: 5, attempts: 0 })
  }
}

type Step = (ledger: DurableLedger, model: Model) => Promise<unknown>

const calls = fc.constantFrom('c1', 'c2', 'c3')
/** Its far end confirms nothing for a while. */
const slow = 'c2'
const deliveries = fc.constantFrom('d1', 'd2', 'd3', 'd4')
const pending = (id: string, call: string) => delivery(id, call, { next: 5 })

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(calls, fc.nat(9)).map(
    ([call, began]): Step =>
      (ledger, model) => {
        if (!model.records.has(call)) model.live.set(call, began)
        return ledger.store(liveRow(call, { began }))
      },
  ),
  fc.tuple(calls, fc.nat(9), fc.subarray(['d1', 'd2', 'd3', 'd4'])).map(
    ([call, talk, ids]): Step =>
      (ledger, model) => {
        if (!model.records.has(call)) {
          model.records.set(call, talk)
          for (const id of ids) model.enqueue(id, call)
          if (call !== slow) model.live.delete(call)
        }
        return ledger.settle(
          callRecord(call, { talk }),
          ids.map((id) => pending(id, call)),
          () => call === slow,
        )
      },
  ),
  fc.constant<Step>(async (ledger, model) => {
    if (!model.records.has(slow)) return
    model.live.delete(slow)
    await ledger.release(slow)
  }),
  fc.tuple(calls).map(
    ([call]): Step =>
      (ledger, model) => {
        model.annex.set(call, (model.annex.get(call) ?? 0) + 1)
        return ledger.annex(call, 1, { type: 'told', leg: 'a', outcome: 'delivered' })
      },
  ),
  fc.tuple(deliveries, calls).map(
    ([id, call]): Step =>
      (ledger, model) => {
        model.enqueue(id, call)
        return ledger.enqueue([pending(id, call)])
      },
  ),
  fc.tuple(deliveries, fc.constantFrom('pending', 'delivered', 'failed')).map(
    ([id, state]): Step =>
      (ledger, model) => {
        const known = model.deliveries.get(id)
        const next = state === 'pending' ? 9 : null
        if (known !== undefined) model.deliveries.set(id, { ...known, state, next, attempts: known.attempts + 1 })
        return ledger.attempted(id, { at: 1, milliseconds: 1, status: 500, error: null }, state, next)
      },
  ),
  fc.tuple(deliveries, fc.nat(9)).map(
    ([id, at]): Step =>
      (ledger, model) => {
        const known = model.deliveries.get(id)
        if (known !== undefined) model.deliveries.set(id, { ...known, state: 'pending', next: at })
        return ledger.replay(id, at)
      },
  ),
)

const timeout = process.env.ONHOOK_LONG ? 300_000 : 60_000

/** Turns of the loop, each with the writes that are made in it. */
const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 12 })

async function compare(ledger: DurableLedger, model: Model): Promise<void> {
  const live = await ledger.live()
  expect(new Map(live.map(({ call }) => [call.id, call.began]))).toEqual(model.live)
  const records = (await ledger.records({}, { limit: 100 })).items
  expect(new Map(records.map(({ id, talk }) => [id, talk]))).toEqual(model.records)
  for (const { id, annex } of records) expect(annex.length).toBe(model.annex.get(id) ?? 0)
  const stored = (await ledger.deliveries({}, { limit: 100 })).items
  const seen = stored.map(({ id, call, state, next, attempts }) => [
    id,
    { call, state, next, attempts: attempts.length },
  ])
  expect(new Map(seen as [])).toEqual(model.deliveries)
  const due = await ledger.due(100, 100)
  expect(due.map(({ next }) => next)).toEqual(due.map(({ next }) => next).toSorted((a, b) => Number(a) - Number(b)))
  expect(due.length).toBe([...model.deliveries.values()].filter(({ state }) => state === 'pending').length)
}

async function take(ledger: DurableLedger, model: Model, writes: readonly Step[]): Promise<void> {
  await Promise.all(writes.map((write) => write(ledger, model)))
  await compare(ledger, model)
}

test('whatever is written, in whatever turns, the ledger is what its promises say', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (script) => {
      const ledger = createLedger({ memory: true })
      await ledger.open()
      const model = new Model()
      for (const writes of script) await take(ledger, model, writes)
      await ledger.close()
    }),
    { numRuns: process.env.ONHOOK_LONG ? 20_000 : 500 },
  )
})

test('and so it is in a file that is closed and opened between', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (script) => {
      const path = dataPath()
      const model = new Model()
      for (const writes of script) {
        const ledger = createLedger({ path })
        await ledger.open()
        await compare(ledger, model)
        await take(ledger, model, writes)
        await ledger.close()
      }
    }),
    { numRuns: process.env.ONHOOK_LONG ? 50 : 3 },
  )
})
