import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'onhook-memory-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('what a network remembers outlives the process, in one change: forgotten, dropped, put', async () => {
  const path = join(folder, 'onhook.db')
  const first = createLedger({ path })
  await first.open()
  const matrix = first.memory('matrix')
  await matrix.commit({
    put: [
      { kind: 'event', key: '$old', at: 1, value: null },
      { kind: 'event', key: '$new', at: 9, value: { a: 1 } },
      { kind: 'outbox', key: 't1', at: 2, value: 'x' },
    ],
  })
  await first.memory('other').commit({ put: [{ kind: 'event', key: '$old', at: 1, value: 'theirs' }] })
  await matrix.commit({
    forget: [{ kind: 'event', before: 9 }],
    drop: [{ kind: 'outbox', key: 't1' }],
    put: [{ kind: 'event', key: '$new', at: 10, value: { a: 2 } }],
  })
  await first.close()

  const second = createLedger({ path })
  await second.open()
  expect(await second.memory('matrix').all()).toEqual([{ kind: 'event', key: '$new', at: 10, value: { a: 2 } }])
  expect(await second.memory('other').all()).toEqual([{ kind: 'event', key: '$old', at: 1, value: 'theirs' }])
  await second.close()
})
