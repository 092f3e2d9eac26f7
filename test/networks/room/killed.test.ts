import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProcess } from '../../../src/cli/demo/server-process.ts'
import type { RecordView } from '../../../src/switchboard/ports.ts'
import { createPhone } from '../../../src/testing/index.ts'
import { until } from '../../testing/stage.ts'

test('P3: after kill -9 a caller in a room is told, the seat is not, and both stand on one record', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onhook-room-'))
  const file = join(folder, 'onhook.config.json')
  const configure = (sip: number, http: number) =>
    writeFileSync(
      file,
      JSON.stringify({
        data: { path: join(folder, 'onhook.db') },
        http: { host: '127.0.0.1', port: http },
        sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: sip }], media: { ports: [34_000, 34_999] } },
        routes: [{ to: '800', from: 'loopback', room: 'standup' }],
        log: { level: 'error' },
      }),
    )
  configure(0, 0)
  const first = await startProcess(file)
  const ports = [first.sip, first.http].map((address) => Number(/:(\d+)$/.exec(address)![1])) as [number, number]
  const phone = await createPhone({ server: first.sip })
  const call = await phone.call('800')
  await call.answered()
  await first.kill()

  // The same ports again: the caller knows no others.
  configure(...ports)
  const second = await startProcess(file)
  onTestFinished(async () => {
    await phone.close(100)
    await second.stop()
    rmSync(folder, { recursive: true })
  })
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
  const records = async () => {
    const response = await fetch(`${second.http}/api/records`)
    return ((await response.json()) as { items: RecordView[] }).items
  }
  await until(async () => (await records()).length > 0)
  const [record, ...more] = await records()
  expect(more).toEqual([])
  expect(record!.ending).toMatchObject({ cause: 'restarted', actor: 'platform', phase: 'answered' })
  expect(record!.legs.map(({ network, sent }) => [network, sent])).toEqual([
    ['sip', 'BYE'],
    ['room', undefined],
  ])
})
