/**
 * `ONHOOK_*` variables: one row each, written over the file's value. docs/config.md prints this table.
 */

import { type ConfigFault, fault, jsonPath } from './fault.ts'
import { nearest } from './nearest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A name of the file's choice may be `constructor`: what every object has is no variable. */
export function variableOf(environment: Environment, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined
}

/** How the text of a variable is read. */
type Form =
  | 'text'
  | 'number'
  /** Comma-separated. */
  | 'list'
  /** `20000-29999` */
  | 'port-range'
  /** `udp:0.0.0.0:5060,tcp:[::]:5060` */
  | 'listen'
  /** `true` or `false` */
  | 'flag'
  | 'json'
  /** One token with every scope, beside those of the file. */
  | 'token'

export type Variable = Readonly<{ name: string; path: readonly string[]; form: Form; example: string }>

export const variables: readonly Variable[] = [
  { name: 'ONHOOK_DATA_PATH', path: ['data', 'path'], form: 'text', example: '/var/lib/onhook/onhook.db' },
  { name: 'ONHOOK_DATA_MEMORY', path: ['data', 'memory'], form: 'flag', example: 'true' },
  { name: 'ONHOOK_HTTP_HOST', path: ['http', 'host'], form: 'text', example: '0.0.0.0' },
  { name: 'ONHOOK_HTTP_PORT', path: ['http', 'port'], form: 'number', example: '8060' },
  { name: 'ONHOOK_HTTP_TOKEN', path: ['http', 'tokens'], form: 'token', example: 'a-long-random-secret' },
  {
    name: 'ONHOOK_HTTP_TOKENS',
    path: ['http', 'tokens'],
    form: 'json',
    example: '[{"name":"ops","tokenEnv":"OPS_TOKEN","scopes":["end"]}]',
  },
  { name: 'ONHOOK_SIP_LISTEN', path: ['sip', 'listen'], form: 'listen', example: 'udp:0.0.0.0:5060,tcp:0.0.0.0:5060' },
  { name: 'ONHOOK_SIP_ADVERTISED', path: ['sip', 'advertised'], form: 'text', example: '203.0.113.9' },
  { name: 'ONHOOK_SIP_REALM', path: ['sip', 'realm'], form: 'text', example: 'example.org' },
  { name: 'ONHOOK_SIP_DIGEST', path: ['sip', 'digest'], form: 'list', example: 'SHA-256,MD5' },
  { name: 'ONHOOK_SIP_MEDIA_PORTS', path: ['sip', 'media', 'ports'], form: 'port-range', example: '20000-29999' },
  { name: 'ONHOOK_SIP_MEDIA_ADDRESS', path: ['sip', 'media', 'address'], form: 'text', example: '203.0.113.9' },
  { name: 'ONHOOK_SIP_MEDIA_SILENCE_SECONDS', path: ['sip', 'media', 'silenceSeconds'], form: 'number', example: '30' },
  {
    name: 'ONHOOK_SIP_USERS',
    path: ['sip', 'users'],
    form: 'json',
    example: '[{"name":"alice","passwordEnv":"ALICE"}]',
  },
  { name: 'ONHOOK_ROUTES', path: ['routes'], form: 'json', example: '[{"to":"*","app":{…}}]' },
  { name: 'ONHOOK_OUTBOUND', path: ['outbound'], form: 'json', example: '[{"to":"+1*","trunk":"carrier"}]' },
  { name: 'ONHOOK_TRUNKS', path: ['trunks'], form: 'json', example: '[{"name":"carrier","server":"sip.example"}]' },
  {
    name: 'ONHOOK_ACCOUNTS',
    path: ['accounts'],
    form: 'json',
    example: '[{"platform":"vobiz","authId":"MA_1","authTokenEnv":"VOBIZ"}]',
  },
  {
    name: 'ONHOOK_FUNCTIONS',
    path: ['functions'],
    form: 'json',
    example: '{"menu":{"file":"menu.js"}}',
  },
  { name: 'ONHOOK_MATRIX_HOMESERVER', path: ['matrix', 'homeserver'], form: 'text', example: 'https://matrix.example' },
  { name: 'ONHOOK_MATRIX_SERVER_NAME', path: ['matrix', 'serverName'], form: 'text', example: 'example.org' },
  { name: 'ONHOOK_MATRIX_AS_TOKEN', path: ['matrix', 'asToken'], form: 'text', example: 'a-long-random-secret' },
  { name: 'ONHOOK_MATRIX_HS_TOKEN', path: ['matrix', 'hsToken'], form: 'text', example: 'another-long-secret' },
  { name: 'ONHOOK_MATRIX_URL', path: ['matrix', 'url'], form: 'text', example: 'http://onhook.internal:8069' },
  { name: 'ONHOOK_CHIME_REGION', path: ['chime', 'region'], form: 'text', example: 'us-east-1' },
  { name: 'ONHOOK_CHIME_ACCOUNT', path: ['chime', 'account'], form: 'text', example: '111122223333' },
  {
    name: 'ONHOOK_CHIME_APPLICATIONS',
    path: ['chime', 'applications'],
    form: 'json',
    example: '[{"name":"menu","function":"menu"}]',
  },
  {
    name: 'ONHOOK_CHIME_RULES',
    path: ['chime', 'rules'],
    form: 'json',
    example: '[{"name":"main","number":"+15550100","applications":["menu"]}]',
  },
  { name: 'ONHOOK_CHIME_FROM', path: ['chime', 'from'], form: 'list', example: 'trunks,users' },
  { name: 'ONHOOK_CHIME_NUMBERS', path: ['chime', 'numbers'], form: 'list', example: '+15550100,+15550199' },
  { name: 'ONHOOK_CHIME_BUCKETS', path: ['chime', 'buckets'], form: 'json', example: '{"prompts":"./prompts"}' },
  { name: 'ONHOOK_CHIME_CDR_BUCKET', path: ['chime', 'cdrBucket'], form: 'text', example: 'records' },
  {
    name: 'ONHOOK_CHIME_KEYS',
    path: ['chime', 'keys'],
    form: 'json',
    example: '[{"accessKeyId":"AKIAEXAMPLE","secretAccessKeyEnv":"CHIME_SECRET"}]',
  },
  { name: 'ONHOOK_CHIME_RETRIES', path: ['chime', 'retries'], form: 'number', example: '1' },
  { name: 'ONHOOK_CHIME_ORPHAN_SECONDS', path: ['chime', 'orphanSeconds'], form: 'number', example: '60' },
  { name: 'ONHOOK_CHIME_HANGUP_STATUS', path: ['chime', 'hangupStatus'], form: 'number', example: '603' },
  { name: 'ONHOOK_DELIVERY_ALLOW_PRIVATE', path: ['delivery', 'allowPrivate'], form: 'list', example: '10.0.0.0/8' },
  { name: 'ONHOOK_LIMITS_CALLS', path: ['limits', 'calls'], form: 'number', example: '10000' },
  { name: 'ONHOOK_LIMITS_CALLS_PER_SECOND', path: ['limits', 'callsPerSecond'], form: 'number', example: '500' },
  { name: 'ONHOOK_LIMITS_CALLS_PER_CALLER', path: ['limits', 'callsPerCaller'], form: 'number', example: '100' },
  { name: 'ONHOOK_LIMITS_RING_SECONDS', path: ['limits', 'ringSeconds'], form: 'number', example: '120' },
  { name: 'ONHOOK_LIMITS_DURATION_SECONDS', path: ['limits', 'durationSeconds'], form: 'number', example: '14400' },
  { name: 'ONHOOK_LIMITS_DRAIN_SECONDS', path: ['limits', 'drainSeconds'], form: 'number', example: '30' },
  { name: 'ONHOOK_LOG_LEVEL', path: ['log', 'level'], form: 'text', example: 'info' },
]

/** Read by the command line itself, not by the server. */
const others = ['ONHOOK_CONFIG', 'ONHOOK_URL', 'ONHOOK_TOKEN', 'ONHOOK_LONG']

export type Overlaid = Readonly<{
  value: unknown
  faults: readonly ConfigFault[]
  warnings: readonly ConfigFault[]
  /** JSON path → variable that set it. */
  origins: ReadonlyMap<string, string>
}>

/** Writes the variables over a configuration file's value, which is not changed. An empty variable counts as unset. */
export function overlay(file: unknown, environment: Environment): Overlaid {
  const faults: ConfigFault[] = []
  const origins = new Map<string, string>()
  const value = structuredClone(file)
  if (!isObject(value)) return { value, faults, warnings: [], origins }
  for (const variable of variables) {
    const text = environment[variable.name]
    if (text === undefined || text === '') continue
    const read = readers[variable.form](text)
    if (!read.ok) {
      faults.push(
        fault('config.variable', variable.name, read.message, `Example: ${variable.name}=${variable.example}`),
      )
      continue
    }
    origins.set(jsonPath(variable.path), variable.name)
    write(value, variable, read.value)
  }
  return { value, faults, warnings: unknownVariables(environment, file), origins }
}

function write(target: Record<string, unknown>, { path, form }: Variable, value: unknown): void {
  let here = target
  for (const step of path.slice(0, -1)) {
    if (here[step] === undefined) here[step] = {}
    const next = here[step]
    if (!isObject(next)) return
    here = next
  }
  const last = path.at(-1) as string
  if (form === 'token') {
    const before = here[last]
    here[last] = [...(Array.isArray(before) ? before : []), value]
    return
  }
  here[last] = value
  // The two ways to say where the data lives exclude each other; the variable wins over the file.
  if (path[0] === 'data') delete here[last === 'path' ? 'memory' : 'path']
}

type Read = { ok: true; value: unknown } | { ok: false; message: string }
const good = (value: unknown): Read => ({ ok: true, value })
const bad = (message: string): Read => ({ ok: false, message })

const readers: Readonly<Record<Form, (text: string) => Read>> = {
  text: good,
  number: (text) => (/^-?\d+$/.test(text.trim()) ? good(Number(text)) : bad('expected a whole number')),
  list: (text) => good(splitList(text)),
  'port-range': (text) => {
    const match = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(text)
    return match === null ? bad('expected FIRST-LAST') : good([Number(match[1]), Number(match[2])])
  },
  listen: (text) => {
    const sockets = splitList(text).map((item) => /^(udp|tcp):(?:\[([^\]]+)\]|([^:]+)):(\d+)$/i.exec(item))
    if (sockets.includes(null)) return bad('expected TRANSPORT:ADDRESS:PORT, several separated by commas')
    return good(
      sockets.map((socket) => ({
        transport: socket![1]!.toLowerCase(),
        host: socket![2] ?? socket![3],
        port: Number(socket![4]),
      })),
    )
  },
  flag: (text) => (text === 'true' || text === 'false' ? good(text === 'true') : bad('expected true or false')),
  json: (text) => {
    try {
      return good(JSON.parse(text))
    } catch {
      // The parser's message would quote the text, which may hold a secret.
      return bad('not JSON')
    }
  },
  token: (text) => good({ name: 'environment', token: text, scopes: ['admin'] }),
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** A mistyped variable would silently do nothing: say so, unless the file names it as the home of a secret. */
function unknownVariables(environment: Environment, file: unknown): ConfigFault[] {
  const names = variables.map((variable) => variable.name)
  const known = new Set([...names, ...others, ...secretVariables(file)])
  return Object.keys(environment)
    .filter((name) => name.startsWith('ONHOOK_') && environment[name] !== '' && !known.has(name))
    .map((name) => {
      const meant = nearest(name, names)
      return fault(
        'config.variable',
        name,
        'unknown variable',
        meant === undefined ? undefined : `Did you mean ${meant}?`,
      )
    })
}

function secretVariables(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(secretVariables)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key.endsWith('Env') && typeof inner === 'string' ? [inner] : secretVariables(inner),
  )
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
