/** The shape of `onhook.config.json`. What one value alone can get wrong is said here; what several together, in `rules.ts`. */

import { z } from 'zod'
import { causeNames } from '../call/causes.ts'
import { type CompatSwitch, compatModes, compatSwitches } from '../dialects/vobiz/compat.ts'
import { isAddress, isRange } from './address.ts'
import { chimeFile, functionsFile } from './chime-schema.ts'
import { digestAlgorithms, logLevels, scopes } from './config.ts'
import { matrixFile } from './matrix-schema.ts'
import { bearer, httpUrl, name, pattern, sourceRule, variable, withChoice } from './shapes.ts'

const seconds = (lowest: number, highest: number) => z.int().min(lowest).max(highest)
const port = z.int().min(0).max(65_535)
const method = z.enum(['GET', 'POST'])
const transport = z.enum(['udp', 'tcp'])
const host = z.string().regex(/^[\w.:-]{1,253}$/, 'expected an IP address or a host name')
const sipUri = /^sips?:[^\s@]+(@\S+)?$/i

export const tokenFile = withChoice(
  z.strictObject({
    name,
    token: bearer.optional(),
    tokenEnv: variable.optional(),
    scopes: z.array(z.enum(scopes)).min(1),
  }),
  ['token', 'tokenEnv'],
  'one',
)

export const listenFile = z.strictObject({
  transport: transport.default('udp'),
  host: z.string().refine(isAddress, 'expected an IP address').default('127.0.0.1'),
  port: port.default(5060),
})

export const userFile = withChoice(
  z.strictObject({
    name: name,
    password: z.string().min(8, 'too short: at least 8 characters').optional(),
    passwordEnv: variable.optional(),
  }),
  ['password', 'passwordEnv'],
  'one',
)

export const trunkFile = z.strictObject({
  name,
  server: z
    .string()
    .regex(/^[\w.-]{1,253}(:\d{1,5})?$|^\[[\da-f:]+\](:\d{1,5})?$/i, 'expected host or host:port')
    .refine((text) => Number(/:(\d+)$/.exec(text)?.[1] ?? 1) <= 65_535, 'expected a port up to 65535')
    .optional(),
  transport: transport.default('udp'),
  sources: z
    .array(z.string().refine(isRange, 'expected an IP address or a CIDR range such as 203.0.113.0/24'))
    .default([]),
  credentials: withChoice(
    z.strictObject({
      username: z.string().min(1),
      password: z.string().min(1).optional(),
      passwordEnv: variable.optional(),
      realm: z.string().min(1).optional(),
    }),
    ['password', 'passwordEnv'],
    'one',
  ).optional(),
  callerId: z.string().min(1).max(128).optional(),
})

const compat = z.strictObject({
  mode: z.enum(compatModes).optional(),
  ...(Object.fromEntries(
    Object.entries(compatSwitches).map(([name, { values }]) => [name, z.enum(values).optional()]),
  ) as unknown as { [S in CompatSwitch]: z.ZodOptional<z.ZodEnum> }),
})

const vobizApp = withChoice(
  z.strictObject({
    platform: z.literal('vobiz'),
    vendor: z.enum(['vobiz', 'plivo']).default('vobiz'),
    account: z.string().min(1).optional(),
    answerUrl: httpUrl.optional(),
    answerMethod: method.default('POST'),
    fallbackUrl: httpUrl.optional(),
    fallbackMethod: method.default('POST'),
    hangupUrl: httpUrl.optional(),
    hangupMethod: method.default('POST'),
    ringUrl: httpUrl.optional(),
    ringMethod: method.default('POST'),
    document: z.string().min(1).max(102_400).optional(),
    compat: compat.default({}),
  }),
  ['answerUrl', 'document'],
  'one',
)

/** What runs on a call. One member per platform. */
export const appFile = z.discriminatedUnion('platform', [vobizApp])

const callee = z.string().min(1).max(255).regex(/^\S+$/, 'expected no blanks')

const directFile = z.strictObject({
  to: z.union([callee, z.array(callee).min(1).max(32)]).optional(),
  trunk: z.string().optional(),
  callerId: z.string().min(1).max(128).optional(),
})

export const routeFile = withChoice(
  z.strictObject({
    to: pattern,
    from: z.union([sourceRule, z.array(sourceRule).min(1)]).default(['trunks', 'users']),
    caller: pattern.optional(),
    limits: z
      .strictObject({ ringSeconds: seconds(1, 600).optional(), durationSeconds: seconds(1, 86_400).optional() })
      .default({}),
    app: appFile.optional(),
    direct: directFile.optional(),
    chime: z.string().min(1).optional().describe('An application or a rule of the section "chime", by name or id.'),
    room: z.string().min(1).max(128).optional().describe('A conference: everybody who calls hears everybody else.'),
    hold: z.literal(true).optional().describe('Answer, and hold the call until somebody ends it.'),
    refuse: z.enum(causeNames as [(typeof causeNames)[number], ...(typeof causeNames)[number][]]).optional(),
  }),
  ['app', 'chime', 'direct', 'room', 'hold', 'refuse'],
  'one',
)

export const outboundFile = z.strictObject({ to: pattern, trunk: z.string().optional() })

export const accountFile = withChoice(
  z.strictObject({
    platform: z.literal('vobiz'),
    authId: z.string().min(1).max(64),
    authToken: z.string().min(8, 'too short: at least 8 characters').optional(),
    authTokenEnv: variable.optional(),
  }),
  ['authToken', 'authTokenEnv'],
  'one',
)

const range = z.string().refine(isRange, 'expected an IP address or a CIDR range such as 10.0.0.0/8')

export const dataFile = withChoice(
  z.strictObject({ path: z.string().min(1).optional(), memory: z.literal(true).optional() }),
  ['path', 'memory'],
  'at most one',
)

export const httpFile = z.strictObject({
  host: host.default('127.0.0.1'),
  port: port.default(8060),
  tokens: z.array(tokenFile).default([]),
})

export const mediaFile = z.strictObject({
  ports: z.tuple([z.int().min(1024).max(65_534), z.int().min(1025).max(65_535)]).default([20_000, 29_999]),
  address: z.string().refine(isAddress, 'expected an IP address').optional(),
  silenceSeconds: seconds(5, 3600).default(30),
  rtcp: z.boolean().default(true),
})

export const sipFile = z.strictObject({
  listen: z
    .array(listenFile)
    .min(1, 'expected at least one address')
    .default([
      { transport: 'udp', host: '127.0.0.1', port: 5060 },
      { transport: 'tcp', host: '127.0.0.1', port: 5060 },
    ]),
  advertised: host.optional(),
  realm: z
    .string()
    .regex(/^[^"\\\r\n]{1,128}$/, 'expected no quotes or line breaks')
    .default('onhook'),
  digest: z
    .array(z.enum(digestAlgorithms))
    .min(1)
    .refine((all) => new Set(all).size === all.length, 'expected each once')
    .default(['MD5']),
  media: mediaFile.prefault({}),
  users: z.array(userFile).default([]),
})

export const limitsFile = z.strictObject({
  calls: z.int().min(1).max(1_000_000).default(10_000),
  callsPerSecond: z.int().min(1).max(100_000).default(500),
  callsPerCaller: z.int().min(1).max(1_000_000).optional(),
  ringSeconds: seconds(1, 600).default(120),
  durationSeconds: seconds(1, 86_400).default(14_400),
  drainSeconds: seconds(0, 86_400).default(30),
})

export const configFile = z.strictObject({
  $schema: z.string().optional(),
  data: dataFile.prefault({}),
  http: httpFile.prefault({}),
  sip: sipFile.prefault({}),
  routes: z.array(routeFile).default([]),
  outbound: z.array(outboundFile).default([]),
  trunks: z.array(trunkFile).default([]),
  accounts: z.array(accountFile).default([]),
  functions: functionsFile.default({}),
  chime: chimeFile.prefault({}),
  matrix: matrixFile.optional(),
  delivery: z.strictObject({ allowPrivate: z.array(range).default([]) }).prefault({}),
  limits: limitsFile.prefault({}),
  log: z.strictObject({ level: z.enum(logLevels).default('info') }).prefault({}),
})

export type ConfigFile = z.output<typeof configFile>
export type RouteFile = z.output<typeof routeFile>
export type AppFile = z.output<typeof appFile>

/** `@user:server` */
export function isMatrixUser(text: string): boolean {
  return /^@[^\s:]+:\S+$/.test(text)
}

export function isSipUri(text: string): boolean {
  return sipUri.test(text)
}

/** JSON Schema of the file, for editors: what `onhook check-config --schema` prints. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configFile, { io: 'input', target: 'draft-2020-12' })
}
