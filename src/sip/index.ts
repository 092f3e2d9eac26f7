/**
 * A SIP user agent library: RFC 3261 both ways, with 6026, 3581, 5407, 3326, 4028, 3311, 3515 and digest (7616, 8760).
 * It knows nothing of calls as its user thinks of them: it keeps dialogs and transactions right, and reports facts.
 *
 * ```ts
 * const agent = new UserAgent({ clock, fillRandom: crypto.getRandomValues, listener })
 * agent.use(await UdpTransport.listen({ local: { host: '127.0.0.1', port: 5060 }, user: agent, clock, rules: requestRules }))
 *
 * // an incoming call: `listener.invite(session, request, flow)` returns a UasListener
 * session.progress(180); session.accept(sdp); session.end(order)
 *
 * // an outgoing call
 * const session = agent.invite({ target: 'sip:bob@192.0.2.7', from: { uri: 'sip:us@example.org' }, sdp }, uacListener)
 * store(session.snapshot()); session.send(); session.end(order)
 *
 * // after a crash
 * agent.revive(stored, { told }).end(order)
 * ```
 *
 * `end(order)` is one verb for every state: it picks CANCEL, BYE, a final response, or a queued one of these, is idempotent, and returns
 * what it put on the wire. What became of it comes later as `told`: `delivered`, `unconfirmed`, `local-only`.
 *
 * Floors, each importing only those before it: `message` (bytes ↔ messages), `transport` (flows), `transaction` (the four machines),
 * `dialog` (what a request inside one must carry), `ua` (sessions), `registrar` (who can be called where).
 */
export * from './message/index.ts'
export { type Authentication, Authenticator } from './registrar/authenticator.ts'
export { MemoryBindings } from './registrar/bindings.ts'
export { Registrar } from './registrar/registrar.ts'
export type { Clock } from './transaction/clock.ts'
export type { Tap } from './transaction/layer.ts'
export type { Timing } from './transaction/timing.ts'
export * from './transport/flow.ts'
export { StreamTransport } from './transport/stream.ts'
export { UdpTransport } from './transport/udp.ts'
export { type AgentListener, UserAgent } from './ua/agent.ts'
export { requestRules, sdpOf } from './ua/compose.ts'
export type { Account, Challenger } from './ua/credentials.ts'
export * from './ua/facts.ts'
export type { UasSession } from './ua/incoming.ts'
export type { InviteSpec } from './ua/invite.ts'
export type { UacSession } from './ua/outgoing.ts'
export type { RevivedSession, ReviveListener } from './ua/revive.ts'
export type { Session } from './ua/session.ts'
export { type SessionSnapshot, sinceAnswered } from './ua/snapshot.ts'
