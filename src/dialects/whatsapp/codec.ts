import type { Cause } from '../../call/causes.ts'
import type { Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { callOfAddress, sameUser } from './jid.ts'
import { parseStanza, type StanzaNode, stanzaText } from './node.ts'
import { documentedWord, observedReasons, observedWord, type Reading, readingOf, says } from './reasons.ts'
import { actionNode } from './stanza.ts'

/**
 * `documented` (the default): the tokens of the published page.
 * `observed`: what live clients say, and `<reject>` where they refuse with it.
 */
export const vocabularies = ['documented', 'observed'] as const
export type WhatsAppVocabulary = (typeof vocabularies)[number]

/**
 * Endings in WhatsApp's words: a `<call>` with a `<terminate>`. Reads XML text, node objects, a bare `<terminate>`,
 * `<reject>`, or a bare token, in any spelling that is known. Writes a node; identifiers that the writer was not given
 * (`from`, `to`, `id`, `call-id`, `call-creator`) are absent.
 *
 * @example
 * codec.read('<call from="A@lid" id="1"><terminate call-id="C" reason="accepted_elsewhere"/></call>', { at: 0 }).cause // 'answered-elsewhere'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 }) // { tag: 'call', attrs: {}, content: [{ tag: 'terminate', attrs: { reason: 'busy' } }] }
 */
export const codec: EndingCodec<StanzaNode> = { dialect: 'whatsapp', read, write, says, identify, text: stanzaText }

// ---------------------------------------------------------------- reading

const rejected: Reading = { cause: 'declined', actor: 'callee', phase: 'ringing' }

type Loose = Readonly<{ tag: unknown; attrs?: unknown; content?: unknown }>
type Attributes = Readonly<Record<string, unknown>>
const none: Attributes = {}

/** What of a value matters to an ending; fields are absent where it has none. */
type Sight = Readonly<{ wrapper: Attributes; tag: string; attrs: Attributes }>

function read(wire: unknown, context: ReadContext): Ending {
  const sight = typeof wire === 'string' ? sightOfText(wire) : sightOf(wire)
  if (sight === null) return unknown('no WhatsApp call stanza', wire, context, none)
  const { wrapper, tag, attrs } = sight
  const reason = attrs.reason ?? attrs.terminate_reason
  if (reason !== undefined && reason !== null && typeof reason !== 'string') {
    return unknown('a reason that is no text', wire, context, wrapper)
  }
  if (tag === 'reject') return ending(readReject(reason ?? undefined), wire, context, sight)
  if (tag !== 'terminate') return unknown(`<${tag}> ends no call`, wire, context, wrapper)
  const reading = readingOf(reason ?? undefined)
  if (reading !== null) return ending(reading, wire, context, sight)
  return unknown(`a reason that is not known: ${JSON.stringify(reason)}`, wire, context, wrapper)
}

/** A reject is a refusal whatever it says; a reason that is known says what kind. */
function readReject(reason: string | undefined): Reading {
  const reading = readingOf(reason)
  const kind = reading === null || ['by-phase', 'withdrawn', 'unknown'].includes(reading.cause) ? null : reading
  return kind ?? rejected
}

function ending(reading: Reading, wire: unknown, context: ReadContext, { wrapper, attrs }: Sight): Ending {
  const phase = context.phase ?? reading.phase
  const at = timeOf(wrapper, context)
  const raw = { dialect: 'whatsapp', value: wire } as const
  if (reading.cause === 'withdrawn') {
    return { cause: phase === 'answered' ? 'hangup' : 'cancelled', actor: reading.actor as 'caller', phase, at, raw }
  }
  const sender = reading.actor === 'sender' ? senderOf(context, wrapper, attrs) : reading.actor
  if (reading.cause !== 'by-phase') return { cause: reading.cause, actor: sender, phase, at, raw }
  const cause = personCause(phase, sender)
  return { cause, actor: cause === 'cancelled' ? 'caller' : sender, phase, at, raw }
}

/** Before the answer, a plain end is the caller's withdrawal, or the callee's refusal. */
function personCause(phase: Phase, sender: Ending['actor']): Cause {
  if (phase === 'answered') return 'hangup'
  return sender === 'callee' ? 'declined' : 'cancelled'
}

function unknown(detail: string, wire: unknown, context: ReadContext, wrapper: Attributes): Ending {
  return {
    cause: 'unknown',
    actor: 'unknown',
    phase: context.phase ?? 'answered',
    at: timeOf(wrapper, context),
    detail,
    raw: { dialect: 'whatsapp', value: wire },
  }
}

/** Who sent it: as the reader knows; as the stanza tells, by comparing sender and creator; or by the call's direction. */
function senderOf(context: ReadContext, wrapper: Attributes, attrs: Attributes): 'caller' | 'callee' | 'unknown' {
  if (context.sender !== undefined) return context.sender
  const creator = attrs['call-creator'] ?? attrs.call_creator
  const from = wrapper.from
  const routed = typeof from === 'string' && callOfAddress(from) !== null
  const sender = routed ? wrapper.participant : (wrapper.participant ?? from)
  if (typeof creator === 'string' && typeof sender === 'string') {
    const same = sameUser(creator, sender)
    if (same !== null) return same ? 'caller' : 'callee'
  }
  if (context.direction === undefined) return 'unknown'
  return context.direction === 'in' ? 'caller' : 'callee'
}

/** `t` of the wrapper, unix seconds. */
function timeOf(wrapper: Attributes, context: ReadContext): number {
  const { t } = wrapper
  return typeof t === 'string' && /^\d{1,11}$/.test(t) ? Number(t) * 1000 : context.at
}

function sightOfText(text: string): Sight | null {
  if (!/^\s*[<\uFEFF]/.test(text))
    return /^\s*\w[\w\s-]*$/.test(text) ? { wrapper: none, tag: 'terminate', attrs: { reason: text } } : null
  const parsed = parseStanza(text)
  return parsed.ok ? sightOf(parsed.value) : null
}

function sightOf(value: unknown): Sight | null {
  if (!isNode(value)) return null
  const attrs = attributesOf(value)
  if (value.tag !== 'call') return { wrapper: attrs, tag: value.tag as string, attrs }
  const children = Array.isArray(value.content) ? value.content : []
  // One child is all that is ever sent, and needs no copy.
  const child: unknown = children.length === 1 ? children[0] : actionNode(children.filter(isNode) as StanzaNode[])
  return isNode(child) ? { wrapper: attrs, tag: child.tag as string, attrs: attributesOf(child) } : null
}

function isNode(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && typeof (value as Loose).tag === 'string'
}

function attributesOf({ attrs }: Loose): Attributes {
  return typeof attrs === 'object' && attrs !== null ? (attrs as Attributes) : none
}

function identify(wire: unknown): Readonly<Record<string, string>> {
  const sight = typeof wire === 'string' ? sightOfText(wire) : sightOf(wire)
  if (sight === null) return {}
  const ids: Record<string, string> = {}
  for (const name of wrapperIds) {
    const value = sight.wrapper[name]
    if (typeof value === 'string') ids[name] = value
  }
  for (const name of actionIds) {
    const value = sight.attrs[name] ?? sight.attrs[name.replace('-', '_')]
    if (typeof value === 'string') ids[name] = value
  }
  return ids
}

const wrapperIds = ['from', 'to', 'id'] as const
const actionIds = ['call-id', 'call-creator'] as const

// ---------------------------------------------------------------- writing

function write(ending: Ending, context: WriteContext = {}): StanzaNode {
  const { ids, vocabulary } = context
  const attrs = identifiers(wrapperIds, ids)
  const own: Record<string, string> = identifiers(actionIds, ids)
  if (vocabulary !== 'observed') return call(attrs, 'terminate', own, documentedWord(ending.cause))
  const refusing = context.phase !== undefined && context.phase !== 'answered' && context.direction !== 'out'
  const heard = heardToken(ending, context)
  if (heard !== null) {
    const tag =
      heard.tag === 'reject' && context.phase !== 'answered' && context.direction !== 'out' ? 'reject' : 'terminate'
    return call(attrs, tag, own, heard.token)
  }
  const word = observedWord(ending.cause, context.phase)
  if (refusing && context.direction === 'in' && refusals.has(ending.cause)) {
    // A reject without reason is the person declining; the callee's clients say nothing more.
    return call(attrs, 'reject', own, word === 'rejected' ? null : word)
  }
  return call(attrs, 'terminate', own, word)
}

/** Causes that a callee tells with `<reject>`, as live clients do. */
const refusals: ReadonlySet<Cause> = new Set(['busy', 'declined', 'unwanted', 'blocked', 'unavailable', 'not-found'])

/** A token that was heard on WhatsApp goes on as it came, if it is one that live clients send. */
function heardToken(ending: Ending, context: WriteContext): { tag: string; token: string | null } | null {
  if (ending.raw?.dialect !== 'whatsapp') return null
  const value = ending.raw.value
  const sight = typeof value === 'string' ? sightOfText(value) : sightOf(value)
  if (sight === null || (sight.tag !== 'terminate' && sight.tag !== 'reject')) return null
  const token = sight.attrs.reason
  const phase = context.phase ?? ending.phase
  if (read(value, { at: 0, phase, sender: ending.actor === 'callee' ? 'callee' : 'caller' }).cause !== ending.cause)
    return null
  if (token === undefined) return { tag: sight.tag, token: null }
  return (observedReasons as readonly unknown[]).includes(token) ? { tag: sight.tag, token: token as string } : null
}

function call(attrs: StanzaNode['attrs'], tag: string, own: Record<string, string>, reason: string | null): StanzaNode {
  if (reason !== null) own.reason = reason
  return { tag: 'call', attrs, content: [{ tag, attrs: own }] }
}

function identifiers(names: readonly string[], ids: WriteContext['ids']): Record<string, string> {
  const attrs: Record<string, string> = {}
  if (ids === undefined) return attrs
  for (const name of names) {
    const value = ids[name]
    if (value !== undefined) attrs[name] = value
  }
  return attrs
}
