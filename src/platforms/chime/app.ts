import type { App } from '../../call/call.ts'
import type { Offer } from '../../switchboard/ports.ts'

/** A SIP media application: which function runs the call. */
export type Application = Readonly<{
  /** UUID. */
  id: string
  /** Name under `functions`. */
  function: string
  region: string
}>

/**
 * What the call's row remembers of its app: enough to run it, and to tell the function of the last hangups after a crash.
 */
export type ChimeApp = Readonly<{
  /** By priority: the first that can be invoked has the call. */
  applications: readonly Application[]
  /** Of the rule that brought the call in. */
  rule?: string
  /** 12 digits. */
  account: string
  /** Of CreateSipMediaApplicationCall: handed to the function with NEW_OUTBOUND_CALL. */
  args?: Readonly<Record<string, string>>
  /** Headers of the INVITE that functions may see. */
  headers: Readonly<Record<string, string>>
  /** Sequence of the last event. */
  sequence: number
  /** Absent until a function has set some. */
  attributes?: Readonly<Record<string, unknown>>
  /** Legs beside the first that functions were told of, the newest last. */
  joined: readonly string[]
  /** Legs that ended while the call lived, in that order: in which their HANGUPs are told. */
  ended: readonly string[]
  /** The leg whose HANGUP was told last, under `sequence`. */
  telling?: string
  /** Legs whose HANGUP the function has had. */
  toldOf: readonly string[]
}>

/** Reads `App.data`. Rows outlive the version that wrote them, so nothing in it is taken for granted. */
export function readApp(data: App['data']): ChimeApp {
  const { rule, args, attributes, telling } = data
  return {
    applications: Array.isArray(data.applications) ? data.applications.filter(isApplication) : [],
    ...(typeof rule === 'string' ? { rule } : {}),
    account: typeof data.account === 'string' ? data.account : '000000000000',
    ...(isRecord(args) ? { args: strings(args) } : {}),
    headers: isRecord(data.headers) ? strings(data.headers) : {},
    sequence: typeof data.sequence === 'number' ? data.sequence : 0,
    ...(isRecord(attributes) ? { attributes } : {}),
    joined: Array.isArray(data.joined) ? data.joined.filter(isText) : [],
    ended: Array.isArray(data.ended) ? data.ended.filter(isText) : [],
    ...(typeof telling === 'string' ? { telling } : {}),
    toldOf: Array.isArray(data.toldOf) ? data.toldOf.filter(isText) : [],
  }
}

/** What an incoming call's offer adds: the headers that AWS hands to functions, under the names that they came with. */
export function admitted(data: App['data'], offer: Offer): App['data'] {
  const headers = Object.fromEntries(Object.entries(offer.headers).filter(([name]) => isVisible(name)))
  return Object.keys(headers).length === 0 ? data : { ...data, headers }
}

function isVisible(name: string): boolean {
  return /^(x-|user-to-user$|diversion$)/i.test(name)
}

/** Headers that a function or an API client may put on an INVITE (guide, "SIP headers"); `x-amzn…` is AWS's own. */
export function forbiddenHeader(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(headers).find((name) => !isVisible(name) || /^x-(amzn|aws)/i.test(name))
}

const isText = (value: unknown): value is string => typeof value === 'string'

function isApplication(value: unknown): value is Application {
  return isRecord(value) && isText(value.id) && isText(value.function) && isText(value.region)
}

function strings(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => isText(entry[1])))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
