import plivo from 'plivo'
import { describe, expect, it } from 'vitest'
import { parseForm } from '../../../src/dialects/vobiz/index.ts'
import { answerUrl, token, World } from './world.ts'

const busy = '<Response><Hangup reason="busy"/></Response>'
const nextUrl = 'https://app.example.com/next'

describe('the answer request', () => {
  it('tells who calls whom, in what state', async () => {
    const world = await World.ofDocument('<Hangup/>')
    const [request] = world.app.requests
    expect(request).toMatchObject({ url: answerUrl, method: 'POST', maxBytes: 102_400, maxRedirects: 3 })
    expect(Object.fromEntries(parseForm(request?.body ?? ''))).toEqual({
      CallUUID: world.call,
      From: '14155551234',
      To: '100',
      Direction: 'inbound',
      CallStatus: 'ringing',
      Event: 'StartApp',
      CallerName: '14155551234',
      SessionStart: '2026-06-11 16:03:28.586000',
      BillRate: '0.00000',
      ParentAuthID: 'MA_1',
      STIRVerification: 'Not Applicable',
      STIRAttestation: 'Not Applicable',
    })
  })

  it('by GET repeats the app’s own query', async () => {
    const url = `${answerUrl}?tenant=a`
    const world = await World.of({ app: { answerUrl: url, answerMethod: 'GET' }, replies: { [answerUrl]: busy } })
    const [request] = world.app.requests
    expect(request?.url.startsWith(`${url}&CallUUID=${world.call}&From=14155551234`)).toBe(true)
    expect(request?.body).toBe('')
  })

  it('is signed for both vendors, without its fragment, and never shows the token', async () => {
    const world = await World.of({ app: { answerUrl: `${answerUrl}?a=1#rt=500` }, replies: { [answerUrl]: busy } })
    const [request] = world.app.requests
    expect(request?.url).toBe(`${answerUrl}?a=1`)
    expect(request?.readTimeout).toBe(500)
    const headers = request?.sign?.(request.url) ?? {}
    const nonce = headers['X-Plivo-Signature-V3-Nonce']!
    const params = Object.fromEntries(parseForm(request?.body ?? ''))
    const signature = headers['X-Plivo-Signature-V3']!
    expect(plivo.validateV3Signature('POST', request!.url, nonce, token, signature, params)).toBe(true)
    expect(plivo.validateSignature(request!.url, nonce, headers['X-Vobiz-Signature-V2']!, token)).toBe(true)
    expect(JSON.stringify([request, headers, world.stored, world.records, world.deliveries])).not.toContain(token)
  })

  it('goes unsigned for an account without a token', async () => {
    const world = await World.ofDocument('<Hangup/>', { app: { account: 'MA_2' } })
    expect(world.app.requests[0]?.sign?.(answerUrl)).toEqual({})
    expect(world.platform.sign?.(world.deliveries[0]!)).toEqual({})
  })

  it('can be JSON', async () => {
    const world = await World.ofDocument('<Hangup/>', { app: { compat: { callbackBody: 'json' } } })
    const [request] = world.app.requests
    expect(request?.headers['Content-Type']).toBe('application/json')
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ CallUUID: world.call, Event: 'StartApp' })
    expect(world.webhook.HangupCauseCode).toBe('3020')
    expect(Object.keys(world.platform.sign?.(world.deliveries[0]!) ?? {})).toHaveLength(14)
  })

  it('is asked again as the URL says', async () => {
    const cases = [
      ['#rc=2&rp=5xx', { status: 500 }, 3],
      ['#rc=0', { status: 500 }, 1],
      ['#rc=1&rp=4xx', { status: 404 }, 2],
      ['#rc=5&rp=rt&tt=2000&rt=500', { after: 99_000 }, 2],
      ['', { status: 404 }, 1],
    ] as const
    for (const [fragment, reply, times] of cases) {
      const world = await World.of({ app: { answerUrl: answerUrl + fragment }, replies: { [answerUrl]: reply } })
      await world.pass(60_000)
      expect(world.app.asked[answerUrl], fragment).toBe(times)
      expect(world.webhook.HangupCauseCode).toBe('7011')
    }
  })

  it('takes an answer that came late, or at the second attempt', async () => {
    const late = await World.of({ replies: { [answerUrl]: { body: busy, after: 9_000 } } })
    await late.pass(20_000)
    expect(late.wire).toEqual(['180', 'refuse busy'])
    const second = await World.of({ replies: { [answerUrl]: [{ status: 503 }, busy] } })
    await second.pass(20_000)
    expect(second.wire).toEqual(['180', 'refuse busy'])
    expect(second.lasted).toBe(500)
  })

  it('warns of a policy out of range, and uses the default', async () => {
    const world = await World.of({ app: { answerUrl: `${answerUrl}#rt=1` }, replies: { [answerUrl]: busy } })
    expect(world.app.requests[0]?.readTimeout).toBe(10_000)
    expect(world.warnings).toMatchObject([{ code: 'vobiz.policy', place: '#rt', call: world.call }])
    const hangupUrl = `${answerUrl}#rc=9`
    const other = await World.ofDocument('<Hangup/>', { app: { hangupUrl } })
    expect(other.warnings).toMatchObject([{ code: 'vobiz.policy', place: '#rc' }])
  })

  it('has the documented patience of Plivo', async () => {
    const world = await World.of({ app: { vendor: 'plivo' }, replies: { [answerUrl]: { after: 99_000 } } })
    await world.pass(100_000)
    expect(world.app.requests[0]).toMatchObject({ connectTimeout: 2000, readTimeout: 40_000 })
    expect(world.lasted).toBe(55_000)
    expect(world.webhook.HangupSource).toBe('Error')
  })

  it('is given up when the caller withdraws', async () => {
    const world = await World.of({ replies: { [answerUrl]: { after: 99_000 } } })
    await world.pass(3_000)
    await world.leave()
    await world.pass(100_000)
    expect(world.wire).toEqual(['180'])
    expect(world.webhook).toMatchObject({ HangupCauseCode: '1000', HangupSource: 'Caller', CallStatus: 'cancel' })
    expect(world.clock.armed).toBe(0)
  })
})

describe('redirects', () => {
  it('ask the next URL by its method, in the call’s state', async () => {
    const document = `<Speak>x</Speak><Redirect method="GET">${nextUrl}?b=2</Redirect>`
    const world = await World.ofDocument(document, { replies: { [nextUrl]: busy } })
    await world.pass(5_000)
    const request = world.app.requests[1]!
    expect(request.method).toBe('GET')
    expect(request.url).toContain(`${nextUrl}?b=2&CallUUID=`)
    expect(request.url).toContain('CallStatus=in-progress&Event=Redirect')
    expect(world.wire).toEqual(['200', 'BYE busy'])
  })

  it('do not answer: an app may screen a call, then refuse it', async () => {
    const world = await World.ofDocument(`<Redirect>${nextUrl}</Redirect>`, {
      replies: { [nextUrl]: '<Response><Hangup/></Response>' },
    })
    expect(world.wire).toEqual(['refuse declined'])
  })

  it('have no fallback', async () => {
    const fallbackUrl = 'https://app.example.com/fallback'
    const world = await World.ofDocument(`<Redirect>${nextUrl}</Redirect>`, {
      app: { fallbackUrl },
      replies: { [nextUrl]: { status: 404 }, [fallbackUrl]: busy },
    })
    expect(world.app.asked[fallbackUrl]).toBeUndefined()
    expect(world.webhook.HangupCauseCode).toBe('7014')
  })

  it('stop after a hundred', async () => {
    const world = await World.ofDocument(`<Redirect>${answerUrl}</Redirect>`)
    await world.pass(1_000)
    expect(world.app.requests).toHaveLength(101)
  })
})

describe('the fallback URL', () => {
  it('is asked once, and told as the answer URL was', async () => {
    const fallbackUrl = 'https://app.example.com/fallback'
    const world = await World.of({
      app: { fallbackUrl, fallbackMethod: 'GET' },
      replies: { [answerUrl]: { error: 'tls' }, [fallbackUrl]: { status: 500 } },
    })
    await world.pass(60_000)
    expect(world.app.asked).toEqual({ [answerUrl]: 1, [fallbackUrl]: 1 })
    expect(world.app.requests[1]).toMatchObject({ method: 'GET' })
    expect(world.record.ending.detail).toContain('tls')
    expect(world.record.ending.detail).toContain('500')
  })
})

describe('a document in the route', () => {
  it('needs no request at all', async () => {
    const world = await World.of({ app: { document: '<Response><Hangup reason="busy"/></Response>' } })
    expect(world.app.requests).toEqual([])
    expect(world.wire).toEqual(['refuse busy'])
    expect(world.deliveries).toEqual([])
  })

  it('still has a hangup webhook where one is wanted', async () => {
    const hangupUrl = 'https://app.example.com/hangup'
    const world = await World.of({ app: { document: busy, hangupUrl, hangupMethod: 'GET' } })
    expect(world.deliveries).toHaveLength(1)
    expect(world.webhook.HangupCauseCode).toBe('3010')
    expect(world.deliveries[0]).toMatchObject({ method: 'GET', body: '' })
  })

  it('is checked like any other', async () => {
    const world = await World.of({ app: { document: '<Reject/>' } })
    expect(world.record.ending).toMatchObject({ cause: 'app-invalid', codes: { platform: 8011 } })
    expect(world.record.ending.detail).toContain('1:1')
  })
})
