import type { SipRequest } from '../message/message.ts'
import { parseNameAddr } from '../message/name-addr.ts'
import { reasonPhrase } from '../message/reason-phrases.ts'
import { parseUri, unescapeUri } from '../message/uri.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import { Ask, type Asker } from './ask.ts'
import type { HeaderLines, Referral } from './facts.ts'
import { reply } from './reply.ts'
import type { Session } from './session.ts'

/** A REFER inside the dialog: shown to the listener, which may accept it; else declined. */
export function referred(session: Session, transaction: ServerTransaction, request: SipRequest): void {
  const targets = request.headers.all('refer-to')
  const target = targets.length === 1 ? parseNameAddr(targets[0] as string) : undefined
  // RFC 3515 §2.4.2
  if (target === undefined) return reply(session.host, transaction, request, 400, [], 'Bad Refer-To')
  const referral = new PendingReferral(session, transaction, request, target.uri)
  session.host.guard(() => session.listener.referred?.(referral))
  referral.refuse(603)
}

type State = 'pending' | 'refused' | 'active' | 'terminated'

class PendingReferral implements Referral, Asker {
  readonly target: string
  readonly replaces: string | undefined
  readonly referredBy: string | undefined
  readonly request: SipRequest
  readonly #session: Session
  readonly #transaction: ServerTransaction
  #state: State = 'pending'

  constructor(session: Session, transaction: ServerTransaction, request: SipRequest, uri: string) {
    this.#session = session
    this.#transaction = transaction
    this.request = request
    const parsed = parseUri(uri)
    const inUri = parsed?.scheme === 'sip' || parsed?.scheme === 'sips' ? parsed.headers : undefined
    this.target = inUri === undefined ? uri : uri.slice(0, uri.length - inUri.length - 1)
    this.replaces = headerOfUri(inUri, 'replaces')
    this.referredBy = request.headers.get('referred-by')
  }

  accept(): void {
    if (this.#state !== 'pending') return
    this.#state = 'active'
    const { host } = this.#session
    reply(host, this.#transaction, this.request, 202, [['Contact', host.contact(this.#transaction.flow)]])
    this.notify(100)
  }

  refuse(status = 603): void {
    if (this.#state !== 'pending') return
    this.#state = 'refused'
    reply(this.#session.host, this.#transaction, this.request, status)
  }

  /** RFC 3515 §2.4.5. The subscription may outlive the call (RFC 5407 §3.3.3, RFC 5057). */
  notify(status: number, phrase: string = reasonPhrase(status)): void {
    if (this.#state !== 'active') return
    if (status >= 200) this.#state = 'terminated'
    const { host, dialog } = this.#session
    const lines: HeaderLines = [
      ['Event', 'refer'],
      ['Subscription-State', status >= 200 ? 'terminated;reason=noresource' : 'active;expires=180'],
    ]
    const text = `SIP/2.0 ${status} ${phrase}\r\n`
    new Ask(host, dialog, this, 'NOTIFY', lines, { type: 'message/sipfrag;version=2.0', text }, true).send()
  }

  /** A peer that will not hear of it has no subscription any more. */
  replied(): void {}

  unreplied(): void {
    this.#state = 'terminated'
  }
}

function headerOfUri(headers: string | undefined, name: string): string | undefined {
  for (const part of headers?.split('&') ?? []) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).toLowerCase() === name) return unescapeUri(part.slice(equals + 1))
  }
  return undefined
}
