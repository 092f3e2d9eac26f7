/** From a checked file to the configuration that the server uses: secrets read, short forms written out. */
import type { ChimeConfig } from './chime-config.ts'
import { chimeTarget, resolveChime, resolveFunction } from './chime-resolve.ts'
import type { AppConfig, Config, MatrixConfig, Route, RouteTarget, SourceRule, VobizApp } from './config.ts'
import { type Environment, variableOf } from './environment.ts'
import type { AppFile, ConfigFile, RouteFile } from './schema.ts'
import { Secret } from './secret.ts'

/** Drops undefined values, so that an absent key is absent. */
type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> }
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Present<T>
}

/** @param file has passed `rules`: every secret is there. */
export function resolve(file: ConfigFile, environment: Environment): Config {
  const secret = (given: string | undefined, variable: string | undefined) =>
    new Secret(given ?? variableOf(environment, variable ?? '') ?? '')
  const chime = resolveChime(file.chime, secret)
  return {
    data: file.data.memory === true ? { kind: 'memory' } : { kind: 'file', path: file.data.path ?? 'onhook.db' },
    http: {
      host: file.http.host,
      port: file.http.port,
      tokens: file.http.tokens.map(({ name, token, tokenEnv, scopes }) => ({
        name,
        token: secret(token, tokenEnv),
        scopes,
      })),
    },
    sip: {
      listen: file.sip.listen,
      ...present({ advertised: file.sip.advertised }),
      realm: file.sip.realm,
      digest: file.sip.digest,
      media: { ...file.sip.media, ...present({ address: file.sip.media.address }) } as Config['sip']['media'],
      users: file.sip.users.map(({ name, password, passwordEnv }) => ({
        name,
        password: secret(password, passwordEnv),
      })),
    },
    routes: file.routes.map((route) => resolveRoute(route, chime)),
    outbound: file.outbound.map((rule) => present(rule)),
    trunks: file.trunks.map(({ credentials, ...trunk }) => ({
      ...present(trunk),
      ...(credentials && {
        credentials: {
          ...present({ username: credentials.username, realm: credentials.realm }),
          password: secret(credentials.password, credentials.passwordEnv),
        },
      }),
    })) as Config['trunks'],
    accounts: file.accounts.map(({ platform, authId, authToken, authTokenEnv }) => ({
      platform,
      authId,
      authToken: secret(authToken, authTokenEnv),
    })),
    functions: Object.fromEntries(Object.entries(file.functions).map(([name, one]) => [name, resolveFunction(one)])),
    chime,
    ...(file.matrix && { matrix: resolveMatrix(file.matrix, secret) }),
    delivery: file.delivery,
    limits: present(file.limits) as Config['limits'],
    log: file.log,
  }
}

function resolveMatrix(
  { asToken, asTokenEnv, hsToken, hsTokenEnv, url, users, ...rest }: NonNullable<ConfigFile['matrix']>,
  secret: (given: string | undefined, variable: string | undefined) => Secret,
): MatrixConfig {
  const { host, port } = rest.listen
  return {
    ...rest,
    asToken: secret(asToken, asTokenEnv),
    hsToken: secret(hsToken, hsTokenEnv),
    url: (url ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(/\/+$/, ''),
    users: users ?? [`@*:${rest.serverName}`],
  }
}

/** @param route has passed the schema: exactly one of app, chime, direct, room, hold and refuse is there. */
function resolveRoute(route: RouteFile, chime: ChimeConfig): Route {
  return {
    ...present({ to: route.to, caller: route.caller }),
    from: (Array.isArray(route.from) ? route.from : [route.from]) as SourceRule[],
    limits: present(route.limits),
    goes: goesTo(route, chime),
  } as Route
}

function goesTo({ app, chime: named, direct, room, hold, refuse }: RouteFile, chime: ChimeConfig): RouteTarget {
  if (app !== undefined) return { kind: 'app', app: resolveApp(app) }
  if (named !== undefined) return { kind: 'chime', target: chimeTarget(named, chime) }
  if (hold === true) return { kind: 'hold' }
  if (room !== undefined) return { kind: 'room', room }
  if (refuse !== undefined) return { kind: 'refuse', cause: refuse }
  const { to, ...rest } = direct!
  return {
    kind: 'direct',
    direct: { to: to === undefined ? [] : Array.isArray(to) ? to : [to], ...(present(rest) as object) },
  }
}

export function resolveApp(app: AppFile): AppConfig {
  return present(app) as VobizApp
}
