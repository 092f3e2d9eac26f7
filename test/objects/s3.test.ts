/** The real client against a small store that speaks as much of S3 as is used. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createObjects } from '../../src/objects/objects.ts'
import { s3Bucket } from '../../src/objects/s3.ts'

async function store() {
  const kept = new Map<string, Buffer>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const path = decodeURIComponent(request.url!.split('?')[0]!)
    const fail = (status: number, code: string) =>
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`)
    if (path.includes('forbidden')) return void fail(403, 'AccessDenied')
    if (path.includes('broken')) return void fail(400, 'InvalidRequest')
    if (request.method === 'PUT') {
      kept.set(path, Buffer.concat(chunks))
      return void response.writeHead(200).end()
    }
    const body = kept.get(path)
    if (body === undefined) return void fail(404, 'NoSuchKey')
    response.writeHead(200, { 'content-length': body.length }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-the-example')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const objects = createObjects({ prompts: { kind: 's3', bucket: 'its-real-name', region: 'us-east-1', endpoint } })
  return { objects, kept }
}

describe('a bucket at S3', () => {
  it('gives what was put, by its name there', async () => {
    const { objects, kept } = await store()
    await objects.ready()
    await objects.write('prompts', 'a/b c.wav', Buffer.from('sound'))
    expect([...kept.keys()]).toEqual(['/its-real-name/a/b c.wav'])
    expect(Buffer.from(await objects.read('prompts', 'a/b c.wav')).toString()).toBe('sound')
  })

  it.each([
    ['nothing', 'objects.not-found'],
    ['forbidden', 'objects.denied'],
    ['broken', 'objects.failed'],
  ])('says what is wrong with %s', async (key, code) => {
    const { objects } = await store()
    await expect(objects.read('prompts', key)).rejects.toMatchObject({ code })
  })
})

it('says what to install where the client is not there, and finds it once it is', async () => {
  let installed = false
  const bucket = s3Bucket({ kind: 's3', bucket: 'b', region: 'us-east-1' }, () =>
    installed ? import('@aws-sdk/client-s3') : Promise.reject(new Error('ERR_MODULE_NOT_FOUND')),
  )
  await expect(bucket.ready()).rejects.toMatchObject({
    code: 'objects.no-client',
    message: expect.stringContaining('install @aws-sdk/client-s3'),
  })
  installed = true
  await bucket.ready()
})
