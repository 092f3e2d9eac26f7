import type { Headers } from './headers.ts'

/** `version` as received, normally `SIP/2.0`. `body` is a view of the received bytes: copy it to keep it past the message. */
export type SipRequest = {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly version: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** `status` is 100–699 after validation; before it, any number that stood there. */
export type SipResponse = {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly version: string
  readonly headers: Headers
  readonly body: Uint8Array
}

export type SipMessage = SipRequest | SipResponse

export const emptyBody: Uint8Array = new Uint8Array(0)
