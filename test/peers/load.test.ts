import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from './programs.ts'
import { type Stage, setStage } from './stage.ts'
import { until } from './waiting.ts'
import { Wire } from './wire.ts'

const calls = 1500

describeWith(['sipp'], '300 calls a second for 5 s', () => {
  let stage: Stage
  let filesBefore = 0
  beforeAll(async () => {
    const settings = { routes: [{ to: 'holding', from: 'anyone', hold: true }], log: { level: 'warn' } }
    stage = await setStage(
      () => settings,
      {},
      (port) => Wire.deaf(port),
    )
    await stage.sipp.run({ scenario: 'hangs-up', to: 'holding', gaps: { talk: 50 } })
    await until('the first call to be over', async () => (await stage.server.metric('onhook_calls_live')) === 0)
    filesBefore = await stage.server.metric('process_open_fds')
  })
  afterAll(() => stage?.close())

  test('none fails, and each is on record once', async () => {
    const order = {
      scenario: 'hangs-up',
      to: 'holding',
      gaps: { talk: 100 },
      calls,
      rate: 300,
      atOnce: 3000,
      limit: 60,
    }
    await stage.sipp.run(order)
    await until('every record', async () => (await stage.server.metric('onhook_calls_ended_total')) === calls + 1)
    const records = await until('every record', async () => {
      const all = await stage.server.records()
      return all.length === calls + 1 && all
    })
    expect(new Set(records.map(({ legs }) => legs[0]?.ids['call-id'])).size).toBe(calls + 1)
    expect(records.every(({ ending }) => ending.cause === 'hangup' && ending.actor === 'caller')).toBe(true)
    expect(await stage.server.metric('onhook_calls_shed_total')).toBe(0)
  })

  test('40 s later at the latest nothing is left of them: no call, no port', async () => {
    await until('no call to live', async () => (await stage.server.metric('onhook_calls_live')) === 0, 40_000)
    expect(await stage.server.live()).toEqual([])
    const few = 20
    await until('the ports', async () => (await stage.server.metric('process_open_fds')) < filesBefore + few, 40_000)
    expect(stage.server.log).not.toContain('"level":50')
  })
})
