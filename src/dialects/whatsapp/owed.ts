import type { StanzaNode } from './node.ts'
import type { CallAction, CallStanza } from './stanza.ts'

/**
 * What the receiver of a call stanza owes: an acknowledgement, a receipt that echoes the action, or, for an offer, both:
 * the receipt is what makes the caller's phone say that it rings.
 */
type Debt = 'ack' | 'receipt' | 'both'

const debts: Readonly<Partial<Record<CallAction['name'], Debt>>> = {
  offer: 'both',
  accept: 'receipt',
  reject: 'receipt',
  enc_rekey: 'receipt',
}

/**
 * The stanzas to send back, at once and before any other work. Empty for a stanza without sender or id, as there is
 * nothing to correlate. `self` is the own address in the domain that the call came in, named on offer receipts.
 *
 * @example
 * const parsed = parseCall('<call from="A@lid" id="7"><terminate call-id="C"/></call>')
 * parsed.ok && answersOwed(parsed.value) // [{ tag: 'ack', attrs: { class: 'call', id: '7', to: 'A@lid', type: 'terminate' } }]
 */
export function answersOwed(stanza: CallStanza, self?: string): readonly StanzaNode[] {
  const { from, id, action } = stanza
  if (from === undefined || id === undefined) return []
  const debt = debts[action.name] ?? 'ack'
  const answers: StanzaNode[] = []
  if (debt !== 'ack') {
    const attrs = { id, to: from, ...(self === undefined ? {} : { from: self }) }
    answers.push({ tag: 'receipt', attrs, content: [{ tag: tagOf(action), attrs: identityOf(action) }] })
  }
  if (debt !== 'receipt') {
    // An action that is not known is acknowledged all the same, and not named.
    const type = action.name === 'other' ? {} : { type: action.name }
    answers.push({ tag: 'ack', attrs: { class: 'call', id, to: from, ...type, ...routeOf(stanza) } })
  }
  return answers
}

function tagOf(action: CallAction): string {
  return action.name === 'other' ? action.tag : action.name
}

function identityOf({ callId, callCreator }: CallAction): Record<string, string> {
  return {
    ...(callId === undefined ? {} : { 'call-id': callId }),
    ...(callCreator === undefined ? {} : { 'call-creator': callCreator }),
  }
}

function routeOf({ participant, recipient }: CallStanza): Record<string, string> {
  return { ...(participant === undefined ? {} : { participant }), ...(recipient === undefined ? {} : { recipient }) }
}
