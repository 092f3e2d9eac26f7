import type { Fault, Parsed } from '../dialect.ts'
import { type AttributeSpec, actionAttributes } from './action.ts'
import { parseJid } from './jid.ts'
import { fault, type StanzaNode } from './node.ts'
import { type CallAction, type CallStanza, wrapperAttributes } from './stanza.ts'

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>

/** An action to be sent; children and further attributes may be left out. */
export type OutgoingAction = CallAction extends infer A
  ? A extends CallAction
    ? Optional<A, 'children' | 'more'>
    : never
  : never

/** A stanza to be sent. */
export type OutgoingCall = Readonly<
  Optional<Omit<CallStanza, 'raw' | 'action'>, 'shape' | 'offline' | 'others'> & { action: OutgoingAction }
>

/**
 * Writes a call stanza as a node, strictly: it has an id and a receiver, names its call, addresses are addresses,
 * numbers are whole and below 2^32, and an empty reason is left out. Attributes come in the order in which the
 * official clients write them. `stanzaText` makes XML of the node. Never throws.
 * Faults: `whatsapp.missing`, `whatsapp.jid`, `whatsapp.value`.
 *
 * @example
 * const written = serialiseCall({
 *   to: 'B@s.whatsapp.net',
 *   id: '1',
 *   action: { name: 'terminate', callId: 'C', reason: 'timeout' },
 * })
 * written.ok && written.value.content // [{ tag: 'terminate', attrs: { 'call-id': 'C', reason: 'timeout' } }]
 */
export function serialiseCall(stanza: OutgoingCall): Parsed<StanzaNode> {
  const faults: Fault[] = []
  const warnings: Fault[] = []
  const action = stanza?.action
  if (typeof action !== 'object' || action === null) {
    return { ok: false, faults: [fault('whatsapp.missing', 'call', 'a call has one child: what happens to it')] }
  }
  const bare = stanza.shape === 'bare'
  const child = actionNode(action, bare ? 'terminate' : `call/${action.name}`, faults, warnings)
  const attrs = wrapperOf(stanza, faults)
  if (!bare) {
    if (stanza.id === undefined || stanza.id === '')
      faults.push(fault('whatsapp.missing', 'call@id', 'a stanza has an id'))
    if (stanza.to === undefined) faults.push(fault('whatsapp.missing', 'call@to', 'a stanza is for somebody'))
    // Live clients leave it to the server; the published page has it always.
    if (stanza.from === undefined) warnings.push(fault('whatsapp.missing', 'call@from', 'a stanza is from somebody'))
  }
  if (faults.length > 0) return { ok: false, faults }
  const value = bare
    ? { ...child, attrs: { ...child.attrs, ...attrs } }
    : { tag: 'call', attrs, content: [child, ...(stanza.others ?? [])] }
  return { ok: true, value, warnings }
}

function wrapperOf(stanza: OutgoingCall, faults: Fault[]): Record<string, string> {
  const attrs: Record<string, string> = {}
  for (const key of Object.keys(wrapperAttributes) as (keyof typeof wrapperAttributes)[]) {
    const value = stanza[key]
    if (value === undefined) continue
    attrs[wrapperAttributes[key]] = String(value)
    if (key === 'from' || key === 'to' || key === 'participant') checkJid(String(value), `call@${key}`, faults)
  }
  if (stanza.offline === true) attrs.offline = '1'
  return attrs
}

function actionNode(action: OutgoingAction, path: string, faults: Fault[], warnings: Fault[]): StanzaNode {
  const attrs: Record<string, string> = {}
  if (typeof action.callId !== 'string' || action.callId === '') {
    faults.push(fault('whatsapp.missing', `${path}@call-id`, 'an action names its call'))
  } else attrs['call-id'] = action.callId
  if (action.callCreator === undefined) {
    warnings.push(fault('whatsapp.missing', `${path}@call-creator`, 'clients name who began the call'))
  } else {
    attrs['call-creator'] = action.callCreator
    checkJid(action.callCreator, `${path}@call-creator`, faults)
  }
  if (action.name !== 'other') {
    for (const [key, spec] of Object.entries(actionAttributes[action.name] ?? {}) as [string, AttributeSpec][]) {
      const value = (action as Readonly<Record<string, unknown>>)[key]
      const written = value === undefined ? null : writeAttribute(value, spec, `${path}@${spec.wire}`, faults)
      if (written !== null) attrs[spec.wire] = written
    }
  }
  Object.assign(attrs, action.more)
  const tag = action.name === 'other' ? action.tag : action.name
  const children = action.children ?? []
  return children.length === 0 ? { tag, attrs } : { tag, attrs, content: children }
}

function writeAttribute(value: unknown, { kind }: AttributeSpec, place: string, faults: Fault[]): string | null {
  if (kind === 'flag') return value === true ? '1' : null
  if (kind === 'number') {
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff) return String(value)
    faults.push(fault('whatsapp.value', place, 'a whole number below 2^32 is required'))
    return null
  }
  const text = String(value)
  if (kind === 'jid') checkJid(text, place, faults)
  return text === '' ? null : text
}

function checkJid(value: string, place: string, faults: Fault[]): void {
  if (parseJid(value) === null) faults.push(fault('whatsapp.jid', place, `${JSON.stringify(value)} is no address`))
}
