/**
 * As much of a configuration as can be read. What is at fault is absent, so that the rules between sections can
 * still be checked on the rest, and every fault is listed at once.
 */
import type { z } from 'zod'
import { accessKeyFile, applicationFile, bucketFile, functionFile, sipRuleFile } from './chime-schema.ts'
import { isObject } from './environment.ts'
import { matrixFile } from './matrix-schema.ts'
import {
  accountFile,
  httpFile,
  listenFile,
  mediaFile,
  outboundFile,
  routeFile,
  sipFile,
  tokenFile,
  trunkFile,
  userFile,
} from './schema.ts'

/** One element of a list; `value` is absent where the element itself is at fault. */
type Item<S extends z.ZodType> = Readonly<{ index: number; value: z.output<S> }>

export type Draft = ReturnType<typeof draftOf>

export function draftOf(value: unknown) {
  const file = objectOf(value)
  const http = objectOf(file.http)
  const sip = objectOf(file.sip)
  const media = objectOf(sip.media)
  const chime = objectOf(file.chime)
  return {
    http: {
      host: read(httpFile.shape.host, http.host),
      tokens: items(tokenFile, http.tokens),
      /** As many as are written, right or wrong. */
      written: Array.isArray(http.tokens) ? http.tokens.length : 0,
    },
    sip: {
      listen: items(listenFile, sip.listen ?? sipFile.shape.listen.parse(undefined)),
      advertised: read(sipFile.shape.advertised, sip.advertised),
      media: {
        ports: read(mediaFile.shape.ports, media.ports),
      },
      users: items(userFile, sip.users),
    },
    routes: items(routeFile, file.routes),
    outbound: items(outboundFile, file.outbound),
    trunks: items(trunkFile, file.trunks),
    accounts: items(accountFile, file.accounts),
    functions: entries(functionFile, file.functions),
    chime: {
      applications: items(applicationFile, chime.applications),
      rules: items(sipRuleFile, chime.rules),
      from: sourcesIn(chime.from),
      buckets: entries(bucketFile, chime.buckets),
      cdrBucket: typeof chime.cdrBucket === 'string' ? chime.cdrBucket : undefined,
      keys: items(accessKeyFile, chime.keys),
      /** As many as are written, right or wrong. */
      written: Array.isArray(chime.keys) ? chime.keys.length : 0,
    },
    matrix: file.matrix === undefined ? undefined : (read(matrixFile, file.matrix) ?? ('at fault' as const)),
    allowPrivate: strings(objectOf(file.delivery).allowPrivate),
    /** Names of trunks, users and accounts, also of those whose other keys are at fault: they do exist. */
    names: {
      trunks: named(file.trunks, 'name'),
      users: named(sip.users, 'name'),
      accounts: named(file.accounts, 'authId'),
      functions: Object.keys(objectOf(file.functions)),
      buckets: Object.keys(objectOf(chime.buckets)),
      applications: [...named(chime.applications, 'name'), ...named(chime.applications, 'id')],
      sipRules: [...named(chime.rules, 'name'), ...named(chime.rules, 'id')],
    },
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | undefined {
  const result = schema.safeParse(value)
  return result.success ? result.data : undefined
}

function items<S extends z.ZodType>(schema: S, value: unknown): readonly Item<S>[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((element, index) => {
    const result = schema.safeParse(element)
    return result.success ? [{ index, value: result.data }] : []
  })
}

/** Of a section whose keys are names. */
function entries<S extends z.ZodType>(
  schema: S,
  value: unknown,
): readonly Readonly<{ name: string; value: z.output<S> }>[] {
  return Object.entries(objectOf(value)).flatMap(([name, element]) => {
    const result = schema.safeParse(element)
    return result.success ? [{ name, value: result.data }] : []
  })
}

function sourcesIn(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : strings(value)
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : []
}

function named(value: unknown, key: string): readonly string[] {
  return Array.isArray(value) ? strings(value.map((element) => objectOf(element)[key])) : []
}
