import type { Ear, Transport } from '../engine/transport.ts'
import type { IceCandidate, IceServer, PeerState } from '../face.ts'
import { looksLikeRtcp, parseRtp } from '../rtp/packet.ts'
import type { Agreement } from '../sdp/negotiated.ts'
import { Association } from './association.ts'
import type { Identity } from './dtls.ts'
import type { IceAgent } from './ice.ts'
import type { PeerAgreed, Role } from './negotiate.ts'
import { Reach } from './reach.ts'
import { Ways, type WaysSettings } from './ways.ts'
import type { Address, Wire } from './wire.ts'

export type PeerSettings = Omit<WaysSettings, 'wire'>

export type PeerDoor = Readonly<{
  agreed(agreement: Agreement): void
  candidate(candidate: IceCandidate): void
  state(state: PeerState): void
}>

/**
 * The transport of a WebRTC session: one socket, ICE, DTLS, SRTP. It carries out what the negotiation agreed on; the
 * descriptions themselves are the negotiation's.
 */
export class Peer implements Transport {
  readonly #wire: Wire
  readonly #association: Association
  readonly #ways: Ways
  readonly #door: PeerDoor
  #ear!: Ear
  #servers: readonly IceServer[]
  #agreed: PeerAgreed | null = null
  #state: PeerState | 'new' | 'closed' = 'new'
  readonly #reach = new Reach()
  control = true

  constructor(wire: Wire, identity: Identity, servers: readonly IceServer[], settings: PeerSettings, door: PeerDoor) {
    this.#wire = wire
    this.#servers = servers
    this.#door = door
    this.#association = new Association(identity, {
      send: (record) => this.#ways.used?.send(record),
      begun: () => this.#reach.begin(),
      ready: () => this.#judge(),
      broke: (how) => this.#break(how),
    })
    this.#ways = new Ways(
      { wire, ...settings },
      {
        candidate: (line) => this.#found(line),
        found: () => {
          this.#alive(performance.now())
          this.#association.begin(this.#agreed!, this.#reach.isBroken)
        },
        changed: () => this.#judge(),
        data: (data, from) => this.#hear(data, from),
      },
    )
    wire.onData = (data, from) => this.#hear(data, from)
  }

  listen(ear: Ear): void {
    this.#ear = ear
  }

  // ---------------------------------------------------------------- what the negotiation asks for

  /** For the agents from now on. */
  help(servers: readonly IceServer[]): void {
    this.#servers = servers
  }

  /** Known and usable as it is: no other description has to be made for it. */
  get agent(): IceAgent | null {
    return this.#ways.agent
  }

  /** Ours in the DTLS association that goes on; null if there will be a new one. */
  roleWith(agreed: PeerAgreed): Role | null {
    return this.#association.roleWith(agreed)
  }

  /** A new agent of ours, the first one or one for a restart. */
  gather(controlling: boolean): IceAgent {
    return this.#ways.gather(this.#servers, controlling)
  }

  /** Gives up what was gathered for an offer that came to nothing. */
  rollback(): void {
    this.#ways.rollback()
  }

  /** Both descriptions are known. */
  agree(agreed: PeerAgreed, role: Role): void {
    this.#agreed = agreed
    this.#association.agree(agreed, role)
    this.control = agreed.layout.rtcpMux
    this.#ways.agree(agreed, () => this.#say('connecting'))
    this.#door.agreed(agreed.agreement)
  }

  addRemote(candidate: IceCandidate): void {
    this.#ways.addRemote(candidate)
  }

  // ---------------------------------------------------------------- ICE and DTLS

  #found(line: string | null): void {
    const layout = this.#agreed?.layout
    const sdpMid = layout === undefined ? '0' : (layout.lines[layout.audio]?.mid ?? null)
    const sdpMLineIndex = layout?.audio ?? 0
    this.#door.candidate(line === null ? { candidate: '' } : { candidate: line, sdpMid, sdpMLineIndex })
  }

  #break(how: 'failed' | 'left'): void {
    this.#reach.broke(how, performance.now())
    this.#judge()
  }

  #alive(now: number): void {
    this.#reach.alive(now)
    if (this.#state === 'disconnected') this.#judge()
  }

  #judge(): void {
    const keys = this.#association.keys === null ? 'none' : 'agreed'
    const state = this.#reach.judge({ ...this.#ways.states, keys }, performance.now())
    if (state !== null) this.#say(state)
  }

  #say(state: PeerState): void {
    if (this.#state === 'closed' || this.#state === state) return
    this.#state = state
    this.#door.state(state)
  }

  /** What is due now and then. */
  sweep(now: number): void {
    this.#reach.answered(this.#ways.used?.answers ?? 0, now)
    if (this.#state !== 'new' && this.#state !== 'connecting' && this.#state !== 'closed') this.#judge()
  }

  // ---------------------------------------------------------------- packets

  /** All on one port (RFC 7983). */
  #hear(data: Buffer, from: Address): void {
    const first = data[0]
    if (first === undefined || this.#state === 'closed') return
    if (first < 4) this.#ways.hearStun(data, from)
    else if (first >= 128 && first < 192) this.#hearSound(data)
    else if (first >= 20 && first < 64) this.#hearDtls(data, from)
  }

  #hearDtls(data: Buffer, from: Address): void {
    if (data.length >= 13 && this.#ways.knows(from)) this.#association.hear(data)
  }

  #hearSound(data: Buffer): void {
    const { keys } = this.#association
    if (keys === null) return
    const now = performance.now()
    if (looksLikeRtcp(data)) {
      const plain = keys.receiver.openControl(data)
      if (plain === null) return
      this.#alive(now)
      return this.#ear.heardRtcp(plain, now)
    }
    const plain = keys.receiver.open(data)
    const packet = plain === null ? null : parseRtp(plain)
    if (packet === null) return
    this.#alive(now)
    if (this.#ear.knows(packet.payloadType)) this.#ear.heardRtp(packet, now)
  }

  send(packet: Uint8Array): void {
    const { keys } = this.#association
    if (keys !== null) this.#ways.used?.send(keys.sender.protect(packet))
  }

  sendControl(packet: Uint8Array): void {
    const { keys } = this.#association
    if (keys !== null) this.#ways.used?.send(keys.sender.protectControl(packet))
  }

  close(freed: () => void): void {
    if (this.#state === 'closed') return
    this.#association.close()
    this.#state = 'closed'
    const closing = this.#ways.close()
    void this.#wire.close().then(() => closing.then(freed))
  }
}
