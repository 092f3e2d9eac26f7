/** What is wrong with a configuration, said so that it can be mended: where, what, and how. */
import type { z } from 'zod'
import type { Fault } from '../dialects/dialect.ts'
import { nearest } from './nearest.ts'

export const configCodes = [
  'config.unreadable',
  'config.not-json',
  'config.invalid',
  'config.missing',
  'config.unknown-key',
  'config.unknown-name',
  'config.duplicate',
  'config.variable',
  'config.open',
] as const
export type ConfigCode = (typeof configCodes)[number]

export type ConfigFault = Fault & Readonly<{ code: ConfigCode }>

/** Characters of one sentence: a wrong value that is named in it may be a whole file. */
const longest = 500

export function fault(code: ConfigCode, place: string, message: string, remedy?: string): ConfigFault {
  const said = { code, place: short(place), message: short(message) }
  return remedy === undefined ? said : { ...said, remedy: short(remedy) }
}

function short(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}

/** `$.routes[2].to` */
export function jsonPath(path: readonly PropertyKey[]): string {
  let text = '$'
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += /^[A-Za-z_$][\w$]*$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(String(step))}]`
  }
  return text
}

/** One line per fault for a terminal or a log: `place: message (remedy)`. */
export function faultLine({ place, message, remedy }: Fault): string {
  return remedy === undefined ? `${place}: ${message}` : `${place}: ${message}. ${remedy}`
}

/** Sections that a later version will know; naming them beats "unknown key". */
const reserved: Readonly<Record<string, string>> = {
  whatsapp: 'WhatsApp is not carried by this version',
}

/** Zod's issues in our words. A union's issues are those of the member that came nearest. */
export function faultsOf(
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  base: PropertyKey[] = [],
): ConfigFault[] {
  return issues.flatMap((issue): ConfigFault[] => {
    const path = [...base, ...issue.path]
    const place = jsonPath(path)
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey(schema, path, key))
      case 'invalid_union': {
        if (issue.errors.length === 0) {
          const options = (issue as { options?: readonly unknown[] }).options ?? []
          return [
            fault('config.invalid', place, `expected one of ${options.map((option) => `"${option}"`).join(', ')}`),
          ]
        }
        const deepest = (member: readonly z.core.$ZodIssue[]) => Math.max(...member.map((one) => one.path.length))
        const best = [...issue.errors].sort((a, b) => deepest(b) - deepest(a))[0]!
        return faultsOf(schema, best, path)
      }
      case 'invalid_type':
        return issue.input === undefined && /received undefined/.test(issue.message)
          ? [fault('config.missing', place, `missing: expected ${issue.expected}`)]
          : [fault('config.invalid', place, plain(issue.message))]
      default:
        return [fault('config.invalid', place, plain(issue.message))]
    }
  })
}

function unknownKey(schema: z.ZodType, path: readonly PropertyKey[], key: string): ConfigFault {
  const place = jsonPath([...path, key])
  const known = knownKeys(schema, path)
  const later = path.length === 0 ? reserved[key] : undefined
  if (later !== undefined) return fault('config.unknown-key', place, later, 'Remove the section')
  const meant = nearest(key, known)
  return fault(
    'config.unknown-key',
    place,
    'unknown key',
    meant === undefined ? `Known here: ${known.join(', ')}` : `Did you mean "${meant}"?`,
  )
}

/** The keys that an object at this path may have. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: readonly z.core.$ZodType[] = [schema]
  for (const step of path) here = here.flatMap(members).flatMap((member) => child(member, step))
  const keys = new Set<string>()
  for (const member of here.flatMap(members)) {
    const { def } = member._zod
    if (def.type === 'object') for (const key of Object.keys((def as z.core.$ZodObjectDef).shape)) keys.add(key)
  }
  keys.delete('$schema')
  return [...keys]
}

/** Looks through optionals, defaults and unions. */
function members(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { def } = schema._zod
  if ('innerType' in def) return members(def.innerType as z.core.$ZodType)
  if (def.type === 'union') return (def as z.core.$ZodUnionDef).options.flatMap(members)
  return [schema]
}

function child(schema: z.core.$ZodType, step: PropertyKey): readonly z.core.$ZodType[] {
  const { def } = schema._zod
  if (def.type === 'object') {
    const inner = (def as z.core.$ZodObjectDef).shape[String(step)]
    return inner === undefined ? [] : [inner]
  }
  if (def.type === 'array') return [(def as z.core.$ZodArrayDef).element]
  if (def.type === 'record') return [(def as z.core.$ZodRecordDef).valueType]
  return []
}

function plain(message: string): string {
  return message
    .replace(/^Invalid (?:input|option): /, '')
    .replace(/^Too (small|big): /, (_, size: string) => (size === 'small' ? 'too small: ' : 'too big: '))
    .replaceAll('"|"', '", "')
}
