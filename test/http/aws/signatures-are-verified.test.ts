/** Requests that the real SDK has signed; then each way in which one may be wrong. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ChimeSDKVoiceClient,
  CreateSipMediaApplicationCallCommand,
  ListSipRulesCommand,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SignedRequest, verifySignature } from '../../../src/http/aws/signature.ts'

const accessKeyId = 'AKIAEXAMPLE'
const secretAccessKey = 'a secret of the example/+='
const secretOf = (id: string) => (id === accessKeyId ? secretAccessKey : undefined)

type Caught = Readonly<{ method: string; target: string; headers: Record<string, string>; body: Buffer }>

let server: Server
let client: ChimeSDKVoiceClient
const caught: Caught[] = []
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    caught.push({ method: request.method!, target: request.url!, headers, body: Buffer.concat(chunks) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new ChimeSDKVoiceClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey, sessionToken: 'a session' },
  })
})
afterAll(() => {
  client.destroy()
  server.close()
  server.closeAllConnections()
})

const commands = {
  create: () =>
    new CreateSipMediaApplicationCallCommand({
      SipMediaApplicationId: 'an id',
      FromPhoneNumber: '+15550100',
      ToPhoneNumber: '+15550101',
      ArgumentsMap: { greeting: 'grüezi' },
    }),
  update: () =>
    new UpdateSipMediaApplicationCallCommand({
      SipMediaApplicationId: 'a/b c',
      TransactionId: "tx/1 (2)*'!~%",
      Arguments: {},
    }),
  list: () => new ListSipRulesCommand({ SipMediaApplicationId: 'a+b&c', MaxResults: 5, NextToken: '=/ +é' }),
}

async function signed(name: keyof typeof commands): Promise<Caught> {
  await client.send(commands[name]() as never)
  return caught.at(-1)!
}

/** @param shift of our clock against the client's, in milliseconds. */
function verify(request: Caught, change: Partial<SignedRequest> = {}, shift = 0) {
  const asked = { ...request, header: (name: string) => request.headers[name], ...change }
  return verifySignature(asked, secretOf, 'chime', Date.now() + shift)
}

describe('what the SDK signs', () => {
  it.each(Object.keys(commands) as (keyof typeof commands)[])('%s is verified', async (name) => {
    expect(verify(await signed(name))).toEqual({ ok: true, accessKeyId })
  })
})

describe('what has been changed on its way', () => {
  const changes: [what: string, change: (request: Caught) => Partial<SignedRequest>][] = [
    ['the method', () => ({ method: 'PUT' })],
    ['the path', ({ target }) => ({ target: target.replace('calls', 'call5') })],
    ['a query', ({ target }) => ({ target: `${target}?a=b` })],
    ['the body', () => ({ body: Buffer.from('{}') })],
    ['the host', ({ headers }) => ({ header: (name) => (name === 'host' ? 'elsewhere' : headers[name]) })],
    [
      'the secret’s session',
      ({ headers }) => ({ header: (name) => (name === 'x-amz-security-token' ? 'x' : headers[name]) }),
    ],
  ]
  it.each(changes)('is not verified: %s', async (_, change) => {
    const request = await signed('create')
    expect(verify(request, change(request))).toMatchObject({ ok: false, error: 'InvalidSignatureException' })
  })
})

describe('a header that claims', () => {
  const authorization = (change: (text: string) => string | undefined) => (request: Caught) => ({
    header: (name: string) =>
      name === 'authorization' ? change(request.headers.authorization!) : request.headers[name],
  })
  const claims: [what: string, change: (text: string) => string | undefined, error: string][] = [
    ['nothing', () => undefined, 'MissingAuthenticationTokenException'],
    ['another scheme', () => 'Bearer token', 'IncompleteSignatureException'],
    ['no signature', (text) => text.replace(/Signature=\w+$/, ''), 'IncompleteSignatureException'],
    ['a short signature', (text) => text.slice(0, -2), 'IncompleteSignatureException'],
    ['another signature', (text) => text.slice(0, -64) + '0'.repeat(64), 'InvalidSignatureException'],
    ['an unknown key', (text) => text.replace(accessKeyId, 'AKIAOTHER'), 'UnrecognizedClientException'],
    ['another service', (text) => text.replace('/chime/', '/s3/'), 'InvalidSignatureException'],
    ['another region', (text) => text.replace('/eu-west-1/', '/us-east-1/'), 'InvalidSignatureException'],
    ['another day', (text) => text.replace(/\/\d{8}\//, '/20200101/'), 'IncompleteSignatureException'],
    ['to have signed no host', (text) => text.replace(/;host;/, ';'), 'IncompleteSignatureException'],
    ['to have signed no date', (text) => text.replace(/;x-amz-date/, ''), 'IncompleteSignatureException'],
    [
      'to have signed a header that is not there',
      (text) => text.replace(/SignedHeaders=/, 'SignedHeaders=nothing;'),
      'IncompleteSignatureException',
    ],
  ]
  it.each(claims)('%s is refused', async (_, change, error) => {
    const request = await signed('create')
    expect(verify(request, authorization(change)(request))).toMatchObject({ ok: false, error })
  })
})

describe('a clock', () => {
  const minute = 60_000
  it.each([
    [-4 * minute, true],
    [4 * minute, true],
    [-6 * minute, false],
    [6 * minute, false],
  ])('%i ms away is good: %s', async (shift, good) => {
    expect(verify(await signed('create'), {}, shift).ok).toBe(good)
  })
})
