import type { Fault, Parsed } from './dialect.ts'

/**
 * Shapes of JSON messages, as data. One shape reads tolerantly and writes strictly, and gives both TypeScript types:
 * `ReadOf<typeof shape>` is what came in, where only what the message is useless without is sure to be there;
 * `WriteOf<typeof shape>` is what goes out, where the vendor's schema must hold.
 */

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON type of a value, as people say it. */
export function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** `$.CallDetails.Participants[0]['a b']` */
export function under(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}['${key.replaceAll(/['\\]/g, '\\$&')}']`
}

/** The kinds of fault of every shape; a dialect puts its name before them: `chime.missing`. */
export type ShapeFault = 'json' | 'wrong-type' | 'missing' | 'value' | 'unknown-key'

/** Where reading and writing note what is wrong. */
export class Notes {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []
  readonly #dialect: string

  constructor(dialect: string) {
    this.#dialect = dialect
  }

  fault(kind: ShapeFault, place: string, message: string, remedy?: string): undefined {
    this.faults.push(this.#note(kind, place, message, remedy))
  }

  warn(kind: ShapeFault, place: string, message: string, remedy?: string): undefined {
    this.warnings.push(this.#note(kind, place, message, remedy))
  }

  #note(kind: ShapeFault, place: string, message: string, remedy: string | undefined): Fault {
    const code = `${this.#dialect}.${kind}`
    return remedy === undefined ? { code, place, message } : { code, place, message, remedy }
  }

  result<T>(value: T): Parsed<T> {
    return this.faults.length > 0 ? { ok: false, faults: this.faults } : { ok: true, value, warnings: this.warnings }
  }
}

/** One kind of JSON value. `read` gives undefined for what it cannot take, and warns; `write` notes faults. */
export type Kind<In, Out = In> = Readonly<{
  read(value: unknown, path: string, notes: Notes): In | undefined
  write(value: Out, path: string, notes: Notes): unknown
}>

/**
 * `need` the message is useless without it · `always` the schema requires it, and a message that lacks it is still
 * read · `maybe` optional.
 */
type Level = 'need' | 'always' | 'maybe'
type Field<In = unknown, Out = unknown, L extends Level = Level> = Readonly<{ kind: Kind<In, Out>; level: L }>
// biome-ignore lint/suspicious/noExplicitAny: the only type that every field of any kind is assignable to
type Fields = Readonly<Record<string, Field<any, any>>>

export const need = <In, Out>(kind: Kind<In, Out>): Field<In, Out, 'need'> => ({ kind, level: 'need' })
export const always = <In, Out>(kind: Kind<In, Out>): Field<In, Out, 'always'> => ({ kind, level: 'always' })
export const maybe = <In, Out>(kind: Kind<In, Out>): Field<In, Out, 'maybe'> => ({ kind, level: 'maybe' })

type KeysAt<F extends Fields, L extends Level> = {
  [K in keyof F]: F[K]['level'] extends L ? K : never
}[keyof F]
type FieldIn<F> = F extends Field<infer In, infer _> ? In : never
type FieldOut<F> = F extends Field<infer _, infer Out> ? Out : never
type Flat<T> = { [K in keyof T]: T[K] }

export type ObjectIn<F extends Fields> = Flat<
  { readonly [K in KeysAt<F, 'need'>]: FieldIn<F[K]> } & {
    readonly [K in KeysAt<F, 'always' | 'maybe'>]?: FieldIn<F[K]>
  }
>
export type ObjectOut<F extends Fields> = Flat<
  { readonly [K in KeysAt<F, 'need' | 'always'>]: FieldOut<F[K]> } & {
    readonly [K in KeysAt<F, 'maybe'>]?: FieldOut<F[K]>
  }
>

// biome-ignore lint/suspicious/noExplicitAny: inference position
export type ReadOf<K extends Kind<any, any>> = K extends Kind<infer In, infer _> ? In : never
// biome-ignore lint/suspicious/noExplicitAny: inference position
export type WriteOf<K extends Kind<any, any>> = K extends Kind<infer _, infer Out> ? Out : never

/** Keys that the table does not know are left to the raw value when reading, and are a fault when writing. */
export function object<const F extends Fields>(fields: F): Kind<ObjectIn<F>, ObjectOut<F>> & Readonly<{ fields: F }> {
  const entries = Object.entries(fields)
  return {
    fields,
    read(value, path, notes) {
      if (!isObject(value)) return notes.warn('wrong-type', path, `an object is expected, and this is ${nameOf(value)}`)
      const result: Record<string, unknown> = {}
      for (const [key, { kind, level }] of entries) {
        const place = under(path, key)
        const given = value[key]
        // Vendors write null for what is not there.
        const read = given === undefined || given === null ? undefined : kind.read(given, place, notes)
        if (read !== undefined) result[key] = read
        else if (level === 'need') notes.fault('missing', place, 'this is required')
        else if (level === 'always' && given === undefined) notes.warn('missing', place, 'this is usually there')
      }
      return result as ObjectIn<F>
    },
    write(value, path, notes) {
      if (!isObject(value))
        return notes.fault('wrong-type', path, `an object is required, and this is ${nameOf(value)}`)
      const object: JsonObject = value
      const result: Record<string, unknown> = {}
      for (const [key, { kind, level }] of entries) {
        const given = object[key]
        if (given !== undefined) result[key] = kind.write(given, under(path, key), notes)
        else if (level !== 'maybe') notes.fault('missing', under(path, key), 'this is required')
      }
      for (const key of Object.keys(object)) {
        if (!Object.hasOwn(fields, key)) notes.fault('unknown-key', under(path, key), 'no such key is published')
      }
      return result
    },
  }
}

export function list<In, Out>(
  kind: Kind<In, Out>,
  size: { min?: number; max?: number } = {},
): Kind<In[], readonly Out[]> {
  const { min = 0, max = Number.POSITIVE_INFINITY } = size
  const wrong = (length: number) =>
    length < min || length > max ? `${min} to ${max} entries are allowed, and these are ${length}` : undefined
  return {
    read(value, path, notes) {
      if (!Array.isArray(value))
        return notes.warn('wrong-type', path, `a list is expected, and this is ${nameOf(value)}`)
      const fault = wrong(value.length)
      if (fault !== undefined) notes.warn('value', path, fault)
      return value.flatMap((entry, i) => {
        const read = kind.read(entry, under(path, i), notes)
        return read === undefined ? [] : [read]
      })
    },
    write(value, path, notes) {
      if (!Array.isArray(value))
        return notes.fault('wrong-type', path, `a list is required, and this is ${nameOf(value)}`)
      const fault = wrong(value.length)
      if (fault !== undefined) notes.fault('value', path, fault)
      return value.map((entry, i) => kind.write(entry, under(path, i), notes))
    },
  }
}

/** An object whose keys are the sender's own. */
export function map<In, Out>(
  kind: Kind<In, Out>,
  limits: { max?: number } = {},
): Kind<Readonly<Record<string, In>>, Readonly<Record<string, Out>>> {
  const { max = Number.POSITIVE_INFINITY } = limits
  const tooMany = (size: number) =>
    size > max ? `at most ${max} entries are allowed, and these are ${size}` : undefined
  return {
    read(value, path, notes) {
      if (!isObject(value)) return notes.warn('wrong-type', path, `an object is expected, and this is ${nameOf(value)}`)
      const entries = Object.entries(value)
      const fault = tooMany(entries.length)
      if (fault !== undefined) notes.warn('value', path, fault)
      const read = entries.map(([key, entry]) => [key, kind.read(entry, under(path, key), notes)] as const)
      return Object.fromEntries(read.filter(([, entry]) => entry !== undefined)) as Record<string, In>
    },
    write(value, path, notes) {
      if (!isObject(value))
        return notes.fault('wrong-type', path, `an object is required, and this is ${nameOf(value)}`)
      const entries = Object.entries(value)
      const fault = tooMany(entries.length)
      if (fault !== undefined) notes.fault('value', path, fault)
      return Object.fromEntries(entries.map(([key, entry]) => [key, kind.write(entry, under(path, key), notes)]))
    },
  }
}

/** Whatever JSON it is. */
export const anything: Kind<unknown> = { read: (value) => value, write: (value) => value }

type TextRules = Readonly<{ pattern?: RegExp; max?: number; what?: string }>

/** A string; a number or a flag in its place is taken as its text. */
export function text({ pattern, max = Number.POSITIVE_INFINITY, what = 'a string' }: TextRules = {}): Kind<string> {
  const wrong = (value: string) =>
    value.length > max
      ? `at most ${max} characters are allowed, and these are ${value.length}`
      : pattern !== undefined && !pattern.test(value)
        ? `${what} is expected, and this is ${JSON.stringify(value)}`
        : undefined
  return {
    read(value, path, notes) {
      const read = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
      if (typeof read !== 'string')
        return notes.warn('wrong-type', path, `${what} is expected, and this is ${nameOf(value)}`)
      const fault = wrong(read)
      if (fault !== undefined) notes.warn('value', path, fault)
      return read
    },
    write(value, path, notes) {
      if (typeof value !== 'string')
        return notes.fault('wrong-type', path, `${what} is required, and this is ${nameOf(value)}`)
      const fault = wrong(value)
      return fault === undefined ? value : notes.fault('value', path, fault)
    },
  }
}

type NumberRules = Readonly<{ min?: number; max?: number; whole?: boolean }>

/** A number; its decimal text is taken too. */
export function number({ min = -Infinity, max = Infinity, whole = false }: NumberRules = {}): Kind<number> {
  const what = whole ? 'a whole number' : 'a number'
  const range = `${what} from ${min} to ${max}`
  const fits = (value: number) => value >= min && value <= max && (!whole || Number.isSafeInteger(value))
  return {
    read(value, path, notes) {
      const given = typeof value === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value
      if (typeof given !== 'number')
        return notes.warn('wrong-type', path, `${what} is expected, and this is ${nameOf(value)}`)
      return fits(given) ? given : notes.warn('value', path, `${range} is expected, and this is ${given}`)
    },
    write(value, path, notes) {
      if (typeof value !== 'number')
        return notes.fault('wrong-type', path, `${what} is required, and this is ${nameOf(value)}`)
      return fits(value) ? value : notes.fault('value', path, `${range} is required, and this is ${value}`)
    },
  }
}

export const integer = (rules: Omit<NumberRules, 'whole'> = {}): Kind<number> => number({ ...rules, whole: true })

/** True or false; `"True"`, `"false"` and their like are taken too. */
export const flag: Kind<boolean> = {
  read(value, path, notes) {
    if (typeof value === 'boolean') return value
    const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined
    if (word === 'true' || word === 'false') return word === 'true'
    return notes.warn('wrong-type', path, `true or false is expected, and this is ${nameOf(value)}`)
  },
  write(value, path, notes) {
    if (typeof value === 'boolean') return value
    return notes.fault('wrong-type', path, `true or false is required, and this is ${nameOf(value)}`)
  },
}

/** One of a vendor's words. Lists grow: an unknown word is read as it is, and is a fault when writing. */
export function word<const W extends string>(words: readonly W[]): Kind<W | (string & {}), W> {
  const known: ReadonlySet<string> = new Set(words)
  return {
    read(value, path, notes) {
      if (typeof value !== 'string')
        return notes.warn('wrong-type', path, `a string is expected, and this is ${nameOf(value)}`)
      if (!known.has(value)) notes.warn('value', path, `${JSON.stringify(value)} is none of ${words.join(', ')}`)
      return value
    },
    write(value, path, notes) {
      if (known.has(value)) return value
      return notes.fault('value', path, `${JSON.stringify(value)} is none of ${words.join(', ')}`)
    },
  }
}

/** A JSON text or the value itself; a text that is not JSON is a fault. */
export function jsonValue(input: unknown, notes: Notes): unknown {
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch (error) {
    return notes.fault('json', '$', `not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function readShape<In, Out>(kind: Kind<In, Out>, input: unknown, notes: Notes): Parsed<In> {
  const value = jsonValue(input, notes)
  const read = notes.faults.length > 0 ? undefined : kind.read(value, '$', notes)
  if (read === undefined && notes.faults.length === 0) {
    notes.fault('wrong-type', '$', `an object is required, and this is ${nameOf(value)}`)
  }
  return notes.result(read as In)
}

export function writeShape<In, Out>(kind: Kind<In, Out>, value: Out, notes: Notes): Parsed<JsonObject> {
  return notes.result(kind.write(value, '$', notes) as JsonObject)
}
