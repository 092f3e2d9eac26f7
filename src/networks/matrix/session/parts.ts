import type { Reason } from '../../../call/input.ts'
import { type CallEvent, type Candidate, type Party, sameParty } from '../../../dialects/matrix/index.ts'
import { heldLimit, type Session } from './state.ts'

/** The session is over: nothing that comes later is of any effect. */
export function over(session: Session): Session {
  return { ...session, stage: { name: 'ended' }, held: [] }
}

/** Lost media, by whether there ever was any: `ice_timeout` or `ice_failed` on the wire. */
export function lossReason({ media }: Session, detail: string): Reason {
  return { cause: media === 'received' ? 'media-lost' : 'media-failed', actor: 'network', detail }
}

/** What one party's candidates are, and what is left to hold. */
export function usable(session: Session, party: Party): readonly [readonly Candidate[], Session['held']] {
  const candidates = session.held.flatMap((each) => (sameParty(each.from, party) ? each.candidates : []))
  return [candidates, []]
}

/** Holds what came too early. A party that floods us loses what is too much. */
export function hold(session: Session, from: Party, candidates: readonly Candidate[]): Session {
  let count = candidates.length
  for (const each of session.held) count += each.candidates.length
  return count > heldLimit ? session : { ...session, held: [...session.held, { from, candidates }] }
}

/** The event for the record: verbatim, but for what describes media and networks. */
export function rawOf({ type, content, envelope }: CallEvent): Reason['raw'] {
  const kept = Object.fromEntries(Object.entries(content).filter(([key]) => recorded.has(key)))
  return { dialect: 'matrix', value: { type, sender: envelope.sender, content: kept } }
}

const recorded = new Set(['call_id', 'party_id', 'version', 'reason', 'selected_party_id', 'replacement_id'])
