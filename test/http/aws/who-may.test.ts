import { ListSipRulesCommand } from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import { tokens } from '../faces.ts'
import { key, stage } from './stage.ts'

const list = new ListSipRulesCommand({})
const stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'whatever-it-may-be' }
const wrong = { ...key, secretAccessKey: 'not-the-right-secret' }

async function plain(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/sip-rules`, { headers })
  const body = (await response.json()) as { Code?: string; Message?: string }
  return { status: response.status, error: response.headers.get('x-amzn-errortype'), code: body.Code }
}

describe('without keys and tokens, on loopback', () => {
  it('any signature is good, and none', async () => {
    const { client, url } = await stage()
    await client().send(list)
    await client(stranger).send(list)
    expect((await plain(url)).status).toBe(200)
  })

  it('pages of other origins are refused', async () => {
    const { url } = await stage()
    expect(await plain(url, { origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      error: 'ForbiddenException',
    })
  })
})

describe('with keys', () => {
  it('who has one comes in', async () => {
    const { client } = await stage({ keys: true })
    expect((await client().send(list)).SipRules).toHaveLength(1)
  })

  it.each([
    ['an unknown key', stranger, 'UnrecognizedClientException'],
    ['a wrong secret', wrong, 'InvalidSignatureException'],
  ])('%s stays out', async (_, credentials, name) => {
    const { client } = await stage({ keys: true })
    await expect(client(credentials).send(list)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } })
  })

  it('who has not signed stays out, and nothing is done', async () => {
    const { url, application, asked } = await stage({ keys: true })
    expect(await plain(url)).toEqual({
      status: 403,
      error: 'MissingAuthenticationTokenException',
      code: 'MissingAuthenticationToken',
    })
    const body = JSON.stringify({ FromPhoneNumber: '+15550100', ToPhoneNumber: '+15550101' })
    const call = await fetch(`${url}/sip-media-applications/${application}/calls`, { method: 'POST', body })
    expect(call.status).toBe(403)
    expect(asked).toEqual([])
  })
})

describe('with tokens', () => {
  it('and no keys, AWS clients stay out', async () => {
    const { client } = await stage({ tokens: true })
    await expect(client().send(list)).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it.each([true, false])('a bearer of "admin" comes in, and no other: with keys %s', async (keys) => {
    const { url } = await stage({ tokens: true, keys })
    expect((await plain(url, { authorization: `Bearer ${tokens.admin}` })).status).toBe(200)
    for (const token of [tokens.read, tokens.end, 'an-unknown-token']) {
      expect((await plain(url, { authorization: `Bearer ${token}` })).status).toBe(403)
    }
  })
})

it('what is no operation is not found', async () => {
  const { url } = await stage()
  const response = await fetch(`${url}/sip-rules/a/b`, { method: 'POST' })
  expect(response.status).toBe(404)
  expect(response.headers.get('x-amzn-errortype')).toBe('NotFoundException')
})

it('a body that is no JSON, or too large, is a bad request', async () => {
  const { url } = await stage()
  const post = async (body: string) => {
    const response = await fetch(`${url}/sip-rules`, { method: 'POST', body })
    return [response.status, response.headers.get('x-amzn-errortype')]
  }
  expect(await post('{')).toEqual([400, 'BadRequestException'])
  expect(await post('null')).toEqual([400, 'BadRequestException'])
  expect(await post(JSON.stringify({ Name: 'x'.repeat(300_000) }))).toEqual([400, 'BadRequestException'])
})
