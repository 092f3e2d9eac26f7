import type { z } from '@hono/zod-openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as schemas from '../../src/http/schemas.ts'
import { freePort } from './places.ts'
import { describeWith } from './programs.ts'
import type { LiveCall } from './server.ts'
import type { Run } from './sipp.ts'
import { type Stage, setStage } from './stage.ts'
import { until } from './waiting.ts'

type EndResult = z.output<typeof schemas.EndResult>

describeWith(['sipp'], 'the API ends a call in any state, says what went on the wire, and ends it once', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await setStage((app) => ({
      routes: [
        { to: 'ringing', ...app.runs('<Wait length="60"/>') },
        { to: 'talking', ...app.runs('<Speak loop="0">Hold the line.</Speak>') },
      ],
      outbound: [{ to: 'sip:*@127.0.0.1' }],
    }))
  })
  afterAll(() => stage?.close())

  /** The call that a sipp is in, once it is as far as that. */
  function callOf(callId: string, phase: LiveCall['phase']): Promise<LiveCall> {
    return until(`${callId} to be ${phase}`, async () =>
      (await stage.server.live()).find((call) => call.legs[0]?.ids['call-id'] === callId && call.phase === phase),
    )
  }

  async function endTwice(call: string, body: object = {}): Promise<EndResult> {
    const first = await stage.server.post<EndResult>(`/api/calls/${call}/end`, body)
    expect(await stage.server.post<EndResult>(`/api/calls/${call}/end`, { cause: 'error' })).toEqual(first)
    expect(first.result).toBe('ended')
    return first
  }

  async function laddered(run: Run, wire: readonly string[]): Promise<void> {
    await run.done
    expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
  }

  test.concurrent('a caller that rings', async () => {
    const run = await stage.sipp.start({ scenario: 'refused', to: 'ringing', gaps: { status: 480 } })
    const { id } = await callOf(run.callId, 'ringing')
    const { ending, sent } = await endTwice(id)
    expect(ending).toMatchObject({ cause: 'hangup', actor: 'api', phase: 'ringing' })
    expect(sent.map(({ message, reason }) => [message, reason])).toEqual([['480', 'Q.850;cause=16']])
    await laddered(run, ['> INVITE', '< 180 INVITE', '< 480 INVITE Q.850;cause=16', '> ACK'])
    const { HangupCauseCode, HangupSource } = await stage.app.hangup(id)
    expect([HangupCauseCode, HangupSource]).toEqual(['1000', 'API Request'])
  })

  test.concurrent.for([
    ['hangup', 'Q.850;cause=16', '4000'],
    ['busy', 'Q.850;cause=17', '3010'],
    ['unwanted', 'SIP;cause=607', '3130'],
  ] as const)('a caller that talks, for %s', async ([cause, reason, code]) => {
    const run = await stage.sipp.start({ scenario: 'hung-up', to: 'talking' })
    const { id } = await callOf(run.callId, 'answered')
    const { ending, sent } = await endTwice(id, { cause, detail: 'for a test' })
    expect(ending).toMatchObject({ cause, actor: 'api', phase: 'answered', detail: 'for a test' })
    expect(sent.map((each) => [each.message, each.reason])).toEqual([['BYE', reason]])
    await laddered(run, ['> INVITE', '< 200 INVITE', '> ACK', `< BYE ${reason}`, '> 200 BYE'])
    const { HangupCauseCode, HangupSource } = await stage.app.hangup(id)
    expect([HangupCauseCode, HangupSource]).toEqual([code, 'API Request'])
  })

  test.concurrent('a callee that rings', async () => {
    const run = await stage.sipp.start({ scenario: 'callee-rings', port: await freePort() })
    const { call } = await stage.server.place({ to: `sip:callee@127.0.0.1:${run.port}` })
    await stage.wire.until('the 180', run.port, (all) => all.some(({ head }) => head === '180'))
    await until('ringing', async () =>
      (await stage.server.live()).some(({ id, phase }) => id === call && phase === 'ringing'),
    )
    const { sent } = await endTwice(call)
    expect(sent.map((each) => [each.message, each.reason])).toEqual([['CANCEL', 'Q.850;cause=16']])
    await laddered(run, [
      '< INVITE',
      '> 180 INVITE',
      '< CANCEL Q.850;cause=16',
      '> 200 CANCEL',
      '> 487 INVITE',
      '< ACK',
    ])
    const { ending } = await stage.server.record(call)
    expect(ending).toMatchObject({ cause: 'cancelled', actor: 'api', phase: 'ringing' })
  })

  test.concurrent('a callee that has not said a word: the CANCEL waits for one', async () => {
    const run = await stage.sipp.start({ scenario: 'callee-rings', port: await freePort() })
    run.freeze()
    const { call } = await stage.server.place({ to: `sip:callee@127.0.0.1:${run.port}` })
    await stage.wire.until('the INVITE', run.port, (all) => all.some(({ head }) => head === 'INVITE'))
    const { sent } = await endTwice(call)
    expect(sent.map((each) => each.message)).toEqual(['CANCEL'])
    // The logical end does not wait for the wire's.
    const record = await stage.server.record(call)
    expect(record.ending).toMatchObject({ cause: 'cancelled', actor: 'api' })
    expect(stage.wire.ladder(run.port)).toEqual(['< INVITE'])
    run.thaw()
    const wire = ['< INVITE', '> 180 INVITE', '< CANCEL Q.850;cause=16', '> 200 CANCEL', '> 487 INVITE', '< ACK']
    await laddered(run, wire)
  })

  test.concurrent('a callee that talks', async () => {
    const run = await stage.sipp.start({ scenario: 'callee-answers', gaps: { ring: 50 }, port: await freePort() })
    const { call } = await stage.server.place({ to: `sip:callee@127.0.0.1:${run.port}` })
    await until('the answer', async () =>
      (await stage.server.live()).some(({ id, phase }) => id === call && phase === 'answered'),
    )
    const { sent } = await endTwice(call)
    expect(sent.map((each) => [each.message, each.reason])).toEqual([['BYE', 'Q.850;cause=16']])
    await laddered(run, ['< INVITE', '> 180 INVITE', '> 200 INVITE', '< ACK', '< BYE Q.850;cause=16', '> 200 BYE'])
  })

  test.concurrent('an app runs on a call that the API placed, and hangs up', async () => {
    const run = await stage.sipp.start({ scenario: 'callee-answers', gaps: { ring: 50 }, port: await freePort() })
    const app = { platform: 'vobiz', document: '<Response><Speak>Hi.</Speak><Hangup/></Response>' }
    const { call } = await stage.server.place({
      to: `sip:callee@127.0.0.1:${run.port}`,
      app: { ...app, hangupUrl: `${stage.app.url}/hangup` },
    })
    await laddered(run, ['< INVITE', '> 180 INVITE', '> 200 INVITE', '< ACK', '< BYE Q.850;cause=16', '> 200 BYE'])
    const { ending } = await stage.server.record(call)
    expect(ending).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
    const { HangupCauseCode, HangupSource } = await stage.app.hangup(call)
    expect([HangupCauseCode, HangupSource]).toEqual(['4000', 'Answer XML'])
  })

  test('many at once', async () => {
    await until('the calls before', async () => (await stage.server.live()).length === 0)
    const order = { scenario: 'hung-up', to: 'talking', calls: 20, rate: 40 }
    const run = await stage.sipp.start(order)
    await until(
      '20 calls',
      async () => (await stage.server.live()).filter(({ phase }) => phase === 'answered').length === 20,
    )
    type Result = z.output<typeof schemas.EndManyResult>
    const all = (body: object) => stage.server.post<Result>('/api/calls/end', { all: true, ...body })
    expect((await all({ dryRun: true })).counts).toMatchObject({ 'would-end': 20 })
    expect(await stage.server.live()).toHaveLength(20)
    expect((await all({})).counts).toMatchObject({ ended: 20 })
    await run.done
    await stage.wire.until('20 BYEs', run.port, (packets) => {
      const byes = packets.filter(({ head }) => head === 'BYE')
      return new Set(byes.map(({ callId }) => callId)).size === 20
    })
  })
})
