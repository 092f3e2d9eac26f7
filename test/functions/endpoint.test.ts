/** A Lambda endpoint by its URL: what is sent, how many at a time, and what an emulator must be spared. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { essence, functionsOf } from './workbench.ts'

type Heard = { path: string; headers: IncomingMessage['headers']; body: string; reply: ServerResponse }

async function endpoint(answer?: (heard: Heard) => void) {
  const heard: Heard[] = []
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const one = { path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString(), reply }
      heard.push(one)
      answer?.(one)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

const answering = (status: number, body: string, headers = {}) =>
  endpoint(({ reply }) => reply.writeHead(status, headers).end(body))

describe('an endpoint', () => {
  it('gets the event at the emulator’s path, if its base is all that is known', async () => {
    const { url, heard } = await answering(200, '{"SchemaVersion":"1.0"}')
    const { invoke } = functionsOf({ it: { url } })
    expect(essence(await invoke('it', { n: 1 }))).toEqual({ ok: true, value: { SchemaVersion: '1.0' } })
    expect(heard[0]).toMatchObject({
      path: '/2015-03-31/functions/function/invocations',
      body: '{"n":1}',
      headers: { 'x-amz-invocation-type': 'RequestResponse' },
    })
  })

  it('gets it where the whole address says', async () => {
    const { url, heard } = await answering(200, '1')
    const { invoke } = functionsOf({ it: { url: `${url}/2015-03-31/functions/app-dev-sma/invocations?Qualifier=7` } })
    await invoke('it', {})
    expect(heard[0]?.path).toBe('/2015-03-31/functions/app-dev-sma/invocations?Qualifier=7')
  })

  it('fails a function by its header', async () => {
    const { url } = await answering(200, '{"errorType":"E","errorMessage":"m"}', {
      'X-Amz-Function-Error': 'Unhandled',
    })
    const { invoke } = functionsOf({ it: { url } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: false, error: 'function', detail: 'E: m' })
  })

  it('is not read beyond 6 MB', async () => {
    const { url } = await answering(200, `"${'x'.repeat(6 * 1024 * 1024)}"`)
    const { invoke } = functionsOf({ it: { url } })
    expect(await invoke('it', {})).toMatchObject({ ok: false, error: 'too-large' })
  })

  it('is unreachable if nobody listens there, or if it hangs up', async () => {
    const { url } = await endpoint(({ reply }) => reply.destroy())
    const { invoke } = functionsOf({ gone: { url: 'http://127.0.0.1:1' }, rude: { url } })
    expect(await invoke('gone', {})).toMatchObject({
      ok: false,
      error: 'unreachable',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
    expect(await invoke('rude', {})).toMatchObject({ ok: false, error: 'unreachable' })
  })

  it('is unreachable if its answer breaks off, and is asked again over another connection', async () => {
    let asked = 0
    const { url } = await endpoint(({ reply }) => {
      if (++asked > 1) return reply.end('{"n":2}')
      reply.writeHead(200, { 'content-length': 100 }).write('{"n":')
      setImmediate(() => reply.destroy())
    })
    const { invoke } = functionsOf({ it: { url } })
    expect(await invoke('it', {})).toMatchObject({ ok: false, error: 'unreachable' })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: { n: 2 } })
  })

  it('may say beforehand that it works on it', async () => {
    const { url } = await endpoint(({ reply }) => {
      reply.writeProcessing()
      reply.write('{"one":1,')
      setImmediate(() => reply.end('"two":"\u00e9"}'))
    })
    const { invoke } = functionsOf({ it: { url } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: { one: 1, two: '\u00e9' } })
  })

  it('whose answer was too long is asked again, and the rest is not taken for what it answers then', async () => {
    let asked = 0
    const { url } = await endpoint(({ reply }) => {
      reply.end(++asked > 1 ? '{"n":2}' : `"${'x'.repeat(7 * 1024 * 1024)}"`)
    })
    const { invoke } = functionsOf({ it: { url } })
    expect(await invoke('it', {})).toMatchObject({ ok: false, error: 'too-large' })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: { n: 2 } })
  })

  it('that is an emulator gets one event at a time', async () => {
    const { url, heard } = await endpoint()
    const { invoke } = functionsOf({ it: { url } })
    const results = [invoke('it', 1), invoke('it', 2), invoke('it', 3)]
    for (const count of [1, 2, 3]) {
      await expect.poll(() => heard.length).toBe(count)
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(heard.length).toBe(count)
      heard[count - 1]!.reply.end(heard[count - 1]!.body)
    }
    expect((await Promise.all(results)).map((result) => result.ok && result.value)).toEqual([1, 2, 3])
  })

  it('that is another gets as many as it may', async () => {
    const { url, heard } = await endpoint()
    const { invoke } = functionsOf({ it: { url: `${url}/2015-03-31/functions/other/invocations`, concurrency: 2 } })
    const results = [invoke('it', 1), invoke('it', 2), invoke('it', 3)]
    await expect.poll(() => heard.length).toBe(2)
    for (const { reply } of heard.splice(0)) reply.end('0')
    await expect.poll(() => heard.length).toBe(1)
    heard[0]!.reply.end('0')
    expect((await Promise.all(results)).every(({ ok }) => ok)).toBe(true)
  })

  it('that is an emulator is not asked again before it has done with what timed out', async () => {
    const clock = new VirtualClock(Date.now())
    const { url, heard } = await endpoint()
    const { invoke } = functionsOf({ it: { url } }, { clock })
    const first = invoke('it', 1, { timeout: 5_000 })
    await expect.poll(() => heard.length).toBe(1)
    await clock.pass(5_000)
    expect(essence(await first)).toEqual({ ok: false, error: 'timeout', detail: 'no answer within 5000 ms' })
    const second = invoke('it', 2, { timeout: 5_000 })
    await clock.pass(1_000)
    expect(heard.length).toBe(1)
    heard[0]!.reply.end('"late"')
    await expect.poll(() => heard.length).toBe(2)
    heard[1]!.reply.end('"second"')
    expect(essence(await second)).toEqual({ ok: true, value: 'second' })
  })

  it('is let go of when everything closes, though it never answers', async () => {
    const { url, heard } = await endpoint()
    const { invoke, close } = functionsOf({ it: { url } })
    const result = invoke('it', 1)
    await expect.poll(() => heard.length).toBe(1)
    await close()
    expect(await result).toMatchObject({ ok: false, error: 'aborted' })
    await expect.poll(() => heard[0]!.reply.destroyed).toBe(true)
  })
})
