import plivo from 'plivo'
import { describe, expect, it } from 'vitest'
import { beginCall } from '../../../src/call/begin.ts'
import { recordOf } from '../../../src/call/record.ts'
import { reduce } from '../../../src/call/reduce.ts'
import { parseForm } from '../../../src/dialects/vobiz/index.ts'
import type { Delivery } from '../../../src/switchboard/ports.ts'
import { answerUrl, offer, token, World } from './world.ts'

const hangupUrl = 'https://app.example.com/hangup'
const talk = '<Play loop="0">https://x/a.wav</Play>'

describe('the hangup webhook', () => {
  it('carries every documented parameter', async () => {
    const world = await World.ofDocument(talk, { app: { hangupUrl } })
    await world.pass(13_900)
    await world.leave()
    expect(world.deliveries[0]).toMatchObject({
      id: `${world.call}:hangup`,
      kind: 'hangup',
      url: hangupUrl,
      method: 'POST',
    })
    expect(world.webhook).toEqual({
      CallUUID: world.call,
      From: '14155551234',
      To: '100',
      Direction: 'inbound',
      CallStatus: 'completed',
      Event: 'Hangup',
      HangupCause: 'NORMAL_CLEARING',
      HangupCauseCode: '4000',
      HangupCauseName: 'Normal Hangup',
      HangupSource: 'Caller',
      Duration: '14',
      BillDuration: '60',
      TotalCost: '0.00000',
      StartTime: '2026-06-11 16:03:28',
      AnswerTime: '2026-06-11 16:03:28',
      EndTime: '2026-06-11 16:03:42',
      CallerName: '14155551234',
      SessionStart: '2026-06-11 16:03:28.586000',
      BillRate: '0.00000',
      ParentAuthID: 'MA_1',
      STIRVerification: 'Not Applicable',
      STIRAttestation: 'Not Applicable',
      stir_verification: 'Not Applicable',
    })
  })

  it('goes to the answer URL where there is no hangup URL, by its method', async () => {
    const world = await World.ofDocument('<Hangup/>', { app: { answerMethod: 'GET', hangupMethod: 'POST' } })
    expect(world.deliveries[0]?.url.startsWith(`${answerUrl}?CallUUID=`)).toBe(true)
    expect(world.deliveries[0]?.method).toBe('GET')
  })

  it('goes out unsigned, and says so, where its account has left the configuration', async () => {
    const world = await World.ofDocument('<Hangup/>', { app: { hangupUrl, account: 'MA_gone' } })
    const asked = world.warnings.length
    expect(world.platform.sign?.(world.deliveries[0]!)).toEqual({})
    expect(world.warnings.slice(asked)).toMatchObject([{ code: 'vobiz.unsigned', call: world.call }])
    expect(world.warnings.at(-1)?.message).toContain('MA_gone')
  })

  it('is sent for calls that the app never saw', async () => {
    const world = await World.of({ replies: { [answerUrl]: { error: 'refused-address' } }, app: { hangupUrl } })
    expect(world.webhook).toMatchObject({
      HangupCauseCode: '7011',
      HangupSource: 'Error',
      Duration: '0',
      AnswerTime: '',
    })
  })

  it.each([
    ['api', 'API Request', '4000'],
    ['platform', 'Vobiz', '4000'],
  ] as const)('names the %s where it ended the call', async (actor, source, code) => {
    const world = await World.ofDocument(talk)
    await world.pass(1_000)
    await world.switchboard.end(world.call, { cause: 'hangup', actor })
    expect(world.webhook).toMatchObject({ HangupSource: source, HangupCauseCode: code })
  })

  it('calls a REST hangup before the answer cancelled', async () => {
    const world = await World.ofDocument('<Wait length="30"/>')
    await world.pass(1_000)
    await world.switchboard.end(world.call, { cause: 'hangup', actor: 'api' })
    expect(world.webhook).toMatchObject({
      HangupSource: 'API Request',
      HangupCauseCode: '1000',
      HangupCauseName: 'Canceled',
      CallStatus: 'cancel',
    })
  })

  it('tells a time limit and a ring limit from a schedule', async () => {
    const long = await World.ofDocument(talk)
    await long.pass(14_400_000)
    expect(long.webhook).toMatchObject({ HangupSource: 'Vobiz', HangupCauseCode: '6000', Duration: '14400' })
    const ringing = await World.ofDocument('<Wait length="300"/>', { app: { vendor: 'plivo' } })
    await ringing.pass(300_000)
    expect(ringing.webhook).toMatchObject({ HangupSource: 'Plivo', HangupCauseCode: '6010', CallStatus: 'no-answer' })
  })

  it('spells what the switches say', async () => {
    const compat = { callStatus: 'completed', apiSource: 'API' }
    const world = await World.ofDocument('<Wait length="30"/>', { app: { compat } })
    await world.switchboard.end(world.call, { cause: 'busy', actor: 'api' })
    expect(world.webhook).toMatchObject({ CallStatus: 'completed', HangupSource: 'API' })
  })

  it('has the retries of its URL, else its vendor’s', async () => {
    const policies = [
      [hangupUrl, 'vobiz', 3000, [1000, 2000, 4000], ['connect', 'read', '4xx', '5xx']],
      [hangupUrl, 'plivo', 40_000, [1000], ['connect', 'read']],
      [`${hangupUrl}#rt=500&rc=2&rp=5xx`, 'vobiz', 500, [1000, 2000], ['5xx']],
    ] as const
    for (const [url, vendor, readTimeout, backoff, retryOn] of policies) {
      const world = await World.ofDocument('<Hangup/>', { app: { hangupUrl: url, vendor } })
      expect(world.deliveries[0]?.url).toBe(hangupUrl)
      expect(world.deliveries[0]?.policy).toMatchObject({ readTimeout, backoff, retryOn })
    }
  })

  it('is signed anew for each attempt, from the stored delivery alone', async () => {
    for (const method of ['POST', 'GET'] as const) {
      const world = await World.ofDocument('<Hangup/>', {
        app: { hangupUrl: `${hangupUrl}?t=1`, hangupMethod: method },
      })
      const stored = JSON.parse(JSON.stringify(world.deliveries[0])) as Delivery
      const headers = world.platform.sign?.(stored) ?? {}
      const params = method === 'POST' ? Object.fromEntries(parseForm(stored.body)) : {}
      const { 'X-Plivo-Signature-V3': signature, 'X-Plivo-Signature-V3-Nonce': nonce } = headers
      expect(plivo.validateV3Signature(method, stored.url, nonce!, token, signature!, params)).toBe(true)
      expect(JSON.stringify(stored)).not.toContain(token)
    }
  })

  it('is composed from the stored call alone after a crash, twice the same', async () => {
    const world = await World.ofDocument(talk, { app: { hangupUrl } })
    await world.pass(5_000)
    const { call } = JSON.parse(JSON.stringify(world.stored.at(-1)))
    const reason = { cause: 'restarted', actor: 'platform' } as const
    const ended = reduce(call, { type: 'end', at: world.clock.now(), reason }).call
    if (ended.state.name !== 'ended') throw new Error('still live')
    const record = recordOf(ended, ended.state.ending)
    const notice = { type: 'call-ended', ending: ended.state.ending } as const
    const ids = { uuid: () => 'not-used' }
    const first = world.platform.deliveries(notice, ended, record, ids)
    expect(world.platform.deliveries(notice, ended, record, ids)).toEqual(first)
    expect(first).toHaveLength(1)
    expect(Object.fromEntries(parseForm(first[0]!.body))).toMatchObject({
      CallUUID: world.call,
      HangupCauseCode: '5010',
      HangupSource: 'Vobiz',
      Duration: '5',
    })
  })
})

describe('a new call', () => {
  it('brings the caller’s name and the custom headers of its vendor', () => {
    const world = { ...offer, fromName: 'Zoë', headers: { 'X-PH-Tenant': 'a', 'X-VH-Tenant': 'b', 'X-Other': 'c' } }
    const platformData = (vendor: string) =>
      sample.platform.admit(
        { vendor, answerUrl },
        { ...world, headers: { ...world.headers, Diversion: '<sip:+1415@x>' } },
      )
    expect(platformData('plivo')).toMatchObject({
      callerName: 'Zoë',
      headers: { 'X-PH-Tenant': 'a' },
      forwardedFrom: '1415',
    })
    expect(platformData('vobiz')).toMatchObject({ headers: { 'X-VH-Tenant': 'b' } })
    expect(sample.platform.admit({ vendor: 'vobiz', answerUrl }, offer)).toEqual({ vendor: 'vobiz', answerUrl })
  })

  it('hands them to the app', async () => {
    const app = { callerName: 'Zoë', forwardedFrom: '1415', headers: { 'X-VH-Tenant': 'b' } }
    const world = await World.ofDocument('<Hangup/>', { app })
    expect(world.webhook).toMatchObject({ CallerName: 'Zoë', ForwardedFrom: '1415', 'X-VH-Tenant': 'b' })
  })

  it('survives data that no configuration would hold', async () => {
    const app = { vendor: 7, compat: 'x', headers: [1], answerMethod: {}, account: null }
    const world = await World.ofDocument('<Hangup/>', { app })
    expect(world.webhook.HangupCauseCode).toBe('3020')
  })
})

const sample = await World.ofDocument('<Hangup/>')

describe('an outgoing call', () => {
  it('asks for its document once it is answered, and names its request', async () => {
    const world = await World.ofDocument(`${talk}`, {
      direction: 'out',
      app: { ringUrl: 'https://app.example.com/ring' },
    })
    expect(world.app.requests).toEqual([])
    await world.input('ringing')
    await world.pass(1)
    await world.input('early')
    expect(world.deliveries.map(({ id, kind }) => [id, kind])).toEqual([[`${world.call}:ring`, 'ring']])
    expect(Object.fromEntries(parseForm(world.deliveries[0]!.body))).toMatchObject({
      Event: 'Ring',
      Direction: 'outbound',
    })
    await world.input('answered')
    expect(Object.fromEntries(parseForm(world.app.requests[0]!.body ?? ''))).toMatchObject({
      Direction: 'outbound',
      CallStatus: 'in-progress',
      Event: 'StartApp',
      From: '14155551234',
      To: '14155559999',
      RequestUUID: world.call,
      ALegUUID: world.call,
    })
    await world.pass(1_000)
    await world.leave()
    expect(world.webhook).toMatchObject({ HangupSource: 'Callee', RequestUUID: world.call })
  })

  it('that is not answered still has its webhook', async () => {
    const world = await World.ofDocument('<Hangup/>', { direction: 'out' })
    await world.input('ringing')
    await world.pass(200_000)
    expect(world.app.requests).toEqual([])
    expect(world.webhook).toMatchObject({ HangupCauseCode: '6010', CallStatus: 'no-answer', HangupSource: 'Vobiz' })
  })

  it('ends by a bare Hangup as any answered call does', async () => {
    const world = await World.ofDocument('<Hangup/>', { direction: 'out' })
    await world.input('answered')
    expect(world.wire).toEqual(['INVITE', 'BYE hangup'])
  })
})

it('a record without a call-ended notice makes no webhook', () => {
  const seed = { id: 'l', direction: 'in', network: 'paper', from: '1', to: '2' } as const
  const { call } = beginCall({ id: 'c', at: 0, app: { platform: 'vobiz', data: { answerUrl } }, leg: seed })
  const ids = { uuid: () => 'x' }
  expect(sample.platform.deliveries({ type: 'leg-added', leg: 'l' }, call, undefined, ids)).toEqual([])
  expect(sample.platform.deliveries({ type: 'leg-ringing', leg: 'l' }, call, undefined, ids)).toEqual([])
})
