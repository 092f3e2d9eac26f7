import { createHash, X509Certificate } from 'node:crypto'
import {
  CipherContext,
  DtlsClient,
  DtlsServer,
  HashAlgorithm,
  NamedCurveAlgorithm,
  ProtectionProfileAes128CmHmacSha1_80,
  SignatureAlgorithm,
} from 'werift'
import type { Fingerprint } from './description.ts'
import type { Role } from './negotiate.ts'
import { keyLength, type SrtpKeys, saltLength } from './srtp.ts'

type Certificate = Awaited<ReturnType<typeof CipherContext.createSelfSignedCertificateWithKey>>

/** What we prove ourselves with: a key of this process's life. */
export type Identity = Readonly<{ certificate: Certificate; fingerprint: Fingerprint }>

let identity: Promise<Identity> | undefined

export function ownIdentity(): Promise<Identity> {
  identity ??= makeIdentity()
  return identity
}

async function makeIdentity(): Promise<Identity> {
  const certificate = await CipherContext.createSelfSignedCertificateWithKey(
    { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
    NamedCurveAlgorithm.secp256r1_23,
  )
  const value = new X509Certificate(certificate.certPem).fingerprint256
  return { certificate, fingerprint: { algorithm: 'sha-256', value } }
}

export type DtlsKeys = Readonly<{ ours: SrtpKeys; theirs: SrtpKeys }>

export type DtlsDoor = Readonly<{
  send(record: Buffer): void
  /** The far end proved who it is. */
  ready(keys: DtlsKeys): void
  /** It is not who its description said, or never answered. */
  failed(detail: string): void
  /** It said goodbye. */
  gone(): void
}>

/** Milliseconds for the whole handshake. */
const patience = 20_000
const strength = ['sha-512', 'sha-384', 'sha-256', 'sha-224']
const alert = 21

type DtlsState = 'shaking' | 'ready' | 'over'

/** One DTLS association (RFC 8842), for its keys (RFC 5764). */
export class Dtls {
  readonly #fingerprints: readonly Fingerprint[]
  readonly #door: DtlsDoor
  readonly #socket: DtlsClient | DtlsServer
  readonly #deadline: NodeJS.Timeout
  readonly #transport
  #state: DtlsState = 'shaking'

  constructor(role: Role, { certificate }: Identity, fingerprints: readonly Fingerprint[], door: DtlsDoor) {
    this.#fingerprints = fingerprints
    this.#door = door
    this.#transport = {
      type: 'ice',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: (_data: Buffer): void => {},
      send: async (data: Buffer): Promise<void> => {
        if (this.#state !== 'over') door.send(data)
      },
      close: async (): Promise<void> => {},
    }
    const options = {
      cert: certificate.certPem,
      key: certificate.keyPem,
      signatureHash: certificate.signatureHash,
      transport: this.#transport,
      srtpProfiles: [ProtectionProfileAes128CmHmacSha1_80] as [1],
      extendedMasterSecret: true,
      // Both ends show a certificate: that is what the fingerprints are of.
      certificateRequest: true,
    }
    this.#socket = role === 'client' ? new DtlsClient(options) : new DtlsServer(options)
    this.#deadline = setTimeout(() => this.#fail('the far end did not finish the DTLS handshake'), patience)
    this.#socket.onConnect.once(() => this.#connected())
    this.#socket.onError.subscribe((error: Error) => this.#fail(`DTLS: ${error?.message ?? String(error)}`))
    this.#socket.onClose.subscribe(() => this.#ended())
    if (this.#socket instanceof DtlsClient) {
      this.#socket.connect().catch((error: Error) => this.#fail(`DTLS: ${error?.message ?? String(error)}`))
    }
  }

  hear(record: Buffer): void {
    // An alert in the clear can come from anybody who knows the port; a far end that we share keys with encrypts its own.
    const inTheClear = record[0] === alert && record.readUInt16BE(3) === 0
    if (this.#state !== 'over' && !(inTheClear && this.#state === 'ready')) this.#transport.onData(record)
  }

  #connected(): void {
    if (this.#state !== 'shaking') return
    if (!this.#isWhoItSays()) return this.#fail('the certificate is not the one that the description names')
    if (this.#socket.srtp.srtpProfile !== ProtectionProfileAes128CmHmacSha1_80) return this.#fail('no SRTP was agreed')
    const keys = this.#socket.extractSessionKeys(keyLength, saltLength)
    clearTimeout(this.#deadline)
    this.#state = 'ready'
    this.#door.ready({
      ours: { key: keys.localKey, salt: keys.localSalt },
      theirs: { key: keys.remoteKey, salt: keys.remoteSalt },
    })
  }

  /** By the strongest of the digests that were given (RFC 8122 §5). */
  #isWhoItSays(): boolean {
    const certificate = this.#socket.remoteCertificate
    if (certificate === undefined) return false
    const algorithm = strength.find((one) => this.#fingerprints.some((given) => given.algorithm === one))
    if (algorithm === undefined) return false
    const digest = createHash(algorithm.replace('-', '')).update(certificate).digest('hex').toUpperCase()
    return this.#fingerprints.some(
      (given) => given.algorithm === algorithm && given.value.replaceAll(':', '') === digest,
    )
  }

  #fail(detail: string): void {
    if (this.#state !== 'shaking') return
    this.#over()
    this.#door.failed(detail)
  }

  #ended(): void {
    if (this.#state === 'shaking') return this.#fail('the far end ended the DTLS handshake')
    if (this.#state !== 'ready') return
    this.#over()
    this.#door.gone()
  }

  #over(): void {
    this.#state = 'over'
    this.#transport.closed = true
    // Ends werift's retransmissions.
    this.#socket.dtls.flight = Number.MAX_SAFE_INTEGER
    clearTimeout(this.#deadline)
  }

  /** Says goodbye, so that the far end need not wait for our silence. */
  close(): void {
    if (this.#state === 'ready') this.#sayGoodbye()
    this.#over()
  }

  /** A close_notify. werift sends no alerts; a record of data differs from one only in its type. */
  #sayGoodbye(): void {
    const { cipher } = this.#socket
    const encrypt = cipher.encryptPacket.bind(cipher)
    cipher.encryptPacket = (record) => {
      record.recordLayerHeader.contentType = alert
      return encrypt(record)
    }
    const warning = 1
    const closeNotify = 0
    this.#socket.send(Buffer.of(warning, closeNotify)).catch(() => {})
  }
}
