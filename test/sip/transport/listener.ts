import { responseTo, serialise } from '../../../src/sip/message/build.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import type { Verdict } from '../../../src/sip/message/validate.ts'
import type { Flow, FlowFailure, TransportUser } from '../../../src/sip/transport/flow.ts'

/** The floor above a transport, as tests need it: keeps all that it is told, and lets a test wait for it. */
export class Listener implements TransportUser {
  readonly messages: { message: SipMessage; flow: Flow }[] = []
  readonly failures: { flow: Flow; failure: FlowFailure }[] = []
  readonly rejections: { message: SipMessage | undefined; verdict: Verdict }[] = []
  readonly faults: unknown[] = []
  /** Answers each request with this status, if set. */
  answer: number | undefined
  #waiting: (() => void)[] = []

  message(message: SipMessage, flow: Flow): void {
    this.messages.push({ message, flow })
    if (this.answer !== undefined && message.kind === 'request') {
      flow.send(serialise(responseTo(message, this.answer, undefined, 'theirs')))
    }
    this.#wake()
  }

  flowFailed(flow: Flow, failure: FlowFailure): void {
    this.failures.push({ flow, failure })
    this.#wake()
  }

  rejected(message: SipMessage | undefined, verdict: Verdict): void {
    this.rejections.push({ message, verdict })
    this.#wake()
  }

  userFault(fault: unknown): void {
    this.faults.push(fault)
    this.#wake()
  }

  /** Resolves when the condition holds; rejects after five seconds of real time. */
  async until(holds: () => boolean): Promise<void> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#wake()
    }, 5_000)
    while (!holds() && !late) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    clearTimeout(timer)
    if (!holds()) throw new Error(`waited in vain: ${holds}`)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Waits, in real time but bounded, for something that tells nobody when it happens. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`waited in vain: ${holds}`)
}

export function requestText(method: string, callId: string, more: readonly string[] = [], body = ''): string {
  return [
    `${method} sip:bob@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK${callId}`,
    'From: <sip:alice@example.com>;tag=ours',
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    ...more,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
