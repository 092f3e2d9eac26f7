/** Where incoming calls go: exact routes before patterns, and in each the first whose conditions hold. */
import type { App } from '../call/call.ts'
import type { Cause } from '../call/causes.ts'
import type { Offer, Router, Routing } from '../switchboard/ports.ts'
import { isLoopback } from './address.ts'
import type { ChimeTarget } from './chime-config.ts'
import type { Config, DirectTarget, Route, SourceRule } from './config.ts'
import { isExact, matcher, plainNumber } from './pattern.ts'
import { isMatrixUser } from './schema.ts'

type Compiled = Readonly<{
  matches: (to: string) => boolean
  admits: (offer: Offer) => boolean
  route: Route
  /** Made once: a route that does not depend on the offer gives the same value to each call. */
  routing: Routing | 'called-number' | 'chime'
}>

/** Where the Chime platform's applications are found; they may come and go while the server runs. */
export interface ChimeRoutes {
  /** Undefined: there is none of this id, or no longer. */
  target(target: ChimeTarget): App | undefined
  /** The enabled rule that a call triggers: by its number, else by the host that it asked for. */
  triggered(offer: Offer): App | undefined
}

const noChime: ChimeRoutes = { target: () => undefined, triggered: () => undefined }

/** Exact routes, then rules of the Chime platform, then patterns. */
export function createRouter(
  config: Pick<Config, 'routes'> & Readonly<{ chime?: Pick<Config['chime'], 'from'> }>,
  chime: ChimeRoutes = noChime,
): Router {
  const rulesAdmit = (offer: Offer) => config.chime?.from.some((rule) => vouches(rule, offer)) === true
  const exact = new Map<string, Compiled[]>()
  const patterns: Compiled[] = []
  for (const route of config.routes) {
    const compiled = compile(route)
    if (!isExact(route.to)) {
      patterns.push(compiled)
      continue
    }
    const number = plainNumber(route.to)
    const same = exact.get(number)
    if (same === undefined) exact.set(number, [compiled])
    else same.push(compiled)
  }
  return {
    route(offer) {
      for (const one of exact.get(plainNumber(offer.to)) ?? [])
        if (one.admits(offer)) return routingFor(one, offer, chime)
      const triggered = rulesAdmit(offer) ? chime.triggered(offer) : undefined
      if (triggered !== undefined) return { type: 'app', app: triggered }
      for (const one of patterns) if (one.matches(offer.to) && one.admits(offer)) return routingFor(one, offer, chime)
      // A stranger hears the same whether the number exists or not.
      return offer.source.kind === 'anonymous' ? stranger : nowhere
    },
  }
}

/** The direct platform without a destination. */
export const held: App = { platform: 'direct', data: { network: 'sip', to: [] } }

const stranger = refusal('blocked', 'the caller is neither a trunk nor an authenticated user')
const gone = refusal('not-found', 'the application or the rule is there no longer, or disabled')
const nowhere = refusal('not-found', 'no route')

function refusal(cause: Cause, detail: string): Routing {
  return { type: 'refuse', reason: { cause, actor: 'platform', detail } }
}

function compile(route: Route): Compiled {
  const caller = route.caller === undefined ? undefined : matcher(route.caller)
  return {
    matches: matcher(route.to),
    admits: (offer) => route.from.some((rule) => vouches(rule, offer)) && (caller?.(offer.from) ?? true),
    route,
    routing: routingOf(route),
  }
}

function vouches(rule: SourceRule, { source, network }: Offer): boolean {
  switch (rule) {
    case 'anyone':
      return true
    case 'loopback':
      return source.kind === 'anonymous' && isLoopback(hostOf(source.address))
    case 'trunks':
      return source.kind === 'trunk'
    case 'users':
      return source.kind === 'user' && network !== 'matrix'
    case 'matrix':
      return network === 'matrix'
    default:
      return network !== 'matrix' && rule === `${source.kind}:${source.name}`
  }
}

/** `127.0.0.1:5060`, `[::1]:5060` or a bare address. */
function hostOf(address: string): string {
  if (address.startsWith('[')) return address.slice(1, address.indexOf(']'))
  const colon = address.indexOf(':')
  return colon !== -1 && colon === address.lastIndexOf(':') ? address.slice(0, colon) : address
}

function routingOf({ goes, limits }: Route): Compiled['routing'] {
  switch (goes.kind) {
    case 'hold':
      return { type: 'app', app: held, ...limitsOf(limits) }
    case 'refuse':
      return refusal(goes.cause, 'the route refuses')
    case 'app': {
      const { platform, ...data } = goes.app
      return { type: 'app', app: { platform, data }, ...limitsOf(limits) }
    }
    case 'chime':
      return 'chime'
    case 'room':
      return { type: 'app', app: seated(goes.room), ...limitsOf(limits) }
    case 'direct':
      if (goes.direct.to.length === 0) return 'called-number'
      return { type: 'app', app: directApp(goes.direct), ...limitsOf(limits) }
    default:
      return goes satisfies never
  }
}

function routingFor({ routing, route }: Compiled, offer: Offer, chime: ChimeRoutes): Routing {
  if (typeof routing !== 'string') return routing
  const { goes } = route
  if (goes.kind === 'chime') {
    const app = chime.target(goes.target)
    return app === undefined ? gone : { type: 'app', app, ...limitsOf(route.limits) }
  }
  const direct: DirectTarget = goes.kind === 'direct' ? goes.direct : { to: [] }
  return { type: 'app', app: directApp({ ...direct, to: [offer.to] }), ...limitsOf(route.limits) }
}

function seated(room: string): App {
  return { platform: 'direct', data: { network: 'room', to: [room] } }
}

function directApp(direct: DirectTarget): App {
  const network = direct.to.some(isMatrixUser) ? 'matrix' : 'sip'
  return { platform: 'direct', data: { network, ...direct } }
}

/** The heart counts milliseconds. */
export function limitsOf({ ringSeconds, durationSeconds }: Route['limits']): {
  limits?: { ringing?: number; duration?: number }
} {
  if (ringSeconds === undefined && durationSeconds === undefined) return {}
  return {
    limits: {
      ...(ringSeconds !== undefined && { ringing: ringSeconds * 1000 }),
      ...(durationSeconds !== undefined && { duration: durationSeconds * 1000 }),
    },
  }
}
