import { expect, it } from 'vitest'
import { ObjectError } from '../../src/objects/bucket.ts'
import { inwardToo } from '../../src/server/inward.ts'
import type { FunctionResult, WebRequest } from '../../src/switchboard/ports.ts'

const request: WebRequest = {
  url: 'function:menu',
  method: 'POST',
  headers: {},
  body: '{"Sequence":4}',
  connectTimeout: 1,
  readTimeout: 2,
  totalTimeout: 20_000,
  maxBytes: 10,
  maxRedirects: 0,
}

function client(result: FunctionResult, write: () => Promise<void> = async () => {}) {
  const asked: unknown[] = []
  const web = inwardToo({
    web: {
      async fetch({ url }) {
        asked.push(url)
        return { ok: true, status: 204, headers: {}, body: new Uint8Array(), url, milliseconds: 1 }
      },
    },
    functions: {
      async invoke(name, event, { timeout }) {
        asked.push([name, event, timeout])
        return result
      },
    },
    objects: {
      ready: async () => {},
      has: () => true,
      read: async () => new Uint8Array(),
      async write(bucket, key, body) {
        asked.push([bucket, key, new TextDecoder().decode(body)])
        await write()
      },
    },
    ids: { uuid: () => 'an id' },
  })
  return { web, asked }
}

const fault = (error: Extract<FunctionResult, { ok: false }>['error']): FunctionResult => ({
  ok: false,
  error,
  detail: 'why',
  milliseconds: 3,
})

it('a function is handed the body, and has as long as the delivery', async () => {
  const { web, asked } = client({ ok: true, value: null, milliseconds: 3 })
  expect(await web.fetch(request)).toMatchObject({ ok: true, status: 200, milliseconds: 3 })
  expect(asked).toEqual([['menu', { Sequence: 4 }, 20_000]])
})

it.each([
  ['timeout', { ok: false, error: 'timeout' }],
  ['unreachable', { ok: false, error: 'connect' }],
  ['aborted', { ok: false, error: 'aborted' }],
  ['function', { ok: true, status: 500 }],
  ['throttled', { ok: true, status: 500 }],
  ['denied', { ok: true, status: 500 }],
  // It heard; what it says does not matter any more.
  ['not-json', { ok: true, status: 200 }],
  ['too-large', { ok: true, status: 200 }],
] as const)('%s of a function is what a webhook would call %j', async (error, result) => {
  expect(await client(fault(error)).web.fetch(request)).toMatchObject(result)
})

it('an object is written under its key', async () => {
  const { web, asked } = client(fault('timeout'))
  expect(await web.fetch({ ...request, url: 'object:records/a/b:c.json', body: 'x' })).toMatchObject({ status: 200 })
  expect(asked).toEqual([['records', 'a/b:c.json', 'x']])
})

it('a bucket that is away is tried again', async () => {
  const { web } = client(fault('timeout'), () => Promise.reject(new ObjectError('objects.failed', 'no space')))
  expect(await web.fetch({ ...request, url: 'object:records/a' })).toMatchObject({
    ok: false,
    error: 'connect',
    detail: 'no space',
  })
})

it('everything else goes to the web', async () => {
  const { web, asked } = client(fault('timeout'))
  expect(await web.fetch({ ...request, url: 'https://app.example/hangup' })).toMatchObject({ status: 204 })
  expect(asked).toEqual(['https://app.example/hangup'])
})
