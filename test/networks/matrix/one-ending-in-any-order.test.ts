import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serialiseCallEvent } from '../../../src/dialects/matrix/index.ts'
import { advance } from '../../../src/networks/matrix/session/advance.ts'
import type { Order, Session, SessionInput } from '../../../src/networks/matrix/session/state.ts'
import { alice, event, from, ghost, inviting, preparing, ringing, talking, us, view } from './values.ts'

const parties = [
  alice,
  { ...alice, party: 'tablet' },
  { ...alice, party: null },
  us,
  { ...us, party: 'another' },
  { user: '@mallory:hs', party: alice.party },
]
const types: [string, Record<string, unknown>][] = [
  ['m.call.hangup', {}],
  ['m.call.hangup', { reason: 'replaced' }],
  ['m.call.hangup', { reason: 'ice_failed' }],
  ['m.call.hangup', { reason: 'userHangup' }],
  ['m.call.reject', {}],
  ['m.call.answer', { answer: { type: 'answer', sdp: 'v=0' } }],
  ['m.call.select_answer', { selected_party_id: 'us' }],
  ['m.call.select_answer', { selected_party_id: 'desk' }],
  ['m.call.candidates', { candidates: [{ candidate: 'a', sdpMid: '0' }] }],
  ['m.call.negotiate', { description: { type: 'offer', sdp: 'v=0' }, lifetime: 9_000 }],
  ['m.call.negotiate', { description: { type: 'answer', sdp: 'v=0' }, lifetime: 9_000 }],
  ['m.call.replaces', { replacement_id: 'x' }],
  ['m.call.reject_locally', { reason: 'unwanted' }],
]
const crossing = event('m.call.invite', { call_id: 'c0', offer: { sdp: 'v=0' }, lifetime: 9 })

const inputs: fc.Arbitrary<SessionInput> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...parties), fc.constantFrom(...types), fc.nat(100_000))
    // Version 0 has fewer events; one that it has not is malformed, and never comes so far.
    .map(([party, [type, content], now]) => from(party, type, content, now)),
  fc.constantFrom(alice.user, ghost, '@mallory:hs').map((user) => ({ type: 'left', user, now: 0 }) as const),
  fc
    .constantFrom('invite', 'answer', 'reply', 'restart')
    .map((purpose) => ({ type: 'described', purpose, sdp: 'v=0', now: 0 }) as const),
  fc
    .constantFrom('invite', 'answer', 'reply', 'restart')
    .map((purpose) => ({ type: 'undescribed', purpose, cause: 'error', detail: '' }) as const),
  fc.constantFrom('up', 'down', 'failed').map((state) => ({ type: 'path', state }) as const),
  fc
    .constantFrom('invite', 'answer', 'candidates', 'ending')
    .map((kind) => ({ type: 'refused', kind, detail: '' }) as const),
  fc.constantFrom('lifetime', 'restart').map((timer) => ({ type: 'fired', timer, now: 90_000 }) as const),
  fc.constantFrom<SessionInput>(
    { type: 'take' },
    { type: 'heard-media' },
    { type: 'invite-sent' },
    { type: 'gathered', candidates: [{ candidate: '' }] },
    { type: 'tell', view: view('hangup') },
    { type: 'tell', view: view('busy') },
    { type: 'cross', invite: crossing as never, from: alice, self: { ...us, party: 'anew' }, ours: 'rings' },
  ),
)

/** As the heart does: whatever ended here and not on the wire is told, at once and once. */
function play(start: Session, all: readonly SessionInput[]) {
  let session = start
  let told = 0
  const orders: Order[] = []
  const take = (input: SessionInput) => {
    const step = advance(session, input)
    session = step.session
    for (const order of step.orders) {
      orders.push(order)
      if (order.do === 'report-ended' && order.heard === 'here' && told++ === 0) {
        take({ type: 'tell', view: view(order.reason.cause) })
      }
    }
  }
  for (const input of all) take(input)
  return { session, orders }
}

test('P1, P2: whatever happens in whatever order, a session ends once and says so at most once', () => {
  const start = fc.constantFrom(ringing, inviting, preparing, talking)
  fc.assert(
    fc.property(start, fc.array(inputs, { maxLength: 14 }), (session, all) => {
      const { session: after, orders } = play(session, all)
      const ended = orders.filter((order) => order.do === 'report-ended')
      expect(ended.length).toBeLessThanOrEqual(1)
      const endings = orders.filter((order) => order.do === 'send' && order.kind === 'ending')
      const names = endings.map((order) => (order.do === 'send' ? order.event.content.call_id : ''))
      // A call that crossed ours may have withdrawn ours: another call.
      expect(new Set(names).size).toBe(names.length)
      // Who told us is told nothing.
      if (ended[0]?.do === 'report-ended' && ended[0].heard === 'wire') expect(names).not.toContain(after.callId)
      for (const order of orders) {
        if (order.do === 'send') expect(serialiseCallEvent(order.event)).toMatchObject({ ok: true })
      }
      // After the end nothing is said, asked or awaited.
      if (after.stage.name !== 'ended') return
      for (const input of all) {
        const late = advance(after, input)
        expect(late.session.stage.name).toBe('ended')
        expect(late.orders.filter((order) => order.do !== 'ignore')).toEqual([])
      }
    }),
    { numRuns: Number(process.env.ONHOOK_LONG ?? 0) > 0 ? 100_000 : 3_000 },
  )
})

test('a peer of version 0 is sent no negotiate, whatever was described (seed 1202863122)', () => {
  const answer = from({ ...alice, party: null }, 'm.call.answer', { answer: { type: 'answer', sdp: 'v=0' } })
  const { orders } = play({ ...inviting, era: 0 }, [
    answer,
    { type: 'described', purpose: 'reply', sdp: 'v=0', now: 0 },
  ])
  expect(orders.filter((order) => order.do === 'send')).toEqual([])
})

test('the end is the same whichever of several ends comes first', () => {
  const all: SessionInput[] = [
    from(alice, 'm.call.hangup'),
    from(alice, 'm.call.hangup'),
    from(alice, 'm.call.reject'),
    { type: 'left', user: alice.user, now: 0 },
    { type: 'tell', view: view('hangup', { phase: 'answered' }) },
    { type: 'path', state: 'failed' },
  ]
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all, { minLength: 1 }),
      fc.constantFrom(ringing, inviting, talking),
      (order, start) => {
        const { session, orders } = play(start, order)
        const over = session.stage.name === 'ended'
        const said = orders.filter((each) => each.do === 'send' && each.kind === 'ending').length
        const heard = orders.filter((each) => each.do === 'report-ended').length
        expect(said + heard).toBeGreaterThanOrEqual(over ? 1 : 0)
        expect(said).toBeLessThanOrEqual(1)
        expect(heard).toBeLessThanOrEqual(1)
      },
    ),
  )
})
