/** Events that the homeserver holds for us, and says should we fall silent (MSC4140). */
import { type Ask, part, type Saying, sayAsk } from './homeserver.ts'

/** Milliseconds: after so long without a word from us the homeserver says it itself. */
export const fuse = 45_000

const manage = '/_matrix/client/unstable/org.matrix.msc4140/delayed_events'

/** Who has not answered yet refuses, since clients ignore a hangup of somebody whom they have not chosen. */
export type EndingType = 'm.call.hangup' | 'm.call.reject'

/** An ending that the homeserver holds: its name of it, and of which call it is. */
export type Held = Readonly<{ id: string; call: string; type: EndingType }>

/** Has it hold an event. The same transaction id again is the same held event, by its id, also if it has been said or taken back since. */
export const holdAsk = (saying: Saying): Ask => ({
  ...sayAsk(saying),
  query: { 'org.matrix.msc4140.delay': String(fuse) },
})

/** `restart` is a word from us; `send` has it said now. Refused with 404: it has been said, or taken back. */
export const heldAsk = (id: string, as: string, action: 'restart' | 'cancel' | 'send'): Ask => ({
  method: 'POST',
  path: `${manage}/${part(id)}`,
  as,
  body: { action },
})

export const listHeldAsk = (as: string): Ask => ({ method: 'GET', path: manage, as })

/** What it answers to that; nothing of it is trusted. Synapse lists them as `delayed_events`; the proposal's later text as `scheduled`. */
export function readHeld(
  body: Record<string, unknown>,
): { delay_id?: unknown; room_id?: unknown; content?: { call_id?: unknown } }[] {
  return [body.delayed_events, body.scheduled].flatMap((each) => (Array.isArray(each) ? each : []))
}
