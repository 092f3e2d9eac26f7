import type { App, Call } from '../../call/call.ts'
import { profile as plivoProfile } from '../../dialects/plivo/index.ts'
import {
  type CallFacts,
  type Compat,
  type Profile,
  partyName,
  readCompat,
  profile as vobizProfile,
} from '../../dialects/vobiz/index.ts'
import type { Offer } from '../../switchboard/ports.ts'

export type HttpMethod = 'GET' | 'POST'

/**
 * What the call's row remembers of its app: enough to run it, and to compose its last webhook after a crash. The auth
 * token is not in it; it is looked up by `account` when something is signed. In the shape of the configuration.
 */
export type VobizApp = Readonly<{
  /** Whose defaults hold where the two vendors differ. */
  vendor: 'vobiz' | 'plivo'
  /** Auth id. */
  account?: string
  answerUrl?: string
  answerMethod: HttpMethod
  fallbackUrl?: string
  fallbackMethod: HttpMethod
  /** Absent: the answer URL. */
  hangupUrl?: string
  hangupMethod: HttpMethod
  ringUrl?: string
  ringMethod: HttpMethod
  /** XML to run instead of asking the answer URL. */
  document?: string
  compat: Compat
  /** What `admit` learnt from the offer. */
  callerName?: string
  forwardedFrom?: string
  headers: Readonly<Record<string, string>>
}>

/** Reads `App.data`. Rows outlive the version that wrote them, so nothing in it is taken for granted. */
export function readApp(data: App['data']): VobizApp {
  return {
    vendor: data.vendor === 'plivo' ? 'plivo' : 'vobiz',
    answerMethod: method(data.answerMethod),
    fallbackMethod: method(data.fallbackMethod),
    hangupMethod: method(data.hangupMethod),
    ringMethod: method(data.ringMethod),
    ...texts(data, ['account', 'answerUrl', 'fallbackUrl', 'hangupUrl', 'ringUrl', 'document']),
    ...texts(data, ['callerName', 'forwardedFrom']),
    compat: readCompat(isRecord(data.compat) ? data.compat : {}).compat,
    headers: isRecord(data.headers) ? strings(data.headers) : {},
  }
}

export function profileOf(app: VobizApp): Profile {
  return app.vendor === 'plivo' ? plivoProfile : vobizProfile
}

/** What an offer adds to the data of its route: the caller's name, who forwarded it, and the custom headers that apps get. */
export function admitted(data: App['data'], offer: Offer): App['data'] {
  const prefix = profileOf(readApp(data)).headerPrefix.toLowerCase()
  const headers: Record<string, string> = {}
  let diversion: string | undefined
  for (const [name, value] of Object.entries(offer.headers)) {
    const lower = name.toLowerCase()
    if (lower.startsWith(prefix)) headers[name] = value
    else if (lower === 'diversion') diversion = value
  }
  const learnt = {
    ...(offer.fromName === undefined || offer.fromName === '' ? {} : { callerName: offer.fromName }),
    ...(diversion === undefined ? {} : { forwardedFrom: partyName(diversion) }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  }
  // All calls of a route share its data as long as there is nothing of their own to remember.
  return Object.keys(learnt).length === 0 ? data : { ...data, ...learnt }
}

/** The facts that every callback about a call names. The call's own UUID is its CallUUID. */
export function factsOf(call: Call, app: VobizApp): CallFacts {
  const leg = call.legs.find(({ id }) => id === call.first)
  return {
    callUuid: call.id,
    from: partyName(leg?.from ?? ''),
    to: partyName(leg?.to ?? ''),
    direction: leg?.direction === 'out' ? 'outbound' : 'inbound',
    sessionStart: call.began,
    headers: app.headers,
    ...(app.account === undefined ? {} : { account: app.account }),
    ...(app.callerName === undefined ? {} : { callerName: app.callerName }),
    ...(app.forwardedFrom === undefined ? {} : { forwardedFrom: app.forwardedFrom }),
  }
}

function method(value: unknown): HttpMethod {
  return value === 'GET' ? 'GET' : 'POST'
}

function texts<K extends string>(data: App['data'], keys: readonly K[]): { readonly [key in K]?: string } {
  const found: { [key in K]?: string } = {}
  for (const key of keys) {
    const value = data[key]
    if (typeof value === 'string' && value !== '') found[key] = value
  }
  return found
}

function strings(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
