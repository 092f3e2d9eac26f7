import { createHmac } from 'node:crypto'
import type { Instant } from '../call/ending.ts'

/**
 * Standard Webhooks, version 1 (https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp` in seconds, and
 * `webhook-signature`, a list of `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` for each key that is in use.
 */
export type WebhookSecret = Readonly<{
  /** `whsec_` and 24 to 64 bytes of base64; the prefix may be absent. */
  secret: string
  /** Signs until then; absent: for ever. While a key is being rotated, both sign and either is accepted. */
  until?: Instant
}>

export type WebhookSigner = (message: { id: string; body: string }, at: Instant) => Readonly<Record<string, string>>

function keyOf(secret: string): Buffer {
  const base64 = secret.replace(/^whsec_/, '')
  const key = Buffer.from(base64, 'base64')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || key.length < 24 || key.length > 64) {
    throw new RangeError('a webhook secret is whsec_ and 24 to 64 bytes of base64')
  }
  return key
}

/** Without a secret only the id is sent: a receiver can still tell repetitions. @throws RangeError for a secret that is none */
export function createWebhookSigner(secrets: readonly WebhookSecret[] = []): WebhookSigner {
  const keys = secrets.map(({ secret, until }) => ({ key: keyOf(secret), until: until ?? Number.POSITIVE_INFINITY }))
  return ({ id, body }, at) => {
    const timestamp = Math.floor(at / 1000)
    const signatures = keys
      .filter(({ until }) => at < until)
      .map(({ key }) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
    if (signatures.length === 0) return { 'webhook-id': id }
    return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
  }
}
