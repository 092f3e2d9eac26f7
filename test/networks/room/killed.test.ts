import { expect, onTestFinished, test } from 'vitest'
import type { RecordView } from '../../../src/switchboard/ports.ts'
import { createPhone } from '../../../src/testing/index.ts'
import { restartable } from '../../restartable.ts'
import { until } from '../../testing/stage.ts'

test('P3: after kill -9 a caller in a room is told, the seat is not, and both stand on one record', async () => {
  const server = await restartable({
    sip: { media: { ports: [34_000, 34_999] } },
    routes: [{ to: '800', from: 'loopback', room: 'standup' }],
  })
  const phone = await createPhone({ server: server.sip })
  const call = await phone.call('800')
  await call.answered()
  onTestFinished(() => phone.close(100))
  await server.kill()
  await server.start()
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
  const records = async () => {
    const response = await fetch(`${server.http}/api/records`)
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
