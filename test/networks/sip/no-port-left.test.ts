import { expect, test } from 'vitest'
import { stage, wireOf } from '../../testing/stage.ts'

test('a call for which no media port is left is refused as congestion, and the one that has it goes on', async () => {
  const { server, phone, record } = await stage({
    routes: [{ to: '1', from: 'loopback', hold: true }],
    config: {
      sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }], media: { ports: [33_000, 33_001] } },
    },
  })
  const one = await (await phone()).call('1')
  await one.answered()
  const two = await (await phone()).call('1')
  await two.ended()
  expect(wireOf(two)).toContain('← 503 INVITE Q.850;cause=42')
  expect((await record(two)).ending).toMatchObject({ cause: 'congestion', actor: 'platform', phase: 'offered' })
  expect([...server.control.live()]).toHaveLength(1)
  one.hangup()
  expect((await record(one)).ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
})
