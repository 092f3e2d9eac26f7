import { sequenceDelta } from './packet.ts'

/**
 * Symmetric RTP (RFC 4961) with care: a far end behind NAT sends from an address that its description does not name, and
 * wants to be answered there; but whoever else finds the port must not be able to take the sound over.
 *
 * - The agreed address and port is believed at once, also when another one was believed so far.
 * - Another source is believed after `proof` packets in a row of one stream, and only while nobody is believed
 *   or the one who is has been silent for `patience`.
 * - Whoever is not believed is not heard.
 */
export type Source = Readonly<{ address: string; port: number }>

type LatchState =
  | Readonly<{ name: 'open' }>
  | { name: 'trying'; source: Source; ssrc: number; sequence: number; proofs: number; locked: Locked | null }
  | Locked
type Locked = { name: 'locked'; source: Source; lastHeard: number }

const proof = 3
/** Milliseconds. */
const patience = 2000

export class Latch {
  readonly #policy: 'any' | 'address' | 'off'
  #agreed: Source
  #state: LatchState = { name: 'open' }

  constructor(policy: 'any' | 'address' | 'off', agreed: Source) {
    this.#policy = policy
    this.#agreed = agreed
  }

  /** Where to send. */
  get target(): Source {
    const locked = this.#locked
    return locked === null ? this.#agreed : locked.source
  }

  get #locked(): Locked | null {
    if (this.#state.name === 'locked') return this.#state
    return this.#state.name === 'trying' ? this.#state.locked : null
  }

  /** A new agreement. The same address as before keeps what was learnt. */
  agree(agreed: Source): void {
    if (agreed.address === this.#agreed.address && agreed.port === this.#agreed.port) return
    this.#agreed = agreed
    this.#state = { name: 'open' }
  }

  /**
   * Whether to hear this packet.
   * @param at milliseconds, monotonic.
   */
  hear(address: string, port: number, ssrc: number, sequence: number, at: number): boolean {
    const locked = this.#locked
    if (locked !== null && locked.source.port === port && locked.source.address === address) {
      locked.lastHeard = at
      this.#state = locked
      return true
    }
    if (port === this.#agreed.port && address === this.#agreed.address) {
      this.#state = { name: 'locked', source: this.#agreed, lastHeard: at }
      return true
    }
    if (this.#policy === 'off' || (this.#policy === 'address' && address !== this.#agreed.address)) return false
    if (locked !== null && at - locked.lastHeard < patience) return false
    return this.#try(address, port, ssrc, sequence, at, locked)
  }

  #try(address: string, port: number, ssrc: number, sequence: number, at: number, locked: Locked | null): boolean {
    const trying = this.#state
    const goesOn =
      trying.name === 'trying' &&
      trying.source.port === port &&
      trying.source.address === address &&
      trying.ssrc === ssrc &&
      sequenceDelta(trying.sequence, sequence) > 0 &&
      sequenceDelta(trying.sequence, sequence) < 20
    const proofs = goesOn ? trying.proofs + 1 : 1
    const source = goesOn ? trying.source : { address, port }
    this.#state =
      proofs >= proof
        ? { name: 'locked', source, lastHeard: at }
        : { name: 'trying', source, ssrc, sequence, proofs, locked }
    return proofs >= proof
  }
}
