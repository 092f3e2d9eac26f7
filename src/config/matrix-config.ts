import type { MatrixFile } from './matrix-schema.ts'
import type { Secret } from './secret.ts'

/** Onhook as an application service of one Matrix homeserver. */
export type MatrixConfig = Readonly<{
  homeserver: string
  serverName: string
  asToken: Secret
  hsToken: Secret
  listen: Readonly<{ host: string; port: number }>
  /** Ghosts are `@<prefix><number>:<serverName>`. */
  ghostPrefix: string
  /** The application service's own user. */
  senderLocalpart: string
  /** Patterns of users who may call. */
  callers: readonly string[]
  /** Whether the homeserver's clock agrees with ours. */
  trustServerClock: boolean
}>

type SecretOf = (given: string | undefined, variable: string | undefined) => Secret

export function resolveMatrix(file: MatrixFile, secret: SecretOf): MatrixConfig {
  const { asToken, asTokenEnv, hsToken, hsTokenEnv, ...rest } = file
  return { ...rest, asToken: secret(asToken, asTokenEnv), hsToken: secret(hsToken, hsTokenEnv) }
}

/** What the homeserver is given: `onhook matrix registration` prints it. JSON is YAML too. */
export function matrixRegistration(matrix: MatrixConfig, url: string): Readonly<Record<string, unknown>> {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const ghosts = `@${literal(matrix.ghostPrefix)}.*:${literal(matrix.serverName)}`
  return {
    id: 'onhook',
    url,
    as_token: matrix.asToken.reveal(),
    hs_token: matrix.hsToken.reveal(),
    sender_localpart: matrix.senderLocalpart,
    // A hangup must not wait behind a limit that is made for people.
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: ghosts }], aliases: [], rooms: [] },
  }
}
