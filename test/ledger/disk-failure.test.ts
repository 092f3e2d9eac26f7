import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { faultOf, type LedgerErrorCode } from '../../src/ledger/errors.ts'
import { dataPath, opened } from './places.ts'

/** Runs the script with no file allowed to grow over `blocks` of 512 bytes; a write beyond fails as on a bad disk. */
async function limited(script: URL, blocks: number, path: string): Promise<string[]> {
  const command = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`
  const child = spawn('sh', ['-c', command, process.execPath, script.pathname, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) lines.push(line)
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
  return lines
}

test('a disk that takes no more rejects the writes and marks the ledger, which goes on answering', async () => {
  const path = dataPath()
  const lines = await limited(new URL('./failing-process.ts', import.meta.url), 1000, path)
  expect(lines).toEqual([
    'health ok',
    'rejected ledger.io',
    'names the file: true',
    'health failing ledger.io',
    'probe failing ledger.io',
    'reads its records: true',
    'closed',
  ])

  // Nothing of what was refused is there, and nothing of what was acknowledged is lost.
  const ledger = await opened(path)
  const { items } = await ledger.records({}, { limit: 1000 })
  expect(items.length).toBeGreaterThan(0)
  expect((await ledger.deliveries({}, { limit: 1000 })).items.length).toBe(items.length)
  expect(await ledger.probe(1)).toEqual({ state: 'ok' })
})

test.each([4, 16, 100])('a disk that is full at the start is named as what it is (%i blocks)', async (blocks) => {
  const [code, ...more] = await limited(new URL('./opening-process.ts', import.meta.url), blocks, dataPath())
  expect(['ledger.io', 'ledger.full']).toContain(code)
  expect(more).toEqual([])
})

const codes: readonly (readonly [number, LedgerErrorCode])[] = [
  [5, 'ledger.locked'],
  [8, 'ledger.io'],
  [10, 'ledger.io'],
  [10 | (3 << 8), 'ledger.io'],
  [11, 'ledger.corrupt'],
  [11 | (1 << 8), 'ledger.corrupt'],
  [13, 'ledger.full'],
  [14, 'ledger.open'],
  [26, 'ledger.corrupt'],
  [19, 'ledger.write'],
  [1, 'ledger.write'],
]

test.each(codes)("SQLite's result code %i is %s", (errcode, code) => {
  expect(faultOf(Object.assign(new Error('x'), { errcode }))).toEqual({ code, detail: 'x' })
})
