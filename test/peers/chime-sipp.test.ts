/** A Chime handler that bridges, with sipp on both sides: what each of them hears when the other leaves. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { action, answer, type Endpoint, type Handler, hangup, openHandler } from '../chime/handler.ts'
import { freePort } from './places.ts'
import { describeWith } from './programs.ts'
import { type Stage, setStage } from './stage.ts'
import { until } from './waiting.ts'

const number = '+15550111'

/** Bridges; hangs up whoever is left. */
const bridging: Handler = (event) => {
  const { InvocationEventType: type, CallDetails } = event
  const [caller] = CallDetails.Participants
  if (type === 'NEW_INBOUND_CALL') {
    const endpoints = [{ BridgeEndpointType: 'PSTN', Uri: number }]
    return answer(action('CallAndBridge', { CallerIdNumber: caller.From, Endpoints: endpoints }))
  }
  if (type === 'ACTION_FAILED') return answer(hangup(caller.CallId, '480'))
  const left = CallDetails.Participants.find(({ Status }: { Status: string }) => Status === 'Connected')
  return type === 'HANGUP' && left !== undefined ? answer(hangup(left.CallId)) : answer()
}

describeWith(['sipp'], 'a bridge of a Chime handler between two sipps', () => {
  let stage: Stage
  let endpoint: Endpoint
  let trunk: number
  let closeHandler = () => {}
  beforeAll(async () => {
    trunk = await freePort()
    endpoint = await openHandler(bridging, (close) => {
      closeHandler = close
    })
    stage = await setStage(() => ({
      trunks: [{ name: 'carrier', server: `127.0.0.1:${trunk}` }],
      outbound: [{ to: '+1*', trunk: 'carrier' }],
      functions: { app: { url: endpoint.url } },
      chime: { applications: [{ name: 'app', function: 'app' }] },
      routes: [{ to: '*', from: 'anyone', chime: 'app' }],
    }))
  })
  afterAll(async () => {
    await stage?.close()
    closeHandler()
  })

  type Gaps = Readonly<Record<string, string | number>>
  async function bridged(caller: string, callee: string, gaps: Gaps, callerGaps: Gaps = {}) {
    const before = endpoint.events.length
    const second = await stage.sipp.start({ scenario: callee, gaps, port: trunk })
    const first = await stage.sipp.start({ scenario: caller, to: '100', gaps: callerGaps })
    await Promise.all([first.done, second.done])
    const [record] = await stage.server.recordsOf(first.callId)
    const mine = () => endpoint.events.slice(before)
    const hangups = record!.legs.filter(({ answered }, at) => at === 0 || answered !== null).length
    await until(
      'the last HANGUP',
      () => mine().filter((one) => one.InvocationEventType === 'HANGUP').length === hangups,
    )
    return { first, second, record: record!, types: mine().map((one) => one.InvocationEventType) }
  }

  test('the callee hangs up: the caller hears BYE, by the handler', async () => {
    const { first, second, types, record } = await bridged('hung-up', 'callee-hangs-up', { talk: 300 })
    const said = ['> INVITE', '< 180 INVITE', '< 200 INVITE', '> ACK', '< BYE Q.850;cause=16', '> 200 BYE']
    expect(await stage.wire.settled(first.port, said)).toEqual(said)
    const heard = ['< INVITE', '> 180 INVITE', '> 200 INVITE', '< ACK', '> BYE', '< 200 BYE']
    expect(await stage.wire.settled(second.port, heard)).toEqual(heard)
    expect(types).toEqual(['NEW_INBOUND_CALL', 'ACTION_SUCCESSFUL', 'HANGUP', 'HANGUP'])
    expect(record.legs.map(({ ending }) => ending.actor)).toEqual(['app', 'callee'])
  })

  test('the callee is busy: the caller hears 480, by the handler, and was never answered', async () => {
    const { first, types } = await bridged(
      'refused',
      'callee-refuses',
      { status: 486, phrase: 'Busy Here', reason: '' },
      { status: 480 },
    )
    const said = ['> INVITE', '< 180 INVITE', '< 480 INVITE Q.850;cause=20', '> ACK']
    expect(await stage.wire.settled(first.port, said)).toEqual(said)
    expect(types).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED', 'HANGUP'])
  })

  test('nothing lives on', async () => {
    expect(await stage.server.live()).toEqual([])
    expect(stage.wire.malformed).toEqual([])
  })
})
