/**
 * Deliveries that stay in the house: to a function (`function:NAME`) and into a bucket (`object:BUCKET/KEY`). They are stored, retried
 * and replayed as webhooks are; only the way is another.
 */
import type { Objects } from '../objects/objects.ts'
import type { Functions, Ids, WebClient, WebRequest, WebResult } from '../switchboard/ports.ts'

export type InwardOptions = Readonly<{ web: WebClient; functions: Functions; objects: Objects; ids: Ids }>

/** A web client that knows these two addresses beside those of the web. */
export function inwardToo({ web, functions, objects, ids }: InwardOptions): WebClient {
  return {
    fetch(request) {
      const [, scheme, address = ''] = /^(function|object):(.*)$/s.exec(request.url) ?? []
      if (scheme === 'function') return invoked(request, address, functions, ids)
      if (scheme === 'object') return written(request, address, objects)
      return web.fetch(request)
    },
  }
}

async function invoked(request: WebRequest, name: string, functions: Functions, ids: Ids): Promise<WebResult> {
  const { body = 'null', totalTimeout, signal, url } = request
  const result = await functions.invoke(name, JSON.parse(body), {
    timeout: totalTimeout,
    requestId: ids.uuid(),
    ...(signal !== undefined && { signal }),
  })
  const { milliseconds } = result
  if (result.ok) return { ok: true, status: 200, headers: {}, body: new Uint8Array(), url, milliseconds }
  const { detail } = result
  switch (result.error) {
    // What came back does not matter: it was told.
    case 'not-json':
    case 'too-large':
      return { ok: true, status: 200, headers: {}, body: new Uint8Array(), url, milliseconds }
    case 'timeout':
      return { ok: false, error: 'timeout', detail, milliseconds }
    case 'aborted':
      return { ok: false, error: 'aborted', detail, milliseconds }
    case 'unreachable':
      return { ok: false, error: 'connect', detail, milliseconds }
    case 'function':
    case 'throttled':
    case 'denied':
      return { ok: true, status: 500, headers: {}, body: new TextEncoder().encode(detail), url, milliseconds }
    default:
      return result.error satisfies never
  }
}

async function written({ url, body = '' }: WebRequest, address: string, objects: Objects): Promise<WebResult> {
  const began = performance.now()
  const slash = address.indexOf('/')
  try {
    await objects.write(address.slice(0, slash), address.slice(slash + 1), new TextEncoder().encode(body))
    return { ok: true, status: 200, headers: {}, body: new Uint8Array(), url, milliseconds: performance.now() - began }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { ok: false, error: 'connect', detail, milliseconds: performance.now() - began }
  }
}
