/** AWS by its own client, against an endpoint on this machine: one attempt each, and every refusal in our words. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openAws } from '../../src/functions/remote/aws.ts'
import { essence, functionsOf } from './workbench.ts'

const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:sma'

async function lambda(status: number, body: string, headers: Record<string, string> = {}) {
  const heard: { path: string; authorization: string; body: string }[] = []
  const server = createServer((request, reply) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      heard.push({ path: request.url!, authorization: request.headers.authorization ?? '', body: text })
      reply.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' })) {
    const before = process.env[name]
    process.env[name] = value
    onTestFinished(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { invoke } = functionsOf({ it: { arn, endpoint } })
  return { heard, result: essence(await invoke('it', { n: 1 })) }
}

const refusals: readonly (readonly [status: number, type: string, error: string])[] = [
  [429, 'TooManyRequestsException', 'throttled'],
  [502, 'EC2ThrottledException', 'throttled'],
  [403, 'AccessDeniedException', 'denied'],
  [403, 'ExpiredTokenException', 'denied'],
  [404, 'ResourceNotFoundException', 'unreachable'],
  [413, 'RequestTooLargeException', 'too-large'],
  [500, 'ServiceException', 'unreachable'],
  [503, 'SomethingNew', 'unreachable'],
]

describe('a function on AWS', () => {
  it('is invoked by its ARN, signed for its region', async () => {
    const { heard, result } = await lambda(200, '{"SchemaVersion":"1.0"}')
    expect(result).toEqual({ ok: true, value: { SchemaVersion: '1.0' } })
    expect(heard).toEqual([
      {
        path: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
        authorization: expect.stringContaining('/eu-west-1/lambda/aws4_request'),
        body: '{"n":1}',
      },
    ])
  })

  it('fails by its header', async () => {
    const { result } = await lambda(200, '{"errorType":"E","errorMessage":"m"}', {
      'X-Amz-Function-Error': 'Unhandled',
    })
    expect(result).toEqual({ ok: false, error: 'function', detail: 'E: m' })
  })

  it.each(refusals)('that answers %i %s is asked once, and is %s', async (status, type, error) => {
    const { heard, result } = await lambda(status, '{"message":"because"}', { 'x-amzn-errortype': type })
    expect(result).toEqual({ ok: false, error, detail: `answered ${status} ${type}: because` })
    expect(heard.length).toBe(1)
  })

  it('is unreachable where nobody listens', async () => {
    const { invoke } = functionsOf({ it: { arn, endpoint: 'http://127.0.0.1:1' } })
    const result = await invoke('it', {})
    expect(result).toMatchObject({ ok: false })
    expect(!result.ok && ['unreachable', 'denied']).toContain(!result.ok && result.error)
  })

  it('says what to install, if the client is not there', async () => {
    const missing = Object.assign(new Error("Cannot find package '@aws-sdk/client-lambda'"), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
    const aws = openAws({ arn }, 'us-east-1', () => Promise.reject(missing))
    await expect(aws.start().ready).rejects.toThrow('npm install @aws-sdk/client-lambda')
  })
})
