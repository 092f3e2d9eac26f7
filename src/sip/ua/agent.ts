import { calleeDialog } from '../dialog/dialog.ts'
import { to } from '../message/accessors.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import type { SipUri } from '../message/uri.ts'
import type { Clock, FillRandom } from '../transaction/clock.ts'
import { type Tap, TransactionLayer, type TransactionUser } from '../transaction/layer.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import { standardTiming, type Timing } from '../transaction/timing.ts'
import {
  type Address,
  type Flow,
  type FlowFailure,
  formatAddress,
  type Transport,
  type TransportUser,
} from '../transport/flow.ts'
import {
  numericTarget,
  type Resolution,
  type Resolver,
  resolve,
  systemResolver,
  type Target,
} from '../transport/resolve.ts'
import { allow } from './compose.ts'
import type { CredentialStore } from './credentials.ts'
import type { UacListener, UasListener } from './facts.ts'
import type { DialogOwner, SessionHost, SessionTimerSettings } from './host.ts'
import { UasSession } from './incoming.ts'
import type { InviteSpec } from './invite.ts'
import { UacSession } from './outgoing.ts'
import { reply, replyOptions } from './reply.ts'
import { RevivedSession, type ReviveListener } from './revive.ts'
import { refusedAsTooShort } from './session-timer.ts'
import type { SessionSnapshot } from './snapshot.ts'
import { Ways } from './ways.ts'

/** What happens outside sessions. */
export interface AgentListener {
  /** A new call; its 100 is out, or will be. Returns who hears of it; verbs of the session may be called already. */
  invite(session: UasSession, request: SipRequest, flow: Flow): UasListener
  /** A REGISTER: returns the response's status and lines. Absent: 405. */
  register?(
    request: SipRequest,
    flow: Flow,
  ): Readonly<{ status: number; phrase?: string; lines: readonly (readonly [string, string])[] }>
  /** A listener threw, or something else that should never happen did. */
  fault?(error: unknown): void
}

export type UserAgentOptions = Readonly<{
  clock: Clock
  /** `crypto.getRandomValues`, or a seeded generator. */
  fillRandom: FillRandom
  listener: AgentListener
  timing?: Timing
  /** How peers reach us, if not at the address we listen on: host without brackets. */
  advertise?: Readonly<{ host: string; port?: number }>
  /** User part of our Contact. */
  user?: string
  /** User-Agent and Server; '' for none. Default: `onhook`. */
  product?: string
  credentials?: CredentialStore
  resolver?: Resolver
  sessionTimer?: SessionTimerSettings
  /**
   * Milliseconds, 0 to 200, by which a 100 waits: one that the answer overtakes is never sent (RFC 3261 §17.2.1). Default 0: at once.
   */
  tryingAfter?: number
  /**
   * `asked`: a 100 is sent only after `session.trying()`, and `tryingAfter` counts from there. A caller that has a 100 repeats its INVITE
   * no more, so whoever must not forget calls in a crash stores them first. Default: `by-itself`.
   */
  trying?: 'by-itself' | 'asked'
  /** Milliseconds by which timers of 4 s and more may be late, so that many ring together. Default 1. */
  timerGrain?: number
  tap?: Tap
}>

/**
 * A SIP user agent, client and server. Hand it to transports as their `user`, and the transports to it (`use`).
 *
 * `requestRules` of `compose.ts` are the rules to give to the transports.
 */
export class UserAgent implements TransportUser, TransactionUser, SessionHost {
  readonly layer: TransactionLayer
  readonly credentials: CredentialStore
  readonly sessionTimer: SessionTimerSettings | undefined
  readonly tryingAfter: number
  readonly product: string
  readonly #trying: 'by-itself' | 'asked'
  readonly #listener: AgentListener
  readonly #advertise: UserAgentOptions['advertise']
  readonly #user: string
  readonly #resolver: Resolver
  readonly #ways = new Ways()
  readonly #owners = new Map<string, DialogOwner>()
  #state: 'open' | 'draining' | 'stopped' = 'open'

  constructor(options: UserAgentOptions) {
    this.#listener = options.listener
    this.#advertise = options.advertise
    this.#user = options.user === undefined ? '' : `${options.user}@`
    this.#resolver = options.resolver ?? systemResolver
    this.credentials = options.credentials ?? (() => undefined)
    this.sessionTimer = options.sessionTimer
    this.#trying = options.trying ?? 'by-itself'
    this.tryingAfter = Math.min(200, options.tryingAfter ?? 0)
    this.product = options.product ?? 'onhook'
    this.layer = new TransactionLayer({
      clock: options.clock,
      timing: options.timing ?? standardTiming,
      fill: options.fillRandom,
      user: this,
      transportOf: (flow) => this.#ways.of(flow),
      tap: options.tap,
      grain: options.timerGrain,
      fault: (error) => this.userFault(error),
    })
  }

  /** Adds a transport that has this agent as its user. */
  use(transport: Transport): void {
    this.#ways.add(transport)
  }

  get transports(): readonly Transport[] {
    return this.#ways.all
  }

  /** What is still open: all 0 when nothing is left on the wire. */
  get counts(): Readonly<{ sessions: number; clients: number; servers: number; alarms: number }> {
    return { sessions: this.#owners.size, ...this.layer.counts, alarms: this.layer.wheel.size }
  }

  /** Prepares a call; nothing is sent before `session.send()`. */
  invite(spec: InviteSpec, listener: UacListener): UacSession {
    return new UacSession(this, spec, listener)
  }

  /** A session of an earlier life of this process, from its snapshot, to be ended. */
  revive(snapshot: SessionSnapshot, listener: ReviveListener): RevivedSession {
    return new RevivedSession(this, snapshot, listener)
  }

  /** From now on new calls get 503, without Retry-After (RFC 7339 §5.10.2); everything else is served. */
  drain(): void {
    if (this.#state === 'open') this.#state = 'draining'
  }

  /** Forgets all sessions and transactions without a word, and closes the transports. End the sessions first. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.layer.clear()
    this.#owners.clear()
    await Promise.all(this.#ways.all.map((transport) => transport.close()))
  }

  // ------------------------------------------------------------------ for transports

  message(message: SipMessage, flow: Flow): void {
    this.layer.receive(message, flow)
  }

  flowFailed(flow: Flow, failure: FlowFailure): void {
    this.layer.flowFailed(flow, failure)
  }

  userFault(error: unknown): void {
    this.#listener.fault?.(error)
  }

  // ------------------------------------------------------------------ for transactions

  request(transaction: ServerTransaction, request: SipRequest): void {
    const tag = to(request)?.tag
    if (tag !== undefined) {
      const owner = this.#owners.get(tag)
      // RFC 3261 §12.2.2: also an INVITE, which must never become a new call
      if (owner === undefined) reply(this, transaction, request, 481)
      else owner.receive(transaction, request)
      return
    }
    switch (request.method) {
      case 'INVITE':
        return this.#invited(transaction, request)
      case 'OPTIONS':
        return replyOptions(this, transaction, request)
      case 'REGISTER':
        return this.#registered(transaction, request)
      case 'BYE':
      case 'UPDATE':
      case 'INFO':
      case 'NOTIFY':
      case 'PRACK':
        return reply(this, transaction, request, 481)
      default:
        return reply(this, transaction, request, 405, [['Allow', allow]])
    }
  }

  acknowledged(ack: SipRequest): void {
    const tag = to(ack)?.tag
    if (tag !== undefined) this.#owners.get(tag)?.acknowledged(ack)
  }

  /** Nobody waits for it. A 2xx whose transaction is over was acknowledged for as long as RFC 6026 asks. */
  stray(_response: SipResponse, _flow: Flow): void {}

  #invited(transaction: ServerTransaction, request: SipRequest): void {
    if (this.#state !== 'open') return reply(this, transaction, request, 503)
    if (refusedAsTooShort(this, transaction, request)) return
    const dialog = calleeDialog(request, this.layer.ids.tag(), transaction.flow)
    if (dialog === undefined) return reply(this, transaction, request, 400, [], 'Missing Contact')
    const session = new UasSession(this, dialog, transaction, request)
    this.#owners.set(dialog.localTag, session)
    if (this.#trying === 'by-itself') session.trying()
    this.guard(() => {
      session.listener = this.#listener.invite(session, request, transaction.flow)
    })
  }

  #registered(transaction: ServerTransaction, request: SipRequest): void {
    const answer = this.#listener.register?.(request, transaction.flow)
    if (answer === undefined) return reply(this, transaction, request, 405, [['Allow', allow]])
    reply(this, transaction, request, answer.status, answer.lines, answer.phrase)
  }

  // ------------------------------------------------------------------ for sessions

  contact(flow: Flow): string {
    const transport = flow.transport === 'UDP' ? '' : `;transport=${flow.transport.toLowerCase()}`
    return `<sip:${this.#user}${this.#ownAddress(flow)}${transport}>`
  }

  /** RFC 3581: `rport` always, so that the answer finds its way back through a NAT. */
  via(flow: Flow, branch: string): string {
    return `SIP/2.0/${flow.transport} ${this.#ownAddress(flow)};branch=${branch};rport`
  }

  locate(uri: SipUri): readonly Target[] | Promise<Resolution> {
    const transports = this.#ways.names
    const target = numericTarget(uri, transports)
    if (target !== undefined) return [target]
    const random = () => this.layer.ids.below(1 << 30) / (1 << 30)
    return resolve(uri, { resolver: this.#resolver, transports, random }).then((found) =>
      this.#state === 'stopped' ? { kind: 'failed', code: 'sip.resolve.unavailable', detail: 'stopped' } : found,
    )
  }

  flowTo(target: Target, near?: Address): Flow | undefined {
    return this.#ways.flowTo(target, near)
  }

  adopt(localTag: string, owner: DialogOwner): void {
    this.#owners.set(localTag, owner)
  }

  release(localTag: string): void {
    this.#owners.delete(localTag)
  }

  guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.userFault(error)
    }
  }

  /** The listening address: a connection's own local port is not where we can be reached. */
  #ownAddress(flow: Flow): string {
    const { local } = this.#ways.of(flow) ?? flow
    return formatAddress({ host: this.#advertise?.host ?? local.host, port: this.#advertise?.port ?? local.port })
  }
}
