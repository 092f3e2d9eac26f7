import type { MediaErrorCode } from '../error.ts'
import type { PeerWish } from '../face.ts'
import type { Direction } from '../sdp/negotiated.ts'
import type { Setup } from './description.ts'
import type { IceAgent } from './ice.ts'
import {
  composeAnswer,
  composeOffer,
  firstLayout,
  type Layout,
  type LocalPeer,
  type PeerAgreed,
  type Role,
  readOffer,
  readPeerAnswer,
} from './negotiate.ts'
import type { Peer } from './peer.ts'

export type Described =
  | Readonly<{ ok: true; sdp: string }>
  | Readonly<{ ok: false; code: MediaErrorCode; detail: string }>

/** What stays the same in all our descriptions. */
export type Self = Omit<LocalPeer, 'ice' | 'candidates'>

type NegotiationState = { name: 'stable' } | { name: 'offered'; layout: Layout; direction: Direction }

/** Offer and answer of one session (RFC 8829 §3.2), by which it tells its peer what to do. */
export class Negotiation {
  readonly #peer: Peer
  readonly #self: Self
  #state: NegotiationState = { name: 'stable' }
  #layout: Layout = firstLayout
  #version = 0

  constructor(peer: Peer, self: Self) {
    this.#peer = peer
    this.#self = self
  }

  offer({ direction = 'sendrecv', iceServers }: PeerWish, iceRestart: boolean): Described {
    if (iceServers !== undefined) this.#peer.help(iceServers)
    const known = this.#peer.agent
    const agent = known === null || iceRestart || known.state === 'failed' ? this.#peer.gather(true) : known
    this.#state = { name: 'offered', layout: this.#layout, direction }
    const say = { version: ++this.#version, direction, setup: 'actpass' as const, layout: this.#layout }
    return { ok: true, sdp: composeOffer(this.#local(agent), say) }
  }

  answer(offer: string, { direction = 'sendrecv', iceServers }: PeerWish): Described {
    const read = readOffer(offer, direction)
    if (!read.ok) return read
    const { agreed } = read
    if (iceServers !== undefined) this.#peer.help(iceServers)
    // Theirs replaces an offer of ours that waits, and what was gathered for that one.
    if (this.#state.name === 'offered') this.#peer.rollback()
    this.#state = { name: 'stable' }
    const agent = this.#agentFor(agreed)
    const role = this.#peer.roleWith(agreed) ?? agreed.role ?? 'client'
    this.#layout = agreed.layout
    const setup: Setup = role === 'client' ? 'active' : 'passive'
    const say = { version: ++this.#version, direction: agreed.agreement.direction, setup, layout: agreed.layout }
    const sdp = composeAnswer(this.#local(agent), say, agreed.agreement)
    this.#peer.agree(agreed, role)
    return { ok: true, sdp }
  }

  accept(answer: string): Described {
    const state = this.#state
    if (state.name !== 'offered') {
      return { ok: false, code: 'media.wrong-state', detail: 'no offer of ours waits for an answer' }
    }
    const read = readPeerAnswer(answer, state.layout, state.direction)
    if (!read.ok) return read
    this.#state = { name: 'stable' }
    this.#layout = read.agreed.layout
    // An answer that leaves the choice open is not allowed (RFC 8842 §5.3): then the far end begins.
    const role: Role = read.agreed.role ?? 'server'
    this.#peer.agree(read.agreed, role)
    return { ok: true, sdp: '' }
  }

  /** The same names as before are the same agent; other ones ask for a restart (RFC 8839 §4.4.1.1). */
  #agentFor({ ice }: PeerAgreed): IceAgent {
    const known = this.#peer.agent
    const same = known?.remote?.ufrag === ice.ufrag && known.remote.password === ice.password
    return same && known !== null ? known : this.#peer.gather(false)
  }

  #local(agent: IceAgent): LocalPeer {
    return { ...this.#self, ice: agent.names, candidates: agent.lines }
  }
}
