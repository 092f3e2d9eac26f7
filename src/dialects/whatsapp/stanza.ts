import type { Fault, Parsed } from '../dialect.ts'
import { type ActionName, type AttributeSpec, type AttributesOf, actionAttributes, isActionName } from './action.ts'
import { callOfAddress, parseJid } from './jid.ts'
import { childrenOf, fault, parseStanza, type StanzaNode } from './node.ts'

/** Fields of every action. */
type ActionFields = Readonly<{
  /** The logical call; opaque, case-sensitive, echoed byte for byte. */
  callId?: string
  /** Address of whoever began the call. */
  callCreator?: string
  children: readonly StanzaNode[]
  /** Attributes that are not in the table. */
  more: Readonly<Record<string, string>>
}>

/** One action of type `N`: `<terminate>`, `<offer>` … */
export type ActionOf<N extends ActionName> = Readonly<{ name: N }> & ActionFields & AttributesOf<N>

/** Any action; tell them apart by `name`. `other` is one that nobody has told us of. */
export type CallAction = { [N in ActionName]: ActionOf<N> }[ActionName] | OtherAction

export type OtherAction = Readonly<{ name: 'other'; tag: string }> & ActionFields

/** A `<call>`, or a `<terminate>` that stands alone. */
export type CallStanza = Readonly<{
  shape: 'call' | 'bare'
  from?: string
  to?: string
  /** Stanza id: correlates the acknowledgement, not the call. */
  id?: string
  /** Unix time in seconds. */
  t?: number
  /** Replayed from the server's offline queue: history, not news. */
  offline: boolean
  /** The true sender where `from` is the call's own address. */
  participant?: string
  recipient?: string
  notify?: string
  platform?: string
  version?: string
  senderLid?: string
  action: CallAction
  /** Further children, beside the action. */
  others: readonly StanzaNode[]
  /** The stanza as it came. */
  raw: StanzaNode
}>

/** Attributes of the wrapper in the order in which they are written, and their names here. */
export const wrapperAttributes = {
  from: 'from',
  to: 'to',
  id: 'id',
  t: 't',
  participant: 'participant',
  recipient: 'recipient',
  notify: 'notify',
  platform: 'platform',
  version: 'version',
  senderLid: 'sender_lid',
} as const

/** Which of several children is meant: an ending before an answer, an answer before the rest, the known before the unknown. */
const precedence: readonly ActionName[] = ['terminate', 'reject', 'accept', 'offer']

/**
 * Parses a call stanza from XML text or from a node object. Tolerant: what is odd and harmless becomes a warning; a
 * fault is what leaves nothing to act upon: no action, or an action that names no call. Never throws. Places are
 * stanza paths (`call/terminate@call-id`). Faults: `whatsapp.not-a-stanza`, `whatsapp.missing`, `xml.…`.
 *
 * @example
 * const parsed = parseCall('<call from="A@s.whatsapp.net" id="1"><terminate call-id="C" reason="timeout"/></call>')
 * parsed.ok && parsed.value.action.name === 'terminate' && parsed.value.action.reason // 'timeout'
 *
 * @example
 * const bare = parseCall({ tag: 'terminate', attrs: { 'call-id': 'C' } })
 * bare.ok && bare.value.shape // 'bare'
 */
export function parseCall(input: unknown): Parsed<CallStanza> {
  const parsed = parseStanza(input)
  if (!parsed.ok) return parsed
  const node = parsed.value
  const warnings: Fault[] = [...parsed.warnings]
  if (node.tag === 'terminate') return finish(node, { ...node, attrs: actionPart(node) }, [], 'bare', warnings)
  if (node.tag !== 'call') return refuse('whatsapp.not-a-stanza', node.tag, `<${node.tag}> is no call stanza`)
  const children = childrenOf(node)
  const action = actionNode(children)
  if (action === undefined) return refuse('whatsapp.missing', 'call', 'a call has one child: what happens to it')
  if (children.length > 1) {
    const rest = children.filter((child) => child !== action).map((child) => `<${child.tag}>`)
    warnings.push(fault('whatsapp.unknown', 'call', `several children: <${action.tag}> taken, ${rest.join(' ')} not`))
  }
  return finish(
    node,
    action,
    children.filter((child) => child !== action),
    'call',
    warnings,
  )
}

/** A bare terminate's own attributes; `from`, `to` and the like belong to the wrapper that is not there. */
function actionPart(node: StanzaNode): Record<string, string> {
  const wrapper: readonly string[] = Object.values(wrapperAttributes)
  return Object.fromEntries(
    Object.entries(node.attrs).filter(([name]) => !wrapper.includes(name) && name !== 'offline'),
  )
}

/** The child that says what happens. */
export function actionNode(children: readonly StanzaNode[]): StanzaNode | undefined {
  if (children.length < 2) return children[0]
  for (const name of precedence) {
    const found = children.find((child) => child.tag === name)
    if (found !== undefined) return found
  }
  return children.find((child) => isActionName(child.tag)) ?? children[0]
}

function refuse(code: 'whatsapp.not-a-stanza' | 'whatsapp.missing', place: string, message: string): Parsed<never> {
  return { ok: false, faults: [fault(code, place, message)] }
}

function finish(
  wrapper: StanzaNode,
  node: StanzaNode,
  others: readonly StanzaNode[],
  shape: 'call' | 'bare',
  warnings: Fault[],
): Parsed<CallStanza> {
  const path = shape === 'bare' ? 'terminate' : `call/${node.tag}`
  const address = callOfAddress(wrapper.attrs.from ?? '') ?? callOfAddress(wrapper.attrs.to ?? '')
  const action = readAction(node, path, address, warnings)
  if (action.callId === undefined && action.name !== 'other') {
    return refuse('whatsapp.missing', `${path}@call-id`, 'without a call id it is of no call')
  }
  if (action.name === 'other')
    warnings.push(fault('whatsapp.unknown', path, `<${node.tag}> is no action that is known`))
  const stanza: { -readonly [K in keyof CallStanza]: CallStanza[K] } = {
    shape,
    offline: wrapper.attrs.offline !== undefined,
    action,
    others,
    raw: wrapper,
  }
  for (const key of Object.keys(wrapperAttributes) as (keyof typeof wrapperAttributes)[]) {
    const value = wrapper.attrs[wrapperAttributes[key]]
    if (value === undefined) continue
    if (key !== 't') stanza[key] = value
    else readTime(value, stanza, warnings)
  }
  for (const key of ['from', 'to', 'participant'] as const)
    checkJid(wrapper.attrs[key], `${wrapper.tag}@${key}`, warnings)
  if (shape === 'call' && stanza.id === undefined) {
    warnings.push(fault('whatsapp.missing', 'call@id', 'without a stanza id it cannot be acknowledged'))
  }
  return { ok: true, value: stanza, warnings }
}

function readTime(value: string, stanza: { t?: number }, warnings: Fault[]): void {
  if (/^\d{1,11}$/.test(value)) stanza.t = Number(value)
  else warnings.push(fault('whatsapp.value', 'call@t', 'a time is whole seconds since 1970: taken as absent'))
}

function checkJid(value: string | undefined, place: string, warnings: Fault[]): void {
  if (value !== undefined && parseJid(value) === null) {
    warnings.push(fault('whatsapp.jid', place, `${JSON.stringify(value)} is no address`))
  }
}

function readAction(node: StanzaNode, path: string, address: string | null, warnings: Fault[]): CallAction {
  const {
    'call-id': dashed,
    call_id: underscored,
    'call-creator': creator,
    call_creator: creator2,
    ...others
  } = node.attrs
  const more: Record<string, string> = others
  const callId = dashed ?? underscored ?? address ?? undefined
  const callCreator = creator ?? creator2
  checkJid(callCreator, `${path}@call-creator`, warnings)
  const fields = {
    ...(callId === undefined || callId === '' ? {} : { callId }),
    ...(callCreator === undefined ? {} : { callCreator }),
    children: childrenOf(node),
  }
  if (!isActionName(node.tag)) return { name: 'other', tag: node.tag, ...fields, more }
  const attributes: Record<string, unknown> = {}
  for (const [key, spec] of Object.entries(actionAttributes[node.tag]) as [string, AttributeSpec][]) {
    const names = [spec.wire, ...(spec.also ?? [])]
    const value = names.map((name) => node.attrs[name]).find((found) => found !== undefined)
    for (const name of names) delete more[name]
    if (value === undefined) continue
    const read = readAttribute(value, spec)
    if (read === undefined) {
      warnings.push(
        fault('whatsapp.value', `${path}@${spec.wire}`, 'not a whole number below 2^32: taken as not reported'),
      )
    } else attributes[key] = read
    if (spec.kind === 'jid') checkJid(value, `${path}@${spec.wire}`, warnings)
  }
  return { name: node.tag, ...fields, more, ...attributes } as CallAction
}

function readAttribute(value: string, { kind }: AttributeSpec): string | number | boolean | undefined {
  if (kind === 'text' || kind === 'jid') return value
  if (kind === 'flag') return value !== '0' && value !== 'false'
  const count = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
  return count <= 0xffff_ffff ? count : undefined
}
