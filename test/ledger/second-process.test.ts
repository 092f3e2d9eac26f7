import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { dataPath, opened } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

test('a second writer of one data file is refused, in this process and in another, until the first is gone', async () => {
  const path = dataPath()
  const child = fork(new URL('./writer-process.ts', import.meta.url), [path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  await expect(createLedger({ path }).open()).rejects.toMatchObject({
    code: 'ledger.locked',
    message: expect.stringContaining(path),
  })
  child.kill('SIGKILL')
  await once(child, 'exit')

  const ledger = await opened(path)
  const second = createLedger({ path })
  await expect(second.open()).rejects.toMatchObject({ code: 'ledger.locked' })
  await ledger.store(liveRow('mine'))
  await ledger.close()
  await second.open()
  expect((await second.live()).map(({ call }) => call.id)).toContain('mine')
  await second.close()
})

test('the refused one leaves the other undisturbed', async () => {
  const path = dataPath()
  const ledger = await opened(path)
  await createLedger({ path })
    .open()
    .catch(() => {})
  await ledger.settle(callRecord('c1'), [delivery('d1', 'c1')])
  expect(await ledger.delivery('d1')).toBeDefined()
})
