import { minSessionExpires, type SessionExpires, sessionExpires } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Alarm, Rung } from '../transaction/alarms.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import type { HeaderLines } from './facts.ts'
import type { SessionHost, SessionTimerSettings } from './host.ts'
import type { Offerer } from './negotiation.ts'
import { reply } from './reply.ts'
import type { Session } from './session.ts'

/** RFC 4028 §4: no shorter interval is ever legal. Seconds. */
const leastMinimum = 90

/**
 * The session timer of RFC 4028: a call whose peer is gone without a BYE ends after a while. Whoever refreshes does so at half the
 * interval; the other side ends the call shortly before the interval is over. Only a 2xx to a refresh extends it.
 */
export class SessionTimer implements Asker, Offerer, Rung {
  readonly #session: Session
  /** Seconds; 0: no timer runs. */
  #interval = 0
  #refresher: 'us' | 'peer' = 'peer'
  /** Whether UPDATE is worth trying: true if the peer's Allow has it and it has not refused one yet. */
  #update = false
  #refresh: Alarm | undefined
  #expiry: Alarm | undefined

  constructor(session: Session) {
    this.#session = session
  }

  // ------------------------------------------------------------------ as the callee of a request that may carry a timer

  /** The lines of our 2xx to an INVITE or UPDATE; the timer begins anew. Table 2 of RFC 4028 §9. */
  accept(request: SipRequest): HeaderLines {
    const asked = sessionExpires(request)
    const settings = this.#session.host.sessionTimer
    this.#noteAllow(request)
    if (asked === undefined && settings === undefined) return []
    const supported = supportsTimer(request)
    const least = Math.max(minSessionExpires(request) ?? leastMinimum, minimumInterval(this.#session.host))
    const seconds = Math.max(asked?.seconds ?? (settings as SessionTimerSettings).expires, least)
    // A peer that asked for a timer refreshes it, unless it wants us to; one that cannot, cannot.
    const refresher = supported ? (asked?.refresher ?? (asked === undefined ? 'uas' : 'uac')) : 'uas'
    this.#start(seconds, refresher === 'uas' ? 'us' : 'peer')
    const line = ['Session-Expires', `${seconds};refresher=${refresher}`] as const
    return refresher === 'uac' ? [line, ['Require', 'timer']] : [line]
  }

  // ------------------------------------------------------------------ as the caller

  /** The lines of an INVITE that asks for a timer; `least` is the Min-SE that a 422 demanded. */
  ask(least: number): HeaderLines {
    const settings = this.#session.host.sessionTimer
    if (settings === undefined && least === 0) return []
    const minimum = Math.max(least, minimumInterval(this.#session.host))
    const seconds = Math.max(settings?.expires ?? 0, minimum)
    return minimum > leastMinimum
      ? [
          ['Session-Expires', String(seconds)],
          ['Min-SE', String(minimum)],
        ]
      : [['Session-Expires', String(seconds)]]
  }

  /** A 2xx to our INVITE or UPDATE. */
  answered(response: SipResponse): void {
    this.#noteAllow(response)
    const agreed: SessionExpires | undefined = sessionExpires(response)
    if (agreed === undefined) {
      // §7.2: the peer runs no timer. One that we asked for ourselves in a refresh goes on.
      if (this.#interval > 0) this.#start(this.#interval, this.#refresher)
      return
    }
    this.#start(Math.max(agreed.seconds, leastMinimum), agreed.refresher === 'uas' ? 'peer' : 'us')
  }

  // ------------------------------------------------------------------ refreshing

  rang(name: string): void {
    if (name === 'expiry') this.#session.lose('session-expired')
    else this.#sendRefresh()
  }

  replied(ask: Ask, response: SipResponse): void {
    if (ask.method === 'UPDATE') this.offerSettled(response)
  }

  unreplied(ask: Ask, _failure: AskFailure): void {
    if (ask.method === 'UPDATE') this.#session.lose('session-expired')
  }

  /** The answer to a refresh of ours, by UPDATE or by re-INVITE. */
  offerSettled(response: SipResponse | undefined): void {
    const session = this.#session
    if (response === undefined || !session.answered) return
    const { status } = response
    if (status < 300) return this.answered(response)
    if (status === 408 || status === 481) return session.lose('session-expired')
    if (status === 422) {
      const least = minSessionExpires(response) ?? 0
      if (least <= this.#interval) return
      this.#interval = least
      return this.#sendRefresh()
    }
    const { layer } = session.host
    if (status === 491) {
      this.#refresh = layer.wheel.arm(2100 + layer.ids.below(191) * 10, this, 'refresh')
    } else if (this.#update && (status === 405 || status === 501)) {
      this.#update = false
      this.#sendRefresh()
    }
    // Anything else: no blind repetition. The expiry decides.
  }

  stop(): void {
    const { wheel } = this.#session.host.layer
    wheel.disarm(this.#refresh)
    wheel.disarm(this.#expiry)
    this.#interval = 0
  }

  #sendRefresh(): void {
    const session = this.#session
    if (!session.answered) return
    const lines: HeaderLines = [
      ['Session-Expires', `${this.#interval};refresher=uac`],
      ['Supported', 'timer'],
    ]
    // UPDATE needs no session description (§7.4); a re-INVITE repeats ours, with its o= line unchanged.
    if (this.#update) new Ask(session.host, session.dialog, this, 'UPDATE', lines, undefined, true).send()
    else if (session.localSdp !== undefined) session.negotiation.offer(session.localSdp, lines, this)
  }

  #start(seconds: number, refresher: 'us' | 'peer'): void {
    const { wheel } = this.#session.host.layer
    this.stop()
    this.#interval = seconds
    this.#refresher = refresher
    if (refresher === 'us') {
      this.#refresh = wheel.arm(seconds * 500, this, 'refresh')
      this.#expiry = wheel.arm(seconds * 1000, this, 'expiry')
    } else {
      // §10: min(32 s, a third of the interval) before the end
      this.#expiry = wheel.arm((seconds - Math.min(32, seconds / 3)) * 1000, this, 'expiry')
    }
  }

  #noteAllow(message: SipRequest | SipResponse): void {
    if (message.headers.has('allow')) this.#update = message.headers.all('allow').includes('UPDATE')
  }
}

/** Answers 422 to an INVITE or UPDATE whose interval is too short for us, if its sender can be told (§9). */
export function refusedAsTooShort(host: SessionHost, transaction: ServerTransaction, request: SipRequest): boolean {
  const asked = sessionExpires(request)
  if (asked === undefined || asked.seconds >= minimumInterval(host) || !supportsTimer(request)) return false
  reply(host, transaction, request, 422, [['Min-SE', String(minimumInterval(host))]])
  return true
}

function minimumInterval(host: SessionHost): number {
  return Math.max(host.sessionTimer?.minimum ?? leastMinimum, leastMinimum)
}

function supportsTimer(request: SipRequest): boolean {
  return request.headers.all('supported').includes('timer')
}
