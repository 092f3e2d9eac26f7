import { constants, createHash, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { CipherContext, type DtlsClient, type DtlsServer } from 'werift'
import type { Fingerprint } from './description.ts'
import type { Role } from './negotiate.ts'

/**
 * That the far end owns the certificate which its description names. werift leaves it at comparing certificates, which anybody
 * can copy: the signatures (RFC 8422 §5.4, RFC 5246 §7.4.8) and the last message (§7.4.9) are checked here.
 */

const type = { serverHello: 2, certificate: 11, serverKeyExchange: 12, certificateVerify: 15, finished: 20 } as const
const hashes: Readonly<Record<number, string>> = { 2: 'sha1', 4: 'sha256', 5: 'sha384', 6: 'sha512' }
/** By the strongest of the digests that were given (RFC 8122 §5). */
const strength = ['sha-512', 'sha-384', 'sha-256', 'sha-224']

type Message = Readonly<{ msg_type: number; fragment: Buffer }>

export class Proof {
  readonly #role: Role
  readonly #socket: DtlsClient | DtlsServer
  readonly #fingerprints: readonly Fingerprint[]
  #certificate: X509Certificate | null = null
  #serverRandom: Buffer | null = null
  #signed = false
  #finished = false

  constructor(role: Role, socket: DtlsClient | DtlsServer, fingerprints: readonly Fingerprint[]) {
    this.#role = role
    this.#socket = socket
    this.#fingerprints = fingerprints
  }

  get whole(): boolean {
    return this.#signed && this.#finished
  }

  /** Each message of the far end, in its order, before werift has it. @throws Error what does not hold. */
  see({ msg_type, fragment }: Message): void {
    switch (msg_type) {
      case type.serverHello:
        this.#serverRandom = Buffer.from(fragment.subarray(2, 34))
        return
      case type.certificate:
        return this.#seeCertificate(fragment)
      case type.serverKeyExchange:
        if (this.#role === 'client') this.#seeKeys(fragment)
        return
      case type.certificateVerify:
        if (this.#role === 'server') this.#seeSignature(fragment, this.#transcript)
        return
      case type.finished:
        return this.#seeFinished(fragment)
    }
  }

  get #transcript(): Buffer {
    return Buffer.concat(this.#socket.dtls.sortedHandshakeCache.map((message) => message.serialize()))
  }

  #seeCertificate(body: Buffer): void {
    const certificate = body.subarray(6, 6 + body.readUIntBE(3, 3))
    const algorithm = strength.find((one) => this.#fingerprints.some((given) => given.algorithm === one))
    const digest = createHash((algorithm ?? '').replace('-', ''))
      .update(certificate)
      .digest('hex')
      .toUpperCase()
    const named = this.#fingerprints.some(
      (given) => given.algorithm === algorithm && given.value.replaceAll(':', '') === digest,
    )
    if (!named) throw new Error('the certificate is not the one that the description names')
    this.#certificate = new X509Certificate(certificate)
  }

  /** ECDHE: curve type, curve, the length of the point, the point; then the signature. */
  #seeKeys(body: Buffer): void {
    const params = body.subarray(0, 4 + body[3]!)
    const { localRandom } = this.#socket.cipher
    if (this.#serverRandom === null) throw new Error('keys before the hello')
    this.#seeSignature(
      body.subarray(params.length),
      Buffer.concat([localRandom.serialize(), this.#serverRandom, params]),
    )
  }

  #seeSignature(body: Buffer, content: Buffer): void {
    const hash = hashes[body[0]!]
    const signature = body.subarray(4, 4 + body.readUInt16BE(2))
    if (this.#certificate === null || hash === undefined) throw new Error('a signature that cannot be checked')
    const key = this.#certificate.publicKey
    const options = key.asymmetricKeyType === 'rsa' ? { key, padding: constants.RSA_PKCS1_PADDING } : key
    if (!verify(hash, content, options, signature)) throw new Error('the signature is not that of the certificate')
    this.#signed = true
  }

  #seeFinished(body: Buffer): void {
    const { SERVER, CLIENT } = { CLIENT: 1, SERVER: 2 } as const
    const { masterSecret } = this.#socket.cipher
    // What we would say in the far end's place.
    const theirs = { masterSecret, sessionType: this.#role === 'client' ? SERVER : CLIENT } as unknown as CipherContext
    const expected = CipherContext.prototype.verifyData.call(theirs, this.#transcript)
    if (body.length !== expected.length || !timingSafeEqual(body, expected))
      throw new Error('the handshake was changed')
    this.#finished = true
  }
}
