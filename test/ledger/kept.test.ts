import { describe, expect, it, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { dataPath, kinds, opened } from './places.ts'

describe.each(kinds)('small things kept %s', (_, open) => {
  it('are there by kind and id, replaced, and forgotten', async () => {
    const ledger = await open()
    await ledger.keep('rule', 'b', { name: 'second' })
    await ledger.keep('rule', 'a:1', { name: 'first' })
    await ledger.keep('application', 'a', ['any', 'JSON'])
    await ledger.keep('rule', 'b', { name: 'changed' })
    expect(await ledger.kept()).toEqual([
      { kind: 'application', id: 'a', value: ['any', 'JSON'] },
      { kind: 'rule', id: 'a:1', value: { name: 'first' } },
      { kind: 'rule', id: 'b', value: { name: 'changed' } },
    ])
    await ledger.keep('rule', 'b', undefined)
    await ledger.keep('rule', 'never there', undefined)
    expect((await ledger.kept()).map(({ id }) => id)).toEqual(['a', 'a:1'])
  })
})

test('small things outlive the process', async () => {
  const path = dataPath()
  const first = createLedger({ path })
  await first.open()
  await first.keep('rule', 'a', { name: 'kept' })
  await first.close()
  expect(await (await opened(path)).kept()).toEqual([{ kind: 'rule', id: 'a', value: { name: 'kept' } }])
})
