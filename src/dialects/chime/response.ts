import type { Fault, Parsed } from '../dialect.ts'
import { isObject, type JsonObject, Notes, nameOf, under } from '../shape.ts'
import {
  type Action,
  isActionType,
  type OutgoingAction,
  parseAction,
  serialiseAction,
  unknownAction,
} from './actions.ts'

/** At most this many actions in one response (guide, "Invoking on a call leg"). */
export const maxActions = 10
/** Transaction attributes: pairs, and bytes of their JSON. */
export const maxAttributes = 100
export const maxAttributeBytes = 20_480
/** Lists and objects in one another. AWS names no limit; but what is deeper by far cannot be written down or told again. */
export const maxDepth = 100

/** One entry of the list: ready to run, or to be reported as ACTION_FAILED with these faults. */
export type ResponseAction =
  | Readonly<{ valid: true; action: Action; raw: JsonObject }>
  | Readonly<{ valid: false; type: string; faults: readonly Fault[]; raw: JsonObject }>

/** What a function answered. */
export type FunctionResponse = Readonly<{
  /**
   * `keep` no list was given: what runs goes on · `empty` a list without actions · `replace` the list to run next.
   */
  actions:
    | Readonly<{ name: 'keep' }>
    | Readonly<{ name: 'empty' }>
    | Readonly<{ name: 'replace'; list: readonly ResponseAction[] }>
  /** `keep` none were given: those that are stored stay; an object replaces them whole, and `{}` clears them. */
  attributes: Readonly<{ name: 'keep' }> | Readonly<{ name: 'replace'; value: JsonObject }>
  raw: JsonObject
}>

export type ResponseFaultCode =
  /** null, an empty text, or no answer at all */
  | 'chime.response-empty'
  /** a list, a number … where an object must be; two published samples answer RINGING with a list */
  | 'chime.response-type'
  | 'chime.response-too-deep'
  | 'chime.schema-version'
  | 'chime.actions'
  | 'chime.too-many-actions'
  | 'chime.unknown-action'
  | 'chime.attributes-too-many'
  | 'chime.attributes-too-large'

/**
 * Reads a function's response from JSON text or a value. A fault here is one that makes the whole response unusable; a
 * wrong parameter only makes its action fail. Never throws. Faults: `chime.json` and those of `ResponseFaultCode`.
 *
 * @example
 * const parsed = parseResponse({ SchemaVersion: '1.0', Actions: [{ Type: 'Hangup', Parameters: { SipResponseCode: '0' } }] })
 * parsed.ok && parsed.value.actions.name // 'replace'
 *
 * @example
 * const kept = parseResponse({ SchemaVersion: '1.0' })
 * kept.ok && kept.value.actions.name // 'keep'
 */
export function parseResponse(input: unknown): Parsed<FunctionResponse> {
  const value = decoded(input)
  if ('code' in value) return refuse(value)
  const { body } = value
  if (deeperThan(maxDepth, body)) {
    return refuse(fault('chime.response-too-deep', '$', `at most ${maxDepth} lists and objects may be in one another`))
  }
  if (body.SchemaVersion !== '1.0') {
    const { SchemaVersion: version } = body
    const given = version === undefined ? 'it is missing' : `this is ${textOr(version)}`
    return refuse(fault('chime.schema-version', '$.SchemaVersion', `the version must be "1.0", and ${given}`))
  }
  const faults: Fault[] = []
  const actions = readActions(body.Actions, faults)
  const attributes = readAttributes(body.TransactionAttributes, faults)
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, value: { actions, attributes, raw: body }, warnings: [] }
}

function decoded(input: unknown): Readonly<{ body: JsonObject }> | Fault {
  let value = input
  if (typeof value === 'string' && value.trim() !== '') {
    try {
      value = JSON.parse(value)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return fault('chime.json', '$', `the response is not JSON: ${why}`)
    }
  }
  if (value === undefined || value === null || value === '' || (typeof value === 'string' && value.trim() === '')) {
    return fault('chime.response-empty', '$', 'the response is empty', 'return at least { "SchemaVersion": "1.0" }')
  }
  if (!isObject(value)) return fault('chime.response-type', '$', `the response is ${nameOf(value)}, not an object`)
  return { body: value }
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : nameOf(value)
}

/** Level by level: what is nested without end must not be followed by a function that calls itself. */
function deeperThan(most: number, value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= most; depth++) {
    const next: unknown[] = []
    for (const one of level) {
      if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) next.push(inner)
    }
    if (next.length === 0) return false
    level = next
  }
  return true
}

function readActions(given: unknown, faults: Fault[]): FunctionResponse['actions'] {
  if (given === undefined || given === null) return { name: 'keep' }
  if (!Array.isArray(given)) {
    faults.push(fault('chime.actions', '$.Actions', `the actions are a list, and this is ${nameOf(given)}`))
    return { name: 'keep' }
  }
  if (given.length === 0) return { name: 'empty' }
  if (given.length > maxActions) {
    const message = `at most ${maxActions} actions are allowed, and these are ${given.length}`
    faults.push(fault('chime.too-many-actions', '$.Actions', message))
    return { name: 'keep' }
  }
  const list: ResponseAction[] = []
  for (const [i, entry] of given.entries()) {
    const place = under('$.Actions', i)
    if (!isObject(entry)) {
      faults.push(fault('chime.actions', place, `an action is an object, and this is ${nameOf(entry)}`))
      continue
    }
    if (!isActionType(entry.Type)) {
      faults.push(unknownAction(entry.Type, `${place}.Type`))
      continue
    }
    const parsed = parseAction(entry, place)
    list.push(
      parsed.ok
        ? { valid: true, action: parsed.value, raw: entry }
        : { valid: false, type: entry.Type, faults: parsed.faults, raw: entry },
    )
  }
  return { name: 'replace', list }
}

function readAttributes(given: unknown, faults: Fault[]): FunctionResponse['attributes'] {
  if (given === undefined || given === null) return { name: 'keep' }
  const place = '$.TransactionAttributes'
  if (!isObject(given)) {
    faults.push(fault('chime.actions', place, `the attributes are an object, and this is ${nameOf(given)}`))
    return { name: 'keep' }
  }
  const pairs = Object.keys(given).length
  if (pairs > maxAttributes) {
    faults.push(
      fault('chime.attributes-too-many', place, `at most ${maxAttributes} pairs are allowed, and these are ${pairs}`),
    )
  } else if (new TextEncoder().encode(JSON.stringify(given)).length > maxAttributeBytes) {
    faults.push(fault('chime.attributes-too-large', place, `at most ${maxAttributeBytes} bytes are allowed`))
  }
  return { name: 'replace', value: given }
}

/**
 * Writes a response: what a handler written with this library returns. Faults as in `serialiseAction`, and `chime.too-many-actions`.
 *
 * @example
 * const written = serialiseResponse({ actions: [{ Type: 'Hangup', Parameters: { ParticipantTag: 'LEG-B' } }] })
 * written.ok && written.value // { SchemaVersion: '1.0', Actions: [{ Type: 'Hangup', Parameters: { ParticipantTag: 'LEG-B' } }] }
 */
export function serialiseResponse(
  response: Readonly<{ actions?: readonly OutgoingAction[]; attributes?: JsonObject }>,
): Parsed<JsonObject> {
  const notes = new Notes('chime')
  const { actions, attributes } = response
  if (actions !== undefined && actions.length > maxActions) {
    const message = `at most ${maxActions} actions are allowed, and these are ${actions.length}`
    notes.faults.push(fault('chime.too-many-actions', '$.Actions', message))
  }
  const written = actions?.map((action, i) => {
    const one = serialiseAction(action, under('$.Actions', i))
    if (one.ok) return one.value
    notes.faults.push(...one.faults)
    return undefined
  })
  if (attributes !== undefined) readAttributes(attributes, notes.faults)
  return notes.result({
    SchemaVersion: '1.0',
    ...(written === undefined ? {} : { Actions: written }),
    ...(attributes === undefined ? {} : { TransactionAttributes: attributes }),
  })
}

function fault(code: ResponseFaultCode | 'chime.json', place: string, message: string, remedy?: string): Fault {
  return remedy === undefined ? { code, place, message } : { code, place, message, remedy }
}

function refuse(one: Fault): Parsed<never> {
  return { ok: false, faults: [one] }
}
