import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { dataPath } from './places.ts'

const kills = process.env.ONHOOK_LONG ? 100 : 20

type Acknowledged = Record<'stored' | 'settled' | 'attempted', Set<string>>

/** Kills the child after the `count`th acknowledgement. Resolves when it is dead and all that it said was read. */
async function killAfter(child: ChildProcess, count: number, seen: Acknowledged): Promise<void> {
  let lines = 0
  for await (const line of createInterface({ input: child.stdout! })) {
    const [what, id] = line.split(' ') as [keyof Acknowledged, string]
    seen[what].add(id)
    if (++lines === count) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

test(`P3: after each of ${kills} kills every acknowledged write is there, once, and no record lacks its deliveries`, {
  timeout: 30_000 + kills * 5_000,
}, async () => {
  const path = dataPath()
  const seen: Acknowledged = { stored: new Set(), settled: new Set(), attempted: new Set() }
  for (let round = 0; round < kills; round++) {
    const script = new URL('./writer-process.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [script, path, `r${round}`], { stdio: ['ignore', 'pipe', 'inherit'] })
    // Acknowledgements come in groups, so their number lands anywhere between two commits, and in them.
    await killAfter(child, 1 + Math.floor(Math.random() * 400), seen)

    const ledger = createLedger({ path })
    await ledger.open()
    const live = new Set((await ledger.live()).map(({ call }) => call.id))
    const recorded = await everything((page) => ledger.records({}, page))
    const deliveries = await everything((page) => ledger.deliveries({}, page))
    await ledger.close()

    const records = new Set(recorded.map(({ id }) => id))
    expect(records.size).toBe(recorded.length)
    for (const id of seen.stored) expect(live.has(id) || records.has(id), `${id} was stored`).toBe(true)
    for (const id of seen.settled) expect(records.has(id), `${id} was settled`).toBe(true)
    for (const id of records) expect(live.has(id), `${id} is over`).toBe(false)

    const expected = recorded.flatMap(({ id }) => [`${id}-d1`, `${id}-d2`])
    expect(deliveries.map(({ id }) => id).sort()).toEqual(expected.sort())
    const delivered = new Set(deliveries.filter(({ state }) => state === 'delivered').map(({ id }) => id))
    for (const id of seen.attempted) expect(delivered.has(`${id}-d1`), `${id} was attempted`).toBe(true)
  }
  expect(seen.attempted.size).toBeGreaterThan(kills)
})

type Page<T> = Readonly<{ items: readonly T[]; next: string | null }>

async function everything<T>(list: (page: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let page = await list({ limit: 1000 })
  for (;;) {
    items.push(...page.items)
    if (page.next === null) return items
    page = await list({ limit: 1000, cursor: page.next })
  }
}
