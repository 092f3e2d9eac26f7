import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Credentials, type DigestAlgorithm, digestResponse, type Secret } from './digest.ts'
import { quote } from './scan.ts'

export type DigestVerifierOptions = Readonly<{
  realm: string
  /** Signs nonces. At least 16 random bytes, the same in every process that answers for this realm. */
  key: Uint8Array
  /** Milliseconds since 1970. */
  now: () => number
  fillRandom: (view: Uint8Array) => void
  /** Offered in this order. Default: SHA-256, then MD5 for phones that know nothing else. */
  algorithms?: readonly DigestAlgorithm[]
  /** How long a nonce may be used. Default 300,000 ms. */
  lifetime?: number
  /** How many used nonces are remembered. Past that the oldest go, and every nonce as old as they are is stale. Default 10,000. */
  remembered?: number
}>

/**
 * `stale`: the secret is right but the nonce may not be used again: challenge with stale=true and the client tries again by itself.
 * `wrong`: challenge anew, or refuse.
 */
export type DigestOutcome =
  | Readonly<{ kind: 'right'; username: string }>
  | Readonly<{ kind: 'stale' }>
  | Readonly<{ kind: 'wrong'; why: 'realm' | 'nonce' | 'algorithm' | 'qop' | 'response' }>

/** A nonce: time (6 bytes), random (8 bytes), signature (16 bytes). Nothing is stored until it is used. */
const timeBytes = 6
const randomBytes = 8
const signatureBytes = 16

/** What has been used of one nonce: the highest count, and which of the 32 counts below it (a bit each). */
type Use = { at: number; highest: number; below: number }

/** The server's side of digest authentication: nonces that it can recognise without having stored them, each count usable once. */
export class DigestVerifier {
  readonly #realm: string
  readonly #key: Uint8Array
  readonly #now: () => number
  readonly #fillRandom: (view: Uint8Array) => void
  readonly #algorithms: readonly DigestAlgorithm[]
  readonly #lifetime: number
  readonly #remembered: number
  readonly #uses = new Map<string, Use>()
  /** Every nonce made at or before this time is stale. */
  #floor = Number.NEGATIVE_INFINITY

  constructor(options: DigestVerifierOptions) {
    this.#realm = options.realm
    this.#key = options.key
    this.#now = options.now
    this.#fillRandom = options.fillRandom
    this.#algorithms = options.algorithms ?? ['SHA-256', 'MD5']
    this.#lifetime = options.lifetime ?? 300_000
    this.#remembered = options.remembered ?? 10_000
  }

  /** How many nonces are remembered as used. */
  get size(): number {
    return this.#uses.size
  }

  /** One WWW-Authenticate (or Proxy-Authenticate) value for each algorithm, in the order to send them. */
  challenge(stale = false): string[] {
    const nonce = this.#nonce()
    return this.#algorithms.map(
      (algorithm) =>
        `Digest realm=${quote(this.#realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
    )
  }

  /**
   * Checks credentials against the secret of their user. `method` is that of the request; the URI hashed is the client's own, since a
   * proxy may have changed the Request-URI. A right answer uses up its nonce count.
   */
  verify(credentials: Credentials, method: string, secret: Secret, body?: Uint8Array): DigestOutcome {
    if (credentials.realm !== this.#realm) return { kind: 'wrong', why: 'realm' }
    if (!this.#algorithms.includes(credentials.algorithm)) return { kind: 'wrong', why: 'algorithm' }
    const { qop, nonceCount } = credentials
    // Without a count nothing tells a replay from a request (RFC 8760 §2.6).
    if (qop === undefined || credentials.cnonce === undefined || !nonceCount) return { kind: 'wrong', why: 'qop' }
    const made = this.#timeOf(credentials.nonce)
    if (made === undefined) return { kind: 'wrong', why: 'nonce' }
    const expected = Buffer.from(digestResponse(secret, method, body, credentials))
    const received = Buffer.from(credentials.response)
    if (expected.length !== received.length || !timingSafeEqual(expected, received))
      return { kind: 'wrong', why: 'response' }
    const now = this.#now()
    if (made > now || now - made > this.#lifetime || made <= this.#floor) return { kind: 'stale' }
    return this.#use(credentials.nonce, made, nonceCount)
      ? { kind: 'right', username: credentials.username }
      : { kind: 'stale' }
  }

  #use(nonce: string, made: number, count: number): boolean {
    const use = this.#uses.get(nonce)
    if (use === undefined) {
      this.#uses.set(nonce, { at: made, highest: count, below: 0 })
      this.#forget()
      return true
    }
    if (count > use.highest) {
      const shift = count - use.highest
      use.below = shift > 32 ? 0 : ((shift === 32 ? 0 : use.below << shift) | (1 << (shift - 1))) >>> 0
      use.highest = count
      return true
    }
    // Requests sent side by side may overtake each other over UDP.
    const behind = use.highest - count
    const bit = behind === 0 || behind > 32 ? 0 : (1 << (behind - 1)) >>> 0
    if (bit === 0 || (use.below & bit) !== 0) return false
    use.below = (use.below | bit) >>> 0
    return true
  }

  #forget(): void {
    const oldest = this.#now() - this.#lifetime
    for (const [nonce, use] of this.#uses) {
      if (use.at >= oldest && this.#uses.size <= this.#remembered) break
      this.#uses.delete(nonce)
      this.#floor = Math.max(this.#floor, use.at)
    }
  }

  #nonce(): string {
    const bytes = Buffer.alloc(timeBytes + randomBytes + signatureBytes)
    bytes.writeUIntBE(this.#now(), 0, timeBytes)
    this.#fillRandom(bytes.subarray(timeBytes, timeBytes + randomBytes))
    this.#sign(bytes).copy(bytes, timeBytes + randomBytes, 0, signatureBytes)
    return bytes.toString('base64url')
  }

  #timeOf(nonce: string): number | undefined {
    const bytes = Buffer.from(nonce, 'base64url')
    if (bytes.length !== timeBytes + randomBytes + signatureBytes || bytes.toString('base64url') !== nonce)
      return undefined
    const signature = bytes.subarray(timeBytes + randomBytes)
    if (!timingSafeEqual(this.#sign(bytes).subarray(0, signatureBytes), signature)) return undefined
    return bytes.readUIntBE(0, timeBytes)
  }

  #sign(bytes: Buffer): Buffer {
    return createHmac('sha256', this.#key)
      .update(bytes.subarray(0, timeBytes + randomBytes))
      .update(this.#realm)
      .digest()
  }
}
