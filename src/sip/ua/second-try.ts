import { minSessionExpires, to } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { answerChallenge } from './credentials.ts'
import type { SessionHost } from './host.ts'

/** What an INVITE has been told to do better (RFC 3261 §8.1.3.5): credentials once, a longer session timer. */
export class SecondTry {
  authorization: readonly [string, string] | undefined
  /** Seconds, from a 422. */
  minimumInterval = 0

  /** True if this response taught something that the next attempt can use. */
  learn({ credentials, layer }: SessionHost, request: SipRequest, response: SipResponse): boolean {
    const { status } = response
    if ((status === 401 || status === 407) && this.authorization === undefined) {
      const challenger = { called: to(request)?.uri ?? '' }
      this.authorization = answerChallenge(response, request, challenger, credentials, layer.ids.tag())
      return this.authorization !== undefined
    }
    if (status !== 422) return false
    const least = minSessionExpires(response) ?? 0
    if (least <= this.minimumInterval) return false
    this.minimumInterval = least
    return true
  }
}
