import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { dataPath, opened } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

/** The threads that are started during a test, in their order. */
function threads(): Worker[] {
  const started: Worker[] = []
  const note = (worker: Worker) => void started.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return started
}

test('a thread that dies is followed by another, which knows all that was committed (P3)', async () => {
  const started = threads()
  const ledger = await opened(dataPath())
  await ledger.store(liveRow('before'))
  await started[0]!.terminate()
  await ledger.settle(callRecord('after'), [delivery('d1', 'after')])
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(['before'])
  expect((await ledger.record('after'))?.id).toBe('after')
  // What it knows of live rows is right as well.
  await ledger.settle(callRecord('before'), [])
  expect(await ledger.live()).toEqual([])
  expect(started.length).toBe(3)
})

test('what it was asked is refused, never taken for done', async () => {
  const started = threads()
  const ledger = await opened(dataPath())
  const stored = ledger.store(liveRow('c1'))
  const gone = once(started[0]!, 'exit')
  void started[0]!.terminate()
  const outcome = await stored.then(
    () => 'stored',
    (fault: { code: string }) => fault.code,
  )
  await gone
  const live = (await ledger.live()).map(({ call }) => call.id)
  // It may have died before the commit, or after it and before it could say so.
  if (outcome === 'stored') expect(live).toEqual(['c1'])
  else expect(outcome).toBe('ledger.io')
  await ledger.store(liveRow('c1'))
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(['c1'])
  expect(ledger.health()).toEqual({ state: 'ok' })
})

test('a reader that dies is followed by another', async () => {
  const started = threads()
  const ledger = await opened(dataPath())
  await ledger.settle(callRecord('c1'), [])
  expect(await ledger.record('c1')).toBeDefined()
  await started[1]!.terminate()
  expect(await ledger.record('c1')).toBeDefined()
})
