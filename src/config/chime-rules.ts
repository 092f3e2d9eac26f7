/** What the sections `functions` and `chime` can get wrong together, and with the other sections. */
import { statSync } from 'node:fs'
import { isLoopback, isPrivate } from './address.ts'
import { idOf } from './chime-resolve.ts'
import { functionHomes } from './chime-schema.ts'
import type { Draft } from './draft.ts'
import { type ConfigFault, fault, jsonPath } from './fault.ts'
import { nearest } from './nearest.ts'
import { plainNumber } from './pattern.ts'
import { known, type Rule, repeated } from './rule.ts'

const namesAreUnique: Rule = ({ chime }) => [
  ...repeated(
    chime.applications,
    (index) => `$.chime.applications[${index}].name`,
    ({ name }) => name,
  ),
  ...repeated(
    chime.applications.filter(({ value }) => value.id !== undefined),
    (index) => `$.chime.applications[${index}].id`,
    ({ id }) => `${id}`,
  ),
  ...repeated(
    chime.rules,
    (index) => `$.chime.rules[${index}].name`,
    ({ name }) => name,
  ),
  ...repeated(
    chime.rules.filter(({ value }) => value.id !== undefined),
    (index) => `$.chime.rules[${index}].id`,
    ({ id }) => `${id}`,
  ),
  ...repeated(
    chime.rules,
    (index) => `$.chime.rules[${index}]`,
    ({ number, host }) => (number === undefined ? `${host}`.toLowerCase() : plainNumber(number)),
  ),
  ...repeated(
    chime.keys,
    (index) => `$.chime.keys[${index}].accessKeyId`,
    ({ accessKeyId }) => accessKeyId,
  ),
]

const namesExist: Rule = ({ chime, routes, names }) => {
  const applicationIds = chime.applications.map(({ value }) => idOf('application', value.name))
  return [
    ...chime.applications.map(({ index, value }) =>
      known(names, `$.chime.applications[${index}].function`, 'functions', value.function),
    ),
    ...chime.rules.flatMap(({ index, value }) =>
      value.applications.map((wanted, at) =>
        known(names, `$.chime.rules[${index}].applications[${at}]`, 'applications', wanted, applicationIds),
      ),
    ),
    known(names, '$.chime.cdrBucket', 'buckets', chime.cdrBucket),
    ...chime.from.map((source) => knownSource(names, source)),
    ...routes.map(({ index, value }) => knownTarget(names, chime, `$.routes[${index}].chime`, value.chime)),
  ]
}

function knownSource(names: Draft['names'], source: string): ConfigFault | undefined {
  const colon = source.indexOf(':')
  if (colon === -1) return undefined
  return known(names, '$.chime.from', source.startsWith('trunk:') ? 'trunks' : 'users', source.slice(colon + 1))
}

function knownTarget(
  names: Draft['names'],
  chime: Draft['chime'],
  place: string,
  wanted: string | undefined,
): ConfigFault | undefined {
  const there = [
    ...names.applications,
    ...names.sipRules,
    ...chime.applications.map(({ value }) => idOf('application', value.name)),
    ...chime.rules.map(({ value }) => idOf('rule', value.name)),
  ]
  if (wanted === undefined || there.includes(wanted)) return undefined
  const meant = nearest(wanted, there)
  return fault(
    'config.unknown-name',
    place,
    `there is no application and no rule "${wanted}"`,
    meant === undefined ? 'Add it under "chime.applications"' : `Did you mean "${meant}"?`,
  )
}

/** A handler that is not there would fail every call; better known now. */
const filesAreThere: Rule = ({ functions, chime }) => [
  ...functions.flatMap(({ name, value }) => [
    absent(jsonPath(['functions', name, 'file']), value.file, 'file'),
    absent(jsonPath(['functions', name, 'root']), value.root, 'folder'),
  ]),
  ...chime.buckets.map(({ name, value }) =>
    typeof value === 'string' ? absent(jsonPath(['chime', 'buckets', name]), value, 'folder') : undefined,
  ),
]

function absent(place: string, path: string | undefined, kind: 'file' | 'folder'): ConfigFault | undefined {
  if (path === undefined) return undefined
  const found = statSync(path, { throwIfNoEntry: false })
  const right = kind === 'file' ? found?.isFile() : found?.isDirectory()
  return right === true
    ? undefined
    : fault('config.missing', place, `there is no ${kind} "${path}"`, 'Paths are relative to the working directory')
}

/** Which settings go with which home; the others would silently do nothing. */
const belongings = {
  file: ['handler', 'environment', 'memory'],
  runtime: ['handler', 'root', 'environment', 'memory'],
  command: ['handler', 'root', 'environment', 'memory'],
  url: [],
  arn: ['region', 'endpoint'],
} as const satisfies Record<(typeof functionHomes)[number], readonly string[]>

const settingsReachTheFunction: Rule = ({ functions }) =>
  functions.flatMap(({ name, value }) => {
    const home = functionHomes.find((key) => value[key] !== undefined)
    if (home === undefined) return []
    const allowed: readonly string[] = [...belongings[home], home, 'concurrency']
    const given = Object.entries(value).filter(
      ([, setting]) => setting !== undefined && !(typeof setting === 'object' && Object.keys(setting).length === 0),
    )
    return [
      ...given
        .filter(([key]) => !allowed.includes(key))
        .map(([key]) =>
          fault('config.invalid', jsonPath(['functions', name, key]), `a function with "${home}" has no "${key}"`),
        ),
      home === 'runtime' && value.handler === undefined
        ? fault('config.missing', jsonPath(['functions', name, 'handler']), 'missing: expected module.function')
        : undefined,
    ]
  })

/** The operator names these himself; the addresses where cloud machines keep their credentials are yet never meant. */
const functionsAreNoMetadata: Rule = ({ functions }) =>
  functions.map(({ name, value }) => {
    if (value.url === undefined) return undefined
    const { hostname } = new URL(value.url)
    return /^169\.254\./.test(hostname) && isPrivate(hostname)
      ? fault('config.open', jsonPath(['functions', name, 'url']), `${hostname} is a link-local address`)
      : undefined
  })

export const chimeRules: readonly Rule[] = [
  namesAreUnique,
  namesExist,
  filesAreThere,
  settingsReachTheFunction,
  functionsAreNoMetadata,
]

/** Nothing wrong, and yet probably not what was meant. */
export function chimeOddities({ chime, functions, http, routes }: Draft): ConfigFault[] {
  const found: ConfigFault[] = []
  const inUse = chime.applications.length > 0 || chime.rules.length > 0
  const guarded = http.host !== undefined && (!isLoopback(http.host) || http.written > 0)
  if (inUse && guarded && chime.written === 0) {
    found.push(
      fault(
        'config.missing',
        '$.chime.keys',
        'no keys: AWS clients are refused by the control API',
        'Add an access key to let them in',
      ),
    )
  }
  const used = new Set(chime.applications.map(({ value }) => value.function))
  for (const { name } of functions) {
    if (!used.has(name)) {
      found.push(
        fault('config.missing', jsonPath(['functions', name]), 'never used: no application of "chime" names it'),
      )
    }
  }
  const ruled = new Set(chime.rules.flatMap(({ value }) => value.applications))
  const routed = new Set(routes.map(({ value }) => value.chime))
  for (const { index, value } of chime.applications) {
    const names = [value.name, value.id ?? idOf('application', value.name)]
    if (!names.some((name) => ruled.has(name) || routed.has(name))) {
      found.push(
        fault('config.missing', `$.chime.applications[${index}]`, 'no rule and no route leads to it: no call comes in'),
      )
    }
  }
  return found
}
