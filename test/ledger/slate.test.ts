import { execFileSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSlate } from '../../src/ledger/slate.ts'
import { temporaryFolder } from '../temporary-folder.ts'

function place(): string {
  const folder = temporaryFolder()
  return join(folder, 'onhook.db.answers')
}

const never = (fault: unknown) => {
  throw fault
}

test('P5: what was written before kill -9 is found, with nothing closed and nothing synced', () => {
  const path = place()
  const source = new URL('../../src/ledger/slate.ts', import.meta.url).href
  const program = `
    const { openSlate } = await import(${JSON.stringify(source)})
    const slate = openSlate(${JSON.stringify(path)}, (fault) => { throw fault })
    slate.answering('0199a4c1-6c3e-7d2b-9a55-3f1f0e6a7b10', 1234.5)
    process.kill(process.pid, 'SIGKILL')`
  expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })).toThrow()
  const { found, close } = openSlate(path, never)
  expect([...found]).toEqual([['0199a4c1-6c3e-7d2b-9a55-3f1f0e6a7b10', { answering: 1234.5 }]])
  close()
})

test('it keeps the latest, never grows, and keeps what a life before wrote until it is overwritten in its turn', () => {
  const path = place()
  const first = openSlate(path, never)
  for (let n = 1; n <= 40_000; n++) first.answering(`leg-${n}`, n)
  first.close()
  const second = openSlate(path, never)
  expect(second.found.size).toBe(32_768)
  expect(second.found.has('leg-7232')).toBe(false)
  expect(second.found.get('leg-7233')).toEqual({ answering: 7_233 })
  second.answering('leg-of-the-second', 41_000)
  second.close()
  const third = openSlate(path, never)
  expect(third.found.has('leg-7233')).toBe(false)
  expect(third.found.get('leg-7234')).toEqual({ answering: 7_234 })
  expect(third.found.get('leg-of-the-second')).toEqual({ answering: 41_000 })
  third.close()
  expect(statSync(path).size).toBe(32_768 * 64)
})

test('a file of anything else is no answer, and a place that cannot be written is said once', () => {
  const path = place()
  writeFileSync(path, 'x'.repeat(10_000))
  const odd = openSlate(path, never)
  expect(odd.works).toBe(true)
  odd.answering('leg', 1)
  odd.close()
  expect(openSlate(path, never).found.get('leg')).toEqual({ answering: 1 })

  const faults: unknown[] = []
  const nowhere = openSlate(join(path, 'no', 'folder'), (fault) => void faults.push(fault))
  nowhere.answering('leg', 1)
  nowhere.answering('leg', 2)
  expect(nowhere.works).toBe(false)
  nowhere.close()
  expect(faults).toHaveLength(1)
})

test('P5: the highest number of each call is found, and no leg is made of it', () => {
  const path = place()
  const first = openSlate(path, never)
  const call = '0199a4c1-6c3e-7d2b-9a55-3f1f0e6a7b10'
  for (const number of [1, 3, 2]) first.numbered(call, number, number)
  first.numbered('another', 1000, 4)
  first.answering('leg', 5)
  expect([...first.numbers]).toEqual([])
  first.close()
  const second = openSlate(path, never)
  expect([...second.numbers]).toEqual([
    [call, 3],
    ['another', 1000],
  ])
  expect([...second.found.keys()]).toEqual(['leg'])
  second.close()
})

test('who has acknowledged is written with the next answer, or soon, and at the latest when it is closed; also round the end of the file', async () => {
  const path = place()
  const first = openSlate(path, never)
  for (let n = 1; n < 32_768; n++) first.answering(`leg-${n}`, n)
  const found = () => {
    const { found, close } = openSlate(path, never)
    close()
    return found
  }
  first.acknowledged('leg-32766', 40_001)
  first.acknowledged('leg-32767', 40_002)
  expect(found().get('leg-32767')).toEqual({ answering: 32_767 })
  first.answering('leg-32768', 40_003)
  expect(found().get('leg-32766')).toEqual({ answering: 32_766, acknowledged: 40_001 })
  expect(found().get('leg-32767')).toEqual({ answering: 32_767, acknowledged: 40_002 })
  expect(found().get('leg-32768')).toEqual({ answering: 40_003 })
  expect(found().has('leg-2')).toBe(false)
  expect(found().has('leg-3')).toBe(true)
  first.acknowledged('leg-32768', 40_004)
  await expect.poll(() => found().get('leg-32768')).toEqual({ answering: 40_003, acknowledged: 40_004 })
  first.acknowledged('leg-9', 40_005)
  first.close()
  expect(found().get('leg-9')).toEqual({ answering: 9, acknowledged: 40_005 })
  expect(statSync(path).size).toBe(32_768 * 64)
})
