/** What rules between sections are made of. */
import type { Draft } from './draft.ts'
import type { Environment } from './environment.ts'
import { type ConfigFault, fault } from './fault.ts'
import { nearest } from './nearest.ts'

export type Rule = (draft: Draft, environment: Environment) => readonly (ConfigFault | undefined)[]

export function repeated<T>(
  items: readonly Readonly<{ index: number; value: T }>[],
  place: (index: number) => string,
  key: (value: T) => string,
): ConfigFault[] {
  const seen = new Set<string>()
  return items.flatMap(({ index, value }) => {
    const name = key(value)
    if (seen.has(name)) return [fault('config.duplicate', place(index), `"${name}" is there twice`)]
    seen.add(name)
    return []
  })
}

/** What a kind of names is called in a fault, and the section where they are at home. */
const kinds = {
  trunks: { one: 'trunk', home: 'trunks' },
  users: { one: 'user', home: 'sip.users' },
  accounts: { one: 'account', home: 'accounts' },
  functions: { one: 'function', home: 'functions' },
  applications: { one: 'application', home: 'chime.applications' },
  buckets: { one: 'bucket', home: 'chime.buckets' },
} as const

/** @param also further names that are right. */
export function known(
  names: Draft['names'],
  place: string,
  kind: keyof typeof kinds,
  name: string | undefined,
  also: readonly string[] = [],
): ConfigFault | undefined {
  if (name === undefined || names[kind].includes(name) || also.includes(name)) return undefined
  const { one, home } = kinds[kind]
  const meant = nearest(name, names[kind])
  const remedy = meant === undefined ? `Add it under "${home}"` : `Did you mean "${meant}"?`
  return fault('config.unknown-name', place, `there is no ${one} "${name}"`, remedy)
}
