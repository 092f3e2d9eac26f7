import type { Fault } from '../dialect.ts'

/** Codes of the faults of Matrix events; they are listed in docs/errors.md. */
export type MatrixFaultCode =
  /** text that is not JSON */
  | 'matrix.json'
  /** a value of another JSON type than the field has */
  | 'matrix.wrong-type'
  /** a required field that is not there */
  | 'matrix.missing'
  /** the right type, and a value that the specification does not know */
  | 'matrix.value'
  /** an identifier outside the opaque identifier grammar */
  | 'matrix.grammar'
  /** not an event of this family */
  | 'matrix.not-a-call-event'
  /** something that version 0 does not have */
  | 'matrix.not-in-version-0'

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function fault(code: MatrixFaultCode, place: string, message: string, remedy?: string): Fault {
  return remedy === undefined ? { code, place, message } : { code, place, message, remedy }
}

/** JSON type of a value, as people say it. */
export function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value === undefined) return 'nothing'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const opaqueId = /^[0-9A-Za-z\-._~]{1,255}$/

/**
 * The grammar of opaque identifiers (Matrix appendices): 1 to 255 of these characters.
 *
 * @example
 * isOpaqueId('a/b') // false
 */
export function isOpaqueId(value: string): boolean {
  return opaqueId.test(value)
}

/**
 * Reads fields of one JSON object, and notes what is wrong with them by path. `require…` notes a fault that makes the
 * event unreadable; `optional…` notes a warning and takes the field as absent.
 */
export class FieldReader {
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []

  requireString(object: JsonObject, key: string, path: string): string {
    const value = object[key]
    if (typeof value === 'string' && value !== '') return value
    this.faults.push(this.#expected('a non-empty string', value, `${path}.${key}`))
    return ''
  }

  requireObject(object: JsonObject, key: string, path: string): JsonObject {
    const value = object[key]
    if (isObject(value)) return value
    this.faults.push(this.#expected('an object', value, `${path}.${key}`))
    return {}
  }

  optionalString(object: JsonObject, key: string, path: string): string | undefined {
    const value = object[key]
    if (value === undefined || typeof value === 'string') return value
    // Old clients write null for what they do not have.
    if (value !== null) this.warnings.push(this.#expected('a string', value, `${path}.${key}`))
    return undefined
  }

  optionalNumber(object: JsonObject, key: string, path: string): number | undefined {
    const value = object[key]
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
    if (value !== null) this.warnings.push(this.#expected('a number', value, `${path}.${key}`))
    return undefined
  }

  optionalBoolean(object: JsonObject, key: string, path: string): boolean | undefined {
    const value = object[key]
    if (value === undefined || typeof value === 'boolean') return value
    this.warnings.push(this.#expected('true or false', value, `${path}.${key}`))
    return undefined
  }

  optionalObject(object: JsonObject, key: string, path: string): JsonObject | undefined {
    const value = object[key]
    if (value === undefined || isObject(value)) return value
    if (value !== null) this.warnings.push(this.#expected('an object', value, `${path}.${key}`))
    return undefined
  }

  #expected(what: string, value: unknown, place: string): Fault {
    return value === undefined
      ? fault('matrix.missing', place, `${what} is required`)
      : fault('matrix.wrong-type', place, `${what} is required, and this is ${nameOf(value)}`)
  }
}

/** The object without the keys whose value is undefined. */
export function present<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(object)) if (value !== undefined) result[key] = value
  return result as { [K in keyof T]: Exclude<T[K], undefined> }
}
