import { X509Certificate } from 'node:crypto'
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
import { HandshakeOrder } from './handshake.ts'
import type { Role } from './negotiate.ts'
import { Proof } from './proof.ts'
import { keyLength, type SrtpKeys, saltLength } from './srtp.ts'

type Certificate = Awaited<ReturnType<typeof CipherContext.createSelfSignedCertificateWithKey>>

/** What we prove ourselves with: a key of this process's life. */
export type Identity = Readonly<{ certificate: Certificate; fingerprint: Fingerprint }>

let identity: Promise<Identity> | undefined

export function ownIdentity(): Promise<Identity> {
  identity ??= makeIdentity()
  return identity
}

export async function makeIdentity(): Promise<Identity> {
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
const alert = 21
const handshake = 22
const changeCipherSpec = 20
const certificateVerify = 15
/** Milliseconds between two repetitions of our last words. */
const repeatPause = 100
/** The longest flight of one side, in datagrams. */
const longestFlight = 16

type DtlsState = 'shaking' | 'ready' | 'over'

/** One DTLS association (RFC 8842), for its keys (RFC 5764). */
export class Dtls {
  readonly #role: Role
  readonly #door: DtlsDoor
  readonly #socket: DtlsClient | DtlsServer
  readonly #deadline: NodeJS.Timeout
  readonly #transport
  readonly #order: HandshakeOrder
  readonly #proof: Proof
  #state: DtlsState = 'shaking'
  /** What we said since the far end said something new: if it says the same again, it missed this. */
  #flight: Buffer[] = []
  #answered = true
  #repeatedAt = 0

  constructor(role: Role, { certificate }: Identity, fingerprints: readonly Fingerprint[], door: DtlsDoor) {
    this.#role = role
    this.#door = door
    this.#order = new HandshakeOrder(role === 'server' ? certificateVerify : null)
    this.#transport = {
      type: 'ice',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: (_data: Buffer): void => {},
      send: async (data: Buffer): Promise<void> => {
        if (this.#state === 'over') return
        this.#remember(data)
        door.send(data)
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
    this.#proof = new Proof(role, this.#socket, fingerprints)
    const handle = this.#socket.onHandleHandshakes
    this.#socket.onHandleHandshakes = async (messages) => {
      for (const message of messages) this.#proof.see(message)
      await handle(messages)
    }
    this.#deadline = setTimeout(() => this.#fail('the far end did not finish the DTLS handshake'), patience)
    this.#socket.onConnect.once(() => this.#connected())
    this.#socket.onError.subscribe((error: Error) => this.#fail(`DTLS: ${error?.message ?? String(error)}`))
    this.#socket.onClose.subscribe(() => this.#ended())
    if (this.#socket instanceof DtlsClient) {
      this.#socket.connect().catch((error: Error) => this.#fail(`DTLS: ${error?.message ?? String(error)}`))
    }
  }

  hear(datagram: Buffer): void {
    if (this.#state === 'over') return
    if (this.#state === 'ready') return this.#hearLater(datagram)
    const { records, repeated } = this.#order.hear(datagram)
    if (records.length > 0) this.#answered = true
    else if (repeated) this.#repeat()
    for (const record of records) this.#transport.onData(record)
  }

  /** With keys agreed: a goodbye, or a far end that missed the end of the handshake. */
  #hearLater(datagram: Buffer): void {
    const encrypted = datagram.readUInt16BE(3) > 0
    if (datagram[0] === alert) {
      // One in the clear can come from anybody who knows the port.
      if (encrypted) this.#transport.onData(datagram)
    } else if (this.#role === 'server' && (datagram[0] === handshake || datagram[0] === changeCipherSpec))
      this.#repeat()
  }

  #remember(data: Buffer): void {
    if (this.#state !== 'shaking') return
    if (this.#answered) this.#flight = []
    this.#answered = false
    const known = this.#flight.some((one) => one.equals(data))
    if (!known && this.#flight.length < longestFlight) this.#flight.push(Buffer.from(data))
  }

  #repeat(): void {
    const now = performance.now()
    if (now - this.#repeatedAt < repeatPause) return
    this.#repeatedAt = now
    for (const data of this.#flight) this.#door.send(data)
  }

  #connected(): void {
    if (this.#state !== 'shaking') return
    if (!this.#proof.whole) return this.#fail('the far end did not prove that the certificate is its own')
    if (this.#socket.srtp.srtpProfile !== ProtectionProfileAes128CmHmacSha1_80) return this.#fail('no SRTP was agreed')
    const keys = this.#socket.extractSessionKeys(keyLength, saltLength)
    clearTimeout(this.#deadline)
    this.#state = 'ready'
    this.#door.ready({
      ours: { key: keys.localKey, salt: keys.localSalt },
      theirs: { key: keys.remoteKey, salt: keys.remoteSalt },
    })
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
