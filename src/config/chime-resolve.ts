/** From the checked sections `functions` and `chime` to what the server uses. */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type {
  BotConfig,
  Bucket,
  ChimeApplication,
  ChimeConfig,
  ChimeRule,
  ChimeTarget,
  FunctionConfig,
} from './chime-config.ts'
import type { applicationFile, bucketFile, chimeFile, functionFile, sipRuleFile } from './chime-schema.ts'
import type { SourceRule } from './config.ts'
import type { Secret } from './secret.ts'

/** @param file has passed the schema: exactly one of file, runtime, command, url and arn is there, and what goes with it. */
export function resolveFunction({ environment, ...file }: z.output<typeof functionFile>): FunctionConfig {
  const settings = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== undefined))
  const here = file.url === undefined && file.arn === undefined
  return (here ? { ...settings, env: environment } : settings) as FunctionConfig
}

/** @param secret finds a key's secret, in the file or in a variable. */
export function resolveChime(
  file: z.output<typeof chimeFile>,
  secret: (given: string | undefined, variable: string | undefined) => Secret,
): ChimeConfig {
  const applications = file.applications.map((one) => resolveApplication(one, file.region))
  return {
    region: file.region,
    account: file.account,
    applications,
    rules: file.rules.map((one) => resolveRule(one, applications)),
    from: [file.from].flat() as SourceRule[],
    numbers: file.numbers,
    buckets: Object.fromEntries(
      Object.entries(file.buckets).map(([name, bucket]) => [name, resolveBucket(name, bucket, file.region)]),
    ),
    ...(file.cdrBucket !== undefined && { cdrBucket: file.cdrBucket }),
    keys: file.keys.map(({ accessKeyId, secretAccessKey, secretAccessKeyEnv }) => ({
      accessKeyId,
      secret: secret(secretAccessKey, secretAccessKeyEnv),
    })),
    retries: file.retries,
    bots: Object.fromEntries(Object.entries(file.bots).map(([arn, bot]) => [arn, resolveBot(bot)])),
    ...(file.orphanSeconds !== undefined && { orphanSeconds: file.orphanSeconds }),
    hangupStatus: file.hangupStatus,
  }
}

function resolveBot({ intents, fallback, attempts, patienceSeconds }: BotFile): BotConfig {
  return {
    intents: intents.map(({ name, keys, say, slot }) => ({
      name,
      keys,
      ...(say !== undefined && { say }),
      ...(slot !== undefined && { slot }),
    })),
    ...(fallback !== undefined && { fallback }),
    attempts,
    patience: patienceSeconds * 1000,
  }
}

type BotFile = z.output<typeof chimeFile>['bots'][string]

function resolveApplication(file: z.output<typeof applicationFile>, region: string): ChimeApplication {
  return {
    id: file.id ?? idOf('application', file.name),
    name: file.name,
    function: file.function,
    region: file.region ?? region,
  }
}

function resolveRule(file: z.output<typeof sipRuleFile>, applications: readonly ChimeApplication[]): ChimeRule {
  return {
    id: file.id ?? idOf('rule', file.name),
    name: file.name,
    trigger:
      file.number !== undefined
        ? { kind: 'number', value: `+${file.number.replace(/^\+/, '')}` }
        : { kind: 'host', value: file.host!.toLowerCase() },
    applications: file.applications.map((wanted) => find(applications, wanted)!.id),
    state: file.disabled ? 'disabled' : 'enabled',
  }
}

/** What a route's `chime` names: a rule before an application of the same name. */
export function chimeTarget(wanted: string, { rules, applications }: ChimeConfig): ChimeTarget {
  const rule = find(rules, wanted)
  if (rule !== undefined) return { kind: 'rule', id: rule.id }
  return { kind: 'application', id: find(applications, wanted)!.id }
}

function find<T extends Readonly<{ id: string; name: string }>>(among: readonly T[], wanted: string): T | undefined {
  return among.find(({ name }) => name === wanted) ?? among.find(({ id }) => id === wanted)
}

function resolveBucket(name: string, file: z.output<typeof bucketFile>, region: string): Bucket {
  if (typeof file === 'string') return { kind: 'folder', folder: file }
  return {
    kind: 's3',
    bucket: file.bucket ?? name,
    region: file.region ?? region,
    ...(file.endpoint !== undefined && { endpoint: file.endpoint }),
  }
}

/** A UUID (version 5 in form) that a name always gives. */
export function idOf(kind: 'application' | 'rule', name: string): string {
  const hex = createHash('sha1').update(`onhook chime ${kind} ${name}`).digest('hex')
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-')
}
