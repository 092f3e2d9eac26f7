import type { Instant } from '../call/ending.ts'
import type { Attempt, Delivery, DeliveryState, RetryPolicy, WebResult } from '../switchboard/ports.ts'
import type { WebError } from './web-error.ts'

type RetryReason = RetryPolicy['retryOn'][number]

/** As which of a policy's reasons a failure counts. Null: another attempt would meet the same. */
const reasonOf: Readonly<Record<WebError, RetryReason | null>> = {
  connect: 'connect',
  dns: 'connect',
  tls: 'connect',
  timeout: 'read',
  closed: 'read',
  'too-large': null,
  redirects: null,
  'refused-address': null,
  'bad-url': null,
  aborted: null,
}

function retryReason(result: WebResult): RetryReason | null {
  if (!result.ok) return reasonOf[result.error]
  if (result.status >= 500) return '5xx'
  return result.status >= 400 ? '4xx' : null
}

export function attemptOf(at: Instant, result: WebResult): Attempt {
  const { milliseconds } = result
  return result.ok
    ? { at, milliseconds, status: result.status, error: null }
    : { at, milliseconds, status: null, error: `${result.error}: ${result.detail}` }
}

/** Given up because this process stops: nobody's failure, so it uses up no attempt. */
function wasGivenUp({ error }: Attempt): boolean {
  return error?.startsWith('aborted:') === true
}

export type Verdict = Readonly<{ state: DeliveryState; next: Instant | null }>

/**
 * What becomes of a delivery after an attempt that was done at `now`. Any 2xx delivers it. Otherwise the policy decides
 * whether it is tried again, and as long as there are waits left in its backoff.
 */
export function verdictOn(delivery: Delivery, result: WebResult, now: Instant): Verdict {
  if (result.ok && result.status >= 200 && result.status < 300) return { state: 'delivered', next: null }
  if (!result.ok && result.error === 'aborted') return { state: 'pending', next: now }
  const reason = retryReason(result)
  const wait = delivery.policy.backoff[delivery.attempts.filter((attempt) => !wasGivenUp(attempt)).length]
  if (reason === null || wait === undefined || !delivery.policy.retryOn.includes(reason)) {
    return { state: 'failed', next: null }
  }
  return { state: 'pending', next: now + wait }
}
