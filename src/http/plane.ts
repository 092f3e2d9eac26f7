/** The control plane of a running server: switchboard, ledger and configuration, joined for the faces. */
import type { App } from '../call/call.ts'
import type { AppConfig, Config } from '../config/config.ts'
import type { Dialer } from '../config/dialer.ts'
import { isExact, matcher } from '../config/pattern.ts'
import { resolveApp } from '../config/resolve.ts'
import { held, limitsOf } from '../config/router.ts'
import { appFile } from '../config/schema.ts'
import type { Limits } from '../switchboard/options.ts'
import type { Delivery, Ledger } from '../switchboard/ports.ts'
import type { Switchboard } from '../switchboard/switchboard.ts'
import type { Check, ControlPlane, Health, PlaceRequest, PlaceResult } from './control.ts'

export type PlaneOptions = Readonly<{
  switchboard: Switchboard
  ledger: Ledger
  dialer: Dialer
  routes: Config['routes']
  /** What the server is doing, beside its checks. */
  state(): Health['state']
  recovered(): number
  checks(): Promise<readonly Check[]>
  /** A delivery was made due again by hand. */
  replayed(delivery: Delivery): void
}>

export function createPlane(options: PlaneOptions): ControlPlane {
  const { switchboard, ledger, dialer } = options
  return {
    live: () => switchboard.live(),
    find: (id) => switchboard.find(id),
    end: (id, reason, leg) => switchboard.end(id, reason, leg),
    subscribe: (listener) => switchboard.subscribe(listener),
    health: async () => ({ state: options.state(), checks: await options.checks(), recovered: options.recovered() }),
    place: (request) => place(request, options, switchboard, dialer),
    ledger: {
      record: (call) => ledger.record(call),
      records: (filter, page) => ledger.records(filter, page),
      delivery: (id) => ledger.delivery(id),
      deliveries: (filter, page) => ledger.deliveries(filter, page),
      async replay(id, at) {
        const delivery = await ledger.replay(id, at)
        if (delivery !== undefined) options.replayed(delivery)
        return delivery
      },
    },
  }
}

async function place(
  request: PlaceRequest,
  { routes }: PlaneOptions,
  switchboard: Switchboard,
  dialer: Dialer,
): Promise<PlaceResult> {
  if (switchboard.draining) return refused('place.draining', 'the server takes no new calls')
  const app = appFor(request, routes)
  if ('code' in app) return app
  const { to, from, fromName, trunk, headers } = request
  const dialled = dialer.target({
    to,
    ...(from !== undefined && { from }),
    ...(fromName !== undefined && { fromName }),
    ...(trunk !== undefined && { trunk }),
    ...(headers !== undefined && { headers }),
  })
  if (!dialled.ok) return dialled
  const { call, leg } = await switchboard.place(app, dialled.target, limitsFor(request))
  return { ok: true, call, leg, to: dialled.target.to, trunk: dialled.target.trunk ?? null }
}

function limitsFor({ ringSeconds, durationSeconds }: PlaceRequest): Limits {
  return (
    limitsOf({
      ...(ringSeconds !== undefined && { ringSeconds }),
      ...(durationSeconds !== undefined && { durationSeconds }),
    }).limits ?? {}
  )
}

type Refused = Extract<PlaceResult, { ok: false }>

function appFor(request: PlaceRequest, routes: Config['routes']): App | Refused {
  if (request.app !== undefined) {
    const checked = appFile.safeParse(request.app)
    if (checked.success) return appOf(resolveApp(checked.data))
    const faults = checked.error.issues.map(({ path, message }) => `app.${path.join('.')}: ${message}`)
    return refused('place.bad-app', faults.join('; '), 'Give an app as in the configuration’s routes')
  }
  // Nothing is asked for: it is held until somebody ends it.
  if (request.route === undefined) return held
  const { route: wanted } = request
  const apps = routes.filter(({ goes }) => goes.kind === 'app')
  const route = apps.find(({ to }) => isExact(to) && matcher(to)(wanted)) ?? apps.find(({ to }) => matcher(to)(wanted))
  if (route?.goes.kind === 'app') return appOf(route.goes.app)
  return refused(
    'place.no-route',
    `no route leads "${wanted}" to an app`,
    'Name a number that a route with an app matches',
  )
}

function appOf({ platform, ...data }: AppConfig): App {
  return { platform, data }
}

function refused(code: string, message: string, remedy?: string): Refused {
  return { ok: false, code, message, ...(remedy !== undefined && { remedy }) }
}
