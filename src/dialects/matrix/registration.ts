/** How a homeserver learns of an application service: the registration file (Application Service API, "Registration"). */

export type RegistrationSettings = Readonly<{
  /** Name of the service at its homeserver. */
  id: string
  /** Where the homeserver hands over transactions; without a path. */
  url: string
  /** The service shows it to the homeserver. */
  asToken: string
  /** The homeserver shows it to the service. */
  hsToken: string
  /** Local part of the service's own user. */
  sender: string
  /** What the local parts of its ghosts begin with. */
  prefix: string
  serverName: string
}>

/** As the specification names its keys. */
export type Registration = Readonly<{
  id: string
  url: string
  as_token: string
  hs_token: string
  sender_localpart: string
  /** Ghosts carry many calls: an ending that waits for a limit would ring on. */
  rate_limited: false
  namespaces: Readonly<{
    users: readonly Readonly<{ exclusive: boolean; regex: string }>[]
    rooms: readonly never[]
    aliases: readonly never[]
  }>
}>

/**
 * The content of a registration file.
 *
 * @example
 * const made = registrationOf({ id: 'onhook', url: 'http://127.0.0.1:8060', asToken: 'a', hsToken: 'h', sender: 'onhook', prefix: 'tel_', serverName: 'example.org' })
 * made.namespaces.users[0] // { exclusive: true, regex: '^@tel_.+:example\\.org$' }
 */
export function registrationOf(settings: RegistrationSettings): Registration {
  const { id, url, asToken, hsToken, sender, prefix, serverName } = settings
  return {
    id,
    url,
    as_token: asToken,
    hs_token: hsToken,
    sender_localpart: sender,
    rate_limited: false,
    namespaces: {
      users: [{ exclusive: true, regex: `^@${literal(prefix)}.+:${literal(serverName)}$` }],
      rooms: [],
      aliases: [],
    },
  }
}

/** Special characters of regular expressions, of Python's too. */
function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/**
 * As YAML. Strings are quoted as in JSON, which YAML reads the same (YAML 1.2 §7.3.1).
 *
 * @example
 * const made = registrationOf({ id: 'onhook', url: 'http://127.0.0.1:8060', asToken: 'a', hsToken: 'h', sender: 'onhook', prefix: 'tel_', serverName: 'example.org' })
 * registrationYaml(made).split('\n')[0] // 'id: "onhook"'
 */
export function registrationYaml({ namespaces, ...top }: Registration): string {
  const lines = Object.entries(top).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  const users = namespaces.users.map(
    ({ exclusive, regex }) => `    - exclusive: ${exclusive}\n      regex: ${JSON.stringify(regex)}`,
  )
  return [...lines, 'namespaces:', '  users:', ...users, '  rooms: []', '  aliases: []', ''].join('\n')
}
