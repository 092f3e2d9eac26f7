import { expect, test } from 'vitest'
import { bench, untilOver } from './bench.ts'

test('P3: a record that the disk refuses is written when it is back, and the refusal is said once', async () => {
  const { disk, arrive, network, faults, clock, switchboard } = bench(untilOver)
  const call = arrive()
  await disk.commit()
  disk.failing = 'settle'
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  // The far end has heard at once, whatever the disk does (P8).
  expect(network.wire).toEqual(['a quiet', 'a over:hangup'])
  for (let second = 0; second < 5; second++) {
    await disk.commit()
    clock.advance(1_000)
  }
  expect(disk.records.size).toBe(0)
  expect(faults.filter((fault) => fault.includes('writing the record'))).toHaveLength(1)
  disk.failing = 'no'
  await disk.commit()
  expect(disk.records.get(call)?.record.ending).toMatchObject({ cause: 'hangup', actor: 'api' })
})
