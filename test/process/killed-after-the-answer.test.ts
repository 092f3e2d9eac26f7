/** Killed a moment after an answer: the record knows of it, from the slate, or where that cannot be written, from the row. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { RecordView } from '../../src/switchboard/ports.ts'
import { createPhone } from '../../src/testing/index.ts'
import { restartable } from '../restartable.ts'
import { until } from '../testing/stage.ts'

const slates = [
  { slate: 'a slate', prepare: () => {} },
  { slate: 'no slate', prepare: (folder: string) => void mkdirSync(join(folder, 'onhook.db.answers')) },
]

test.for(slates)('P5: with $slate, a call that was answered is on record as answered', async ({ prepare }) => {
  const routes = [{ to: '*', from: 'loopback', hold: true }]
  const server = await restartable({ sip: { media: { ports: [37_000, 37_999] } }, routes }, prepare)
  const phone = await createPhone({ server: server.sip, sound: 'none' })
  onTestFinished(() => phone.close(100))
  const call = await phone.call('100')
  await call.answered()
  const answers = () =>
    call.trace.filter(({ again, method, status }) => !again && method === 'INVITE' && status! >= 200)
  // More than a commit, and less than what waits for the disk because of the slate.
  await pause(200)
  await server.kill()
  await server.start()
  expect(await call.ended()).toMatchObject({ how: 'BYE', by: 'them' })
  const records = async () =>
    ((await (await fetch(`${server.http}/api/records`)).json()) as { items: RecordView[] }).items
  await until(async () => (await records()).length > 0)
  await pause(600)
  expect(
    answers().map(({ status }) => status),
    'one final response, then a BYE',
  ).toEqual([200])
  expect(await records()).toMatchObject([{ ending: { cause: 'restarted', phase: 'answered' } }])
})
