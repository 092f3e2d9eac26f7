/** What values together can get wrong. Each rule is one function; docs/config.md tells them in prose. */

import { plivoProfile } from '../dialects/plivo/profile.ts'
import { readCompat } from '../dialects/vobiz/compat.ts'
import { parseDocument } from '../dialects/vobiz/document.ts'
import { vobizProfile } from '../dialects/vobiz/profile.ts'
import { bare, isLoopback, isPrivate, isRange, isWildcard, rangeMatcher } from './address.ts'
import { chimeOddities, chimeRules } from './chime-rules.ts'
import type { Draft } from './draft.ts'
import type { Environment } from './environment.ts'
import { type ConfigFault, fault } from './fault.ts'
import { known, type Rule, repeated } from './rule.ts'
import { isMatrixUser, isSipUri } from './schema.ts'
import { secretsArePresent } from './secret-rules.ts'

/** Closed by default: an API that others can reach asks who they are. */
const tokensOffLoopback: Rule = ({ http }) => [
  http.host !== undefined && !isLoopback(http.host) && http.written === 0
    ? fault(
        'config.open',
        '$.http.tokens',
        `${http.host} can be reached from other machines, and there are no tokens`,
        'Add a token (or set ONHOOK_HTTP_TOKEN), or listen on 127.0.0.1',
      )
    : undefined,
]

const namesAreUnique: Rule = (draft) => [
  ...repeated(
    draft.http.tokens,
    (index) => `$.http.tokens[${index}].name`,
    ({ name }) => name,
  ),
  ...repeated(
    draft.sip.users,
    (index) => `$.sip.users[${index}].name`,
    ({ name }) => name,
  ),
  ...repeated(
    draft.trunks,
    (index) => `$.trunks[${index}].name`,
    ({ name }) => name,
  ),
  ...repeated(
    draft.accounts,
    (index) => `$.accounts[${index}].authId`,
    ({ platform, authId }) => `${platform} ${authId}`,
  ),
  ...repeated(
    draft.sip.listen.filter(({ value }) => value.port !== 0),
    (index) => `$.sip.listen[${index}]`,
    ({ transport, host, port }) => `${transport}:${host}:${port}`,
  ),
  ...repeated(
    draft.trunks.flatMap(({ index, value }) => value.sources.map((source) => ({ index, value: source }))),
    (index) => `$.trunks[${index}].sources`,
    (source) => source,
  ),
]

const namesExist: Rule = ({ routes, outbound, names }) => {
  const look = (place: string, kind: 'trunks' | 'users' | 'accounts', name: string | undefined) =>
    known(names, place, kind, name)
  return [
    ...outbound.map(({ index, value }) => look(`$.outbound[${index}].trunk`, 'trunks', value.trunk)),
    ...routes.flatMap(({ index, value }) => [
      look(`$.routes[${index}].direct.trunk`, 'trunks', value.direct?.trunk),
      look(`$.routes[${index}].app.account`, 'accounts', value.app?.account),
      ...sourcesOf(value.from).map((source) => {
        const [kind, name] = splitOnce(source, ':')
        return name === undefined
          ? undefined
          : look(`$.routes[${index}].from`, kind === 'trunk' ? 'trunks' : 'users', name)
      }),
    ]),
  ]
}

/** Toll fraud is the first thing that a SIP port meets. */
const strangersReachNoTrunk: Rule = ({ routes }) =>
  routes.map(({ index, value }) =>
    sourcesOf(value.from).includes('anyone') && value.direct?.trunk !== undefined
      ? fault(
          'config.open',
          `$.routes[${index}]`,
          `anyone on the internet could place calls through the trunk "${value.direct.trunk}"`,
          'Name who may: "users", "trunks", "user:NAME" or "trunk:NAME"',
        )
      : undefined,
  )

const directTargetsCanBeReached: Rule = ({ routes, names, matrix }) =>
  routes.flatMap(({ index, value }) => {
    if (value.direct === undefined || value.direct.trunk !== undefined) return []
    const { to = [] } = value.direct
    const people = [to].flat().filter(isMatrixUser)
    if (people.length > 0) {
      const place = `$.routes[${index}].direct.to`
      if (matrix === undefined) {
        return fault('config.missing', place, `"${people[0]}" is a Matrix user, and there is no section "matrix"`)
      }
      return people.length === 1 && [to].flat().length === 1
        ? undefined
        : fault('config.invalid', place, 'a Matrix user is called alone: all of its devices ring')
    }
    return [to]
      .flat()
      .map((target) =>
        isSipUri(target) || names.users.includes(target)
          ? undefined
          : fault(
              'config.invalid',
              `$.routes[${index}].direct.to`,
              `"${target}" is neither a SIP address nor a user, and no trunk is named`,
              'Write sip:user@host, add the user under "sip.users", or name a trunk',
            ),
      )
  })

const outboundCanBeReached: Rule = ({ outbound, matrix }) =>
  outbound.map(({ index, value }) => {
    const place = `$.outbound[${index}]`
    if (value.to.startsWith('@')) {
      return matrix === undefined
        ? fault('config.missing', place, `"${value.to}" are Matrix users, and there is no section "matrix"`)
        : undefined
    }
    return value.trunk === undefined && !value.to.startsWith('sip:')
      ? fault(
          'config.invalid',
          place,
          `"${value.to}" is a number, and no trunk is named that carries it`,
          'Name a trunk, or write a SIP address: sip:*@host',
        )
      : undefined
  })

const trunksMakeSense: Rule = ({ trunks }) =>
  trunks.flatMap(({ index, value }) => {
    const place = `$.trunks[${index}]`
    return [
      value.server === undefined && value.sources.length === 0
        ? fault('config.missing', place, 'neither "server" nor "sources": no call can come or go')
        : undefined,
      ...value.sources.map((source, at) =>
        isRange(source) && source.endsWith('/0')
          ? fault(
              'config.open',
              `${place}.sources[${at}]`,
              'the whole internet is no trunk',
              'Give the carrier’s ranges',
            )
          : undefined,
      ),
    ]
  })

const wildcardNeedsAdvertised: Rule = ({ sip }) =>
  sip.advertised !== undefined
    ? []
    : sip.listen.map(({ index, value }) =>
        isWildcard(value.host)
          ? fault(
              'config.missing',
              '$.sip.advertised',
              `sip.listen[${index}] listens on ${value.host}, which nobody can answer to`,
              'Set "advertised" to the address that others reach',
            )
          : undefined,
      )

const mediaPortsMakeARange: Rule = ({ sip }) => {
  const [first, last] = sip.media.ports ?? [0, 1]
  return last > first
    ? []
    : [fault('config.invalid', '$.sip.media.ports', `the last port (${last}) is not above the first (${first})`)]
}

/** A target that every delivery would refuse is better known now than at the first call. */
const targetsAreAllowed: Rule = ({ routes, allowPrivate }) => {
  const allowed = rangeMatcher(allowPrivate.filter(isRange))
  return routes.flatMap(({ index, value }) =>
    (['answerUrl', 'fallbackUrl', 'hangupUrl', 'ringUrl'] as const).map((key) => {
      const url = value.app?.[key]
      if (url === undefined) return undefined
      const host = bare(new URL(url).hostname)
      const address = host === 'localhost' ? '127.0.0.1' : host
      return isPrivate(address) && !allowed(address)
        ? fault(
            'config.open',
            `$.routes[${index}].app.${key}`,
            `${host} is a private address, and not allowed`,
            `Add its range to "delivery.allowPrivate", for example "${address}/${address.includes(':') ? 128 : 32}"`,
          )
        : undefined
    }),
  )
}

/** A document of the configuration is as good at start as it will be at the first call. */
const documentsAreValid: Rule = ({ routes }) =>
  routes.flatMap(({ index, value }) => {
    if (value.app?.document === undefined) return []
    const profile = value.app.vendor === 'plivo' ? plivoProfile : vobizProfile
    const parsed = parseDocument(value.app.document, { profile, compat: readCompat(value.app.compat).compat })
    if (parsed.ok) return []
    return parsed.faults.map(({ place, message, remedy }) =>
      fault('config.invalid', `$.routes[${index}].app.document`, `${place}: ${message}`, remedy),
    )
  })

const rules: readonly Rule[] = [
  documentsAreValid,
  tokensOffLoopback,
  secretsArePresent,
  namesAreUnique,
  namesExist,
  strangersReachNoTrunk,
  directTargetsCanBeReached,
  outboundCanBeReached,
  trunksMakeSense,
  wildcardNeedsAdvertised,
  mediaPortsMakeARange,
  targetsAreAllowed,
  ...chimeRules,
]

export function brokenRules(draft: Draft, environment: Environment): ConfigFault[] {
  return rules.flatMap((rule) => rule(draft, environment)).filter((found) => found !== undefined)
}

/** Nothing wrong, and yet probably not what was meant. */
export function oddities(draft: Draft): ConfigFault[] {
  const { routes, sip, trunks, chime } = draft
  const found: ConfigFault[] = chimeOddities(draft)
  if (routes.length === 0 && chime.rules.length === 0) {
    found.push(fault('config.missing', '$.routes', 'no routes: every incoming call is refused'))
  }
  const seen = new Map<string, number>()
  for (const { index, value } of routes) {
    const key = JSON.stringify([value.to, value.caller ?? null, [...sourcesOf(value.from)].sort()])
    const earlier = seen.get(key)
    if (earlier === undefined) seen.set(key, index)
    else
      found.push(fault('config.duplicate', `$.routes[${index}]`, `never used: routes[${earlier}] takes the same calls`))
  }
  const reachable = sip.listen.some(({ value }) => !isLoopback(value.host))
  const wayIn =
    sip.users.length > 0 ||
    trunks.some(({ value }) => value.sources.length > 0) ||
    routes.some(({ value }) => sourcesOf(value.from).includes('anyone'))
  if (reachable && !wayIn) {
    found.push(
      fault(
        'config.missing',
        '$.sip',
        'no trunk with sources, no user, and no route from "anyone": no call can come in',
      ),
    )
  }
  return found
}

function sourcesOf(from: string | readonly string[]): readonly string[] {
  return typeof from === 'string' ? [from] : from
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
