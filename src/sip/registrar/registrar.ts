import { callId, contacts, cseq, expires, to } from '../message/accessors.ts'
import type { SipRequest } from '../message/message.ts'
import type { NameAddr } from '../message/name-addr.ts'
import { digits } from '../message/scan.ts'
import { parseUri, unescapeUri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'
import type { Authenticator } from './authenticator.ts'
import type { Binding, BindingStore } from './bindings.ts'

export type RegisterAnswer = Readonly<{
  status: number
  phrase?: string
  lines: readonly (readonly [name: string, value: string])[]
}>

export type RegistrarOptions = Readonly<{
  store: BindingStore
  authenticator: Authenticator
  /** Milliseconds since 1970. */
  now: () => number
  /** Whether an authenticated user may register for that user part. Default: only for its own. */
  mayRegister?: (username: string, user: string) => boolean
  /** Seconds. Defaults 60, 3600, 3600. */
  minExpires?: number
  maxExpires?: number
  defaultExpires?: number
  /** Devices of one user; one more pushes out the one that would expire first. Default 10. */
  maxDevices?: number
}>

/** A simple registrar (RFC 3261 §10.3) for one domain, so that softphones can register and be called. */
export class Registrar {
  readonly #options: RegistrarOptions

  constructor(options: RegistrarOptions) {
    this.#options = options
  }

  /** The response to a REGISTER. All of its changes are made, or none. */
  register(request: SipRequest, flow: Flow): RegisterAnswer {
    const who = this.#options.authenticator.check(request)
    if (who.kind === 'challenge') return { status: who.status, lines: who.lines }
    const user = userOf(to(request)?.uri ?? '')
    if (user === undefined) return refuse(404)
    const mayRegister = this.#options.mayRegister ?? ((username, wanted) => username === wanted)
    if (!mayRegister(who.username, user)) return refuse(403)
    if (request.headers.all('contact').includes('*')) return this.#clear(request, user)
    return this.#change(request, flow, user)
  }

  /** `*` stands alone, with Expires: 0 (§10.2.2). */
  #clear(request: SipRequest, user: string): RegisterAnswer {
    const { store } = this.#options
    if (request.headers.all('contact').length !== 1 || expires(request) !== 0) return refuse(400, 'Bad Contact')
    if (store.of(user).some((binding) => isStale(binding, request))) return refuse(500, 'Out of Order')
    store.clear(user)
    return this.#list(user)
  }

  #change(request: SipRequest, flow: Flow, user: string): RegisterAnswer {
    const { store, now, maxDevices = 10, minExpires = 60 } = this.#options
    const known = store.of(user)
    const changes: Binding[] = []
    for (const contact of contacts(request)) {
      const seconds = this.#secondsOf(contact, request)
      // §10.3 step 7: too short, but not a removal
      if (seconds > 0 && seconds < minExpires) return { status: 423, lines: [['Min-Expires', String(minExpires)]] }
      const device = contact.param('+sip.instance') ?? contact.uri
      const old = known.find((each) => each.device === device)
      if (old !== undefined && isStale(old, request)) return refuse(500, 'Out of Order')
      changes.push({
        contact: contact.uri,
        device,
        q: preference(contact.param('q')),
        expires: now() + seconds * 1000,
        flow,
        callId: callId(request) ?? '',
        seq: cseq(request)?.seq ?? 0,
        userAgent: request.headers.get('user-agent') ?? '',
      })
    }
    for (const change of changes) {
      if (change.expires <= now()) store.remove(user, change.device)
      else store.put(user, change)
    }
    const bySoonest = [...store.of(user)].sort((a, b) => a.expires - b.expires)
    for (const binding of bySoonest.slice(0, Math.max(0, bySoonest.length - maxDevices))) {
      store.remove(user, binding.device)
    }
    return this.#list(user)
  }

  /** The contact's own `expires`, else the header's, else ours; never above our maximum. */
  #secondsOf(contact: NameAddr, request: SipRequest): number {
    const { maxExpires = 3600, defaultExpires = 3600 } = this.#options
    const own = digits(contact.param('expires') ?? '', 0xffff_ffff)
    return Math.min(own ?? expires(request) ?? defaultExpires, maxExpires)
  }

  /** §10.3 step 8: every current binding, with what is left of it. */
  #list(user: string): RegisterAnswer {
    const now = this.#options.now()
    const lines = this.#options.store.of(user).map(({ contact, expires: until, q }) => {
      const left = Math.max(1, Math.round((until - now) / 1000))
      return ['Contact', `<${contact}>;expires=${left}${q === 1 ? '' : `;q=${q}`}`] as const
    })
    return { status: 200, lines: [...lines, ['Date', new Date(now).toUTCString()]] }
  }
}

/** The user part of an address of record, unescaped; undefined if it has none. */
export function userOf(uri: string): string | undefined {
  const parsed = parseUri(uri)
  if (parsed?.scheme !== 'sip' && parsed?.scheme !== 'sips') return undefined
  return parsed.user === undefined ? undefined : unescapeUri(parsed.user)
}

/** §10.3 step 7: an older request of the same device, overtaken on the way. */
function isStale(binding: Binding, request: SipRequest): boolean {
  return binding.callId === callId(request) && (cseq(request)?.seq ?? 0) <= binding.seq
}

function preference(q: string | undefined): number {
  const value = q === undefined || !/^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? 1 : Number(q)
  return value
}

function refuse(status: number, phrase?: string): RegisterAnswer {
  return phrase === undefined ? { status, lines: [] } : { status, phrase, lines: [] }
}
