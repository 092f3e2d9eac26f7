import type { Cause } from '../../call/causes.ts'
import type { Fault } from '../../dialects/dialect.ts'
import {
  documentLimits,
  type Pairs,
  parseDocument,
  type RetryReason,
  readPolicy,
  type VobizDocument,
} from '../../dialects/vobiz/index.ts'
import type { WebResult } from '../../switchboard/ports.ts'
import { sleep } from '../sleep.ts'
import { type HttpMethod, profileOf, type VobizApp } from './app.ts'
import type { Means } from './means.ts'
import { appRequest, signed } from './request.ts'

/** Which URL was asked: the last digit of 7011–7014 and 8011–8014. */
export const urlKinds = { answer: 1, action: 2, transfer: 3, redirect: 4 } as const
export type UrlKind = keyof typeof urlKinds

export type Fetched =
  | Readonly<{ type: 'document'; document: VobizDocument; warnings: readonly Fault[] }>
  | Failure
  /** The call ended meanwhile. */
  | Readonly<{ type: 'over' }>

/** Why there is no document. `app-unreachable`: 701x, `app-invalid`: 801x. */
export type Failure = Readonly<{
  type: 'failed'
  cause: Extract<Cause, 'app-unreachable' | 'app-invalid'>
  code: number
  detail: string
}>

export type Wanted = Readonly<{
  kind: UrlKind
  url: string
  method: HttpMethod
  params: Pairs
  /** Of a fallback: it is tried once. */
  once?: boolean
}>

const longestRedirects = 3
/** Wait before the second, third … attempt; each is twice the last. A caller is waiting. */
const firstBackoff = 500

/** Asks an app for a document, as often as the URL's policy says. Never rejects. */
export async function fetchDocument(
  wanted: Wanted,
  app: VobizApp,
  means: Means,
  signal: AbortSignal,
): Promise<Fetched> {
  const { clock } = means
  const { url, policy, warnings } = readPolicy(wanted.url, profileOf(app).policy.document)
  const request = appRequest(app, url, wanted.method, wanted.params)
  const deadline = clock.now() + policy.tt
  const retries = wanted.once === true ? 0 : policy.rc
  for (let attempt = 0; ; attempt++) {
    const left = deadline - clock.now()
    const result = await means.web.fetch({
      ...request,
      connectTimeout: Math.min(policy.ct, left),
      readTimeout: Math.min(policy.rt, left),
      // One answer may not trickle in for longer than an app has to give it.
      totalTimeout: Math.min(policy.ct + policy.rt, left),
      maxBytes: documentLimits.bytes,
      maxRedirects: longestRedirects,
      sign: (hop) => signed(request, hop, means),
      signal,
    })
    if (signal.aborted) return { type: 'over' }
    const reason = retryReason(result)
    const backoff = firstBackoff * 2 ** attempt
    const again = reason !== undefined && policy.rp.includes(reason) && attempt < retries
    if (!again || clock.now() + backoff >= deadline) return withWarnings(read(result, wanted.kind, app), warnings)
    await sleep(clock, backoff, signal)
    if (signal.aborted) return { type: 'over' }
  }
}

function withWarnings(fetched: Fetched, warnings: readonly Fault[]): Fetched {
  if (fetched.type !== 'document' || warnings.length === 0) return fetched
  return { ...fetched, warnings: [...warnings, ...fetched.warnings] }
}

/** What a failure is called in a callback policy; undefined for what no repetition would mend. */
function retryReason(result: WebResult): RetryReason | undefined {
  if (result.ok) return result.status >= 500 ? '5xx' : result.status >= 400 ? '4xx' : undefined
  switch (result.error) {
    case 'connect':
    case 'dns':
      return 'ct'
    case 'timeout':
    case 'closed':
      return 'rt'
    default:
      return undefined
  }
}

// ---------------------------------------------------------------- reading the answer

function read(result: WebResult, kind: UrlKind, app: VobizApp): Fetched {
  if (!result.ok) {
    const detail = `${kind} URL: ${result.error}: ${result.detail}`
    return result.error === 'too-large' ? invalid(kind, detail) : unreachable(kind, detail)
  }
  const { status, headers, body } = result
  if (status < 200 || status > 299) return unreachable(kind, `${kind} URL answered ${status}`)
  if (body.byteLength === 0 && app.compat.emptyBody === 'unreachable')
    return unreachable(kind, `${kind} URL answered nothing`)
  const { type, charset } = contentType(headers['content-type'] ?? '')
  if (app.compat.contentType === 'check' && notXml.includes(type)) {
    return invalid(kind, `${kind} URL answered ${type}, not application/xml`)
  }
  return readDocument(body, kind, app, charset)
}

/** What apps send by mistake: an error page, a string, an object. Anything else is given to the parser. */
const notXml: readonly string[] = ['text/html', 'text/plain', 'application/json', 'text/json']

/** Checks a document, whole, before any of it is run. */
export function readDocument(source: string | Uint8Array, kind: UrlKind, app: VobizApp, charset?: string): Fetched {
  const options = { profile: profileOf(app), compat: app.compat, ...(charset === undefined ? {} : { charset }) }
  const parsed = parseDocument(source, options)
  if (parsed.ok) return { type: 'document', document: parsed.value, warnings: parsed.warnings }
  const first = parsed.faults[0]
  const others = parsed.faults.length > 1 ? ` (and ${parsed.faults.length - 1} more)` : ''
  return invalid(kind, first === undefined ? 'invalid document' : `${first.place}: ${first.message}${others}`)
}

function contentType(header: string): { type: string; charset?: string } {
  const type = (header.split(';')[0] ?? '').trim().toLowerCase()
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(header)?.[1]
  return charset === undefined ? { type } : { type, charset }
}

function unreachable(kind: UrlKind, detail: string): Failure {
  return { type: 'failed', cause: 'app-unreachable', code: 7010 + urlKinds[kind], detail }
}

export function invalid(kind: UrlKind, detail: string): Failure {
  return { type: 'failed', cause: 'app-invalid', code: 8010 + urlKinds[kind], detail }
}
