/** Events, sessions and parties for the tests of the Matrix network. */
import type { View } from '../../../src/call/leg.ts'
import { type CallEvent, parseCallEvent } from '../../../src/dialects/matrix/index.ts'
import { advance } from '../../../src/networks/matrix/session/advance.ts'
import type { Order, Session, SessionInput } from '../../../src/networks/matrix/session/state.ts'

export const room = '!r:hs'
export const ghost = '@tel_100:hs'
export const alice = { user: '@alice:hs', party: 'phone' }
export const us = { user: ghost, party: 'us' }
export const callId = 'c1'

let events = 0

/** As the homeserver delivers it. */
export function wireEvent(type: string, content: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  return {
    type,
    event_id: `$${++events}`,
    room_id: room,
    sender: alice.user,
    origin_server_ts: 0,
    unsigned: { age: 0 },
    content: { call_id: callId, version: '1', party_id: alice.party, ...content },
    ...more,
  }
}

export const invite = (content: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  wireEvent('m.call.invite', { offer: { type: 'offer', sdp: 'v=0' }, lifetime: 60_000, ...content }, more)

export function event(type: string, content: Record<string, unknown> = {}): CallEvent {
  const parsed = parseCallEvent(wireEvent(type, content))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed.value
}

/** The input of an event from a party. */
export function from(party: { user: string; party: string | null }, type: string, content = {}, now = 0): SessionInput {
  const named = party.party === null ? { version: 0 } : { party_id: party.party }
  return { type: 'event', event: event(type, { ...named, ...content }), from: party, now, age: 0 }
}

const base = { room, callId, self: us, other: alice.user, era: 1, held: [], media: 'never' } as const

export const ringing: Session = {
  ...base,
  inviter: 'them',
  stage: { name: 'ringing', offer: 'v=0', inviter: alice },
}
export const inviting: Session = { ...base, inviter: 'us', stage: { name: 'inviting', since: 0 } }
export const preparing: Session = { ...base, inviter: 'us', stage: { name: 'preparing' } }
export const talking: Session = {
  ...base,
  inviter: 'them',
  stage: { name: 'talking', peer: alice, selected: 'awaited', path: 'none', restart: 'unused' },
}

export function run(session: Session, ...inputs: SessionInput[]): { session: Session; orders: Order[] } {
  const orders: Order[] = []
  let now = session
  for (const input of inputs) {
    const step = advance(now, input)
    now = step.session
    orders.push(...step.orders)
  }
  return { session: now, orders }
}

export const sends = (orders: readonly Order[]) =>
  orders.flatMap((order) => (order.do === 'send' ? [[order.event.type, order.event.content] as const] : []))

export const ends = (orders: readonly Order[]) =>
  orders.flatMap((order) => (order.do === 'report-ended' ? [`${order.reason.cause} by ${order.reason.actor}`] : []))

export const ignores = (orders: readonly Order[]) =>
  orders.flatMap((order) => (order.do === 'ignore' ? [order.why] : []))

export function view(cause: View['ending']['cause'], more: Partial<View['ending']> = {}): View {
  return { ending: { cause, actor: 'callee', phase: 'ringing', at: 0, ...more }, relation: 'own' }
}
