import { Dtls, type DtlsKeys, type Identity } from './dtls.ts'
import type { PeerAgreed, Role } from './negotiate.ts'
import { SrtpReceiver, SrtpSender } from './srtp.ts'

export type AssociationDoor = Readonly<{
  send(record: Buffer): void
  /** A new one is begun; nothing of it has been heard yet. */
  begun(): void
  /** The far end proved who it is: from now on there are keys. */
  ready(): void
  /** It failed, or the far end said goodbye in it. */
  broke(how: 'failed' | 'left'): void
}>

export type Keys = Readonly<{ sender: SrtpSender; receiver: SrtpReceiver }>

/** Handshake records that came before our own side of ICE was done. */
const mostEarly = 16

/** Who is at the far end, proven by DTLS, and the keys for its sound. It outlives the way that it was made on. */
export class Association {
  readonly #identity: Identity
  readonly #door: AssociationDoor
  #dtls: Dtls | null = null
  #keys: Keys | null = null
  #early: Buffer[] = []
  #role: Role | null = null
  #provenBy: PeerAgreed['fingerprints'] = []

  constructor(identity: Identity, door: AssociationDoor) {
    this.#identity = identity
    this.#door = door
  }

  get keys(): Keys | null {
    return this.#keys
  }

  /** Ours if it goes on with what was agreed; null if there will be a new one. */
  roleWith(agreed: PeerAgreed): Role | null {
    return this.#dtls === null || this.#isStranger(agreed) ? null : this.#role
  }

  /** @param role ours, should a new one be begun. */
  agree(agreed: PeerAgreed, role: Role): void {
    if (this.#dtls === null || this.#isStranger(agreed)) this.#role = role
  }

  /** On the first way that is found; a later way carries it on, unless it is over or leads to somebody else. */
  begin(agreed: PeerAgreed, over: boolean): void {
    if (this.#dtls !== null && !over && !this.#isStranger(agreed)) return
    this.close()
    const dtls: Dtls = new Dtls(this.#role!, this.#identity, agreed.fingerprints, {
      send: (record) => this.#door.send(record),
      ready: (keys) => dtls === this.#dtls && this.#ready(keys),
      failed: () => dtls === this.#dtls && this.#door.broke('failed'),
      gone: () => dtls === this.#dtls && this.#door.broke('left'),
    })
    this.#dtls = dtls
    this.#provenBy = agreed.fingerprints
    this.#door.begun()
    for (const record of this.#early.splice(0)) dtls.hear(record)
  }

  #isStranger({ fingerprints }: PeerAgreed): boolean {
    return !fingerprints.some((one) => this.#provenBy.some(({ value }) => value === one.value))
  }

  #ready({ ours, theirs }: DtlsKeys): void {
    this.#keys = { sender: new SrtpSender(ours), receiver: new SrtpReceiver(theirs) }
    this.#door.ready()
  }

  hear(record: Buffer): void {
    if (this.#dtls !== null) this.#dtls.hear(record)
    else if (this.#early.length < mostEarly) this.#early.push(Buffer.from(record))
  }

  close(): void {
    this.#dtls?.close()
    this.#keys = null
  }
}
