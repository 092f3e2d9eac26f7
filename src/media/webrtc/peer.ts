import type { Ear, Transport } from '../engine/transport.ts'
import type { IceCandidate, IceServer, PeerState } from '../face.ts'
import { looksLikeRtcp, parseRtp } from '../rtp/packet.ts'
import type { Agreement } from '../sdp/negotiated.ts'
import { readCandidate } from './candidate.ts'
import { Dtls, type DtlsKeys, type Identity } from './dtls.ts'
import { askedNames, IceAgent, type IceState, isQuestion } from './ice.ts'
import { readIceServers } from './ice-servers.ts'
import type { PeerAgreed, Role } from './negotiate.ts'
import { Reach } from './reach.ts'
import { SrtpReceiver, SrtpSender } from './srtp.ts'
import type { Address, Wire } from './wire.ts'

export type PeerSettings = Readonly<{
  /** Where the wire can be found. */
  hosts: readonly string[]
  relayOnly: boolean
  /** Milliseconds for ICE to find a way. */
  patience: number
}>

export type PeerDoor = Readonly<{
  agreed(agreement: Agreement): void
  candidate(candidate: IceCandidate): void
  state(state: PeerState): void
}>

const mostWaiting = 100
/** Handshake records that came before our own side of ICE was done. */
const mostEarly = 16

type Secured = Readonly<{ sender: SrtpSender; receiver: SrtpReceiver }>

/**
 * The transport of a WebRTC session: one socket, ICE, DTLS, SRTP. It carries out what the negotiation agreed on; the
 * descriptions themselves are the negotiation's.
 */
export class Peer implements Transport {
  readonly #wire: Wire
  readonly #identity: Identity
  readonly #settings: PeerSettings
  readonly #door: PeerDoor
  #ear!: Ear
  #servers: readonly IceServer[]
  /** The way that is used, and the one that a restart is looking for. */
  #agent: IceAgent | null = null
  #next: IceAgent | null = null
  #dtls: Dtls | null = null
  #secured: Secured | null = null
  #early: Buffer[] = []
  /** Candidates whose description has not come. */
  #waiting: IceCandidate[] = []
  #agreed: PeerAgreed | null = null
  #role: Role | null = null
  #controlling = true
  #state: PeerState | 'new' | 'closed' = 'new'
  readonly #reach = new Reach()
  control = true

  constructor(wire: Wire, identity: Identity, servers: readonly IceServer[], settings: PeerSettings, door: PeerDoor) {
    this.#wire = wire
    this.#identity = identity
    this.#servers = servers
    this.#settings = settings
    this.#door = door
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
    return this.#next ?? this.#agent
  }

  /** Ours in the DTLS association that goes on; null if there will be a new one. */
  roleWith(agreed: PeerAgreed): Role | null {
    return this.#dtls === null || this.#isStranger(agreed) ? null : this.#role
  }

  /** A new agent of ours, the first one or one for a restart. It replaces one that never came to be used. */
  gather(controlling: boolean): IceAgent {
    // The role of the first way that was found is kept in restarts.
    if (this.#agent === null) this.#controlling = controlling
    this.#give()
    const agent: IceAgent = new IceAgent(
      {
        wire: this.#wire,
        hosts: this.#settings.hosts,
        helpers: readIceServers(this.#servers),
        relayOnly: this.#settings.relayOnly,
        controlling: this.#controlling,
        patience: this.#settings.patience,
      },
      {
        candidate: (line) => this.#found(agent, line),
        state: (state) => this.#iceState(agent, state),
        data: (data, from) => this.#hear(data, from),
      },
    )
    this.#next = agent
    agent.gather()
    return agent
  }

  /** Gives up what was gathered for an offer that came to nothing. */
  rollback(): void {
    if (this.#next?.state === 'new') this.#give()
  }

  #give(): void {
    void this.#next?.close()
    this.#next = null
  }

  /** Both descriptions are known. */
  agree(agreed: PeerAgreed, role: Role): void {
    this.#agreed = agreed
    if (this.#dtls === null || this.#isStranger(agreed)) this.#role = role
    this.control = agreed.layout.rtcpMux
    this.#begin(agreed)
    for (const line of agreed.candidates) this.#addRemote({ candidate: line })
    for (const candidate of this.#waiting.splice(0)) this.addRemote(candidate)
    this.#door.agreed(agreed.agreement)
  }

  #begin(agreed: PeerAgreed): void {
    const agent = this.#next
    if (agent === null || agent.state !== 'new') return
    if (this.#agent === null || this.#agent.state !== 'connected') this.#say('connecting')
    agent.connect(agreed.ice, agreed.iceLite)
  }

  addRemote(candidate: IceCandidate): void {
    if (this.#agreed === null) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(candidate)
    } else this.#addRemote(candidate)
  }

  #addRemote(raw: IceCandidate): void {
    const candidate = readCandidate(String(raw?.candidate ?? ''))
    if (candidate === null) return
    const { layout, mid } = this.#agreed!
    // Without BUNDLE, the refused m= lines have ways of their own.
    if (!layout.bundled && typeof raw.sdpMid === 'string' && raw.sdpMid !== mid) return
    const agents = [this.#next, this.#agent].filter((agent) => agent !== null && agent.remote !== null)
    const { ufrag } = candidate
    const agent = ufrag === undefined ? agents[0] : agents.find((one) => one!.remote!.ufrag === ufrag)
    if (agent != null) agent.addRemote(candidate)
    // It belongs to a restart whose description is still under way.
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(raw)
  }

  // ---------------------------------------------------------------- ICE and DTLS

  #found(agent: IceAgent, line: string | null): void {
    if (agent !== this.agent) return
    const layout = this.#agreed?.layout
    const sdpMid = layout === undefined ? '0' : (layout.lines[layout.audio]?.mid ?? null)
    const sdpMLineIndex = layout?.audio ?? 0
    this.#door.candidate(line === null ? { candidate: '' } : { candidate: line, sdpMid, sdpMLineIndex })
  }

  #iceState(agent: IceAgent, state: IceState): void {
    if (this.#state === 'closed') return
    if (agent === this.#next && state === 'connected') {
      void this.#agent?.close()
      this.#agent = agent
      this.#next = null
      this.#alive(performance.now())
      this.#shake()
    } else if (agent === this.#next && state === 'failed') {
      // A restart that found nothing leaves the old way, if that still works.
      this.#next = null
      if (this.#agent === null || this.#agent.state !== 'connected') this.#agent = agent
      else void agent.close()
    }
    this.#judge()
  }

  /** Begins DTLS on the first way that is found; a later way carries it on, unless it is over or leads to somebody else. */
  #shake(): void {
    const agreed = this.#agreed!
    if (this.#dtls !== null && !this.#reach.isBroken && !this.#isStranger(agreed)) return
    this.#dtls?.close()
    this.#secured = null
    const dtls: Dtls = new Dtls(this.#role!, this.#identity, agreed.fingerprints, {
      send: (record) => this.#agent?.send(record),
      ready: (keys) => dtls === this.#dtls && this.#ready(keys),
      failed: () => dtls === this.#dtls && this.#break('failed'),
      gone: () => dtls === this.#dtls && this.#break('left'),
    })
    this.#dtls = dtls
    this.#provenBy = agreed.fingerprints
    this.#reach.begin()
    for (const record of this.#early.splice(0)) dtls.hear(record)
  }

  #provenBy: PeerAgreed['fingerprints'] = []

  #isStranger({ fingerprints }: PeerAgreed): boolean {
    return !fingerprints.some((one) => this.#provenBy.some(({ value }) => value === one.value))
  }

  #ready({ ours, theirs }: DtlsKeys): void {
    this.#secured = { sender: new SrtpSender(ours), receiver: new SrtpReceiver(theirs) }
    this.#judge()
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
    const ways = {
      agent: this.#agent?.state ?? null,
      next: this.#next?.state ?? null,
      keys: this.#secured === null ? 'none' : 'agreed',
    } as const
    const state = this.#reach.judge(ways, performance.now())
    if (state !== null) this.#say(state)
  }

  #say(state: PeerState): void {
    if (this.#state === 'closed' || this.#state === state) return
    this.#state = state
    this.#door.state(state)
  }

  /** What is due now and then. */
  sweep(now: number): void {
    this.#reach.answered(this.#agent?.answers ?? 0, now)
    if (this.#state !== 'new' && this.#state !== 'connecting' && this.#state !== 'closed') this.#judge()
  }

  // ---------------------------------------------------------------- packets

  /** All on one port (RFC 7983). */
  #hear(data: Buffer, from: Address): void {
    const first = data[0]
    if (first === undefined || this.#state === 'closed') return
    if (first < 4) this.#hearStun(data, from)
    else if (first >= 128 && first < 192) this.#hearSound(data)
    else if (first >= 20 && first < 64) this.#hearDtls(data, from)
  }

  #hearStun(data: Buffer, from: Address): void {
    if (data.length < 20) return
    if (!isQuestion(data)) {
      this.#agent?.hearAnswer(data, from)
      this.#next?.hearAnswer(data, from)
      return
    }
    const names = askedNames(data)
    // Others may know our name: the devices of a user all answer one offer. Only the one that was chosen is heard.
    for (const agent of [this.#agent, this.#next]) {
      const known = agent?.remote?.ufrag === names?.theirs
      if (known && agent?.names.ufrag === names?.ours && names !== null) agent?.hearQuestion(data, from)
    }
  }

  #hearDtls(data: Buffer, from: Address): void {
    if (data.length < 13 || !(this.#agent?.knows(from) || this.#next?.knows(from))) return
    if (this.#dtls !== null) this.#dtls.hear(data)
    else if (this.#early.length < mostEarly) this.#early.push(Buffer.from(data))
  }

  #hearSound(data: Buffer): void {
    if (this.#secured === null) return
    const now = performance.now()
    if (looksLikeRtcp(data)) {
      const plain = this.#secured.receiver.openControl(data)
      if (plain === null) return
      this.#alive(now)
      return this.#ear.heardRtcp(plain, now)
    }
    const plain = this.#secured.receiver.open(data)
    const packet = plain === null ? null : parseRtp(plain)
    if (packet === null) return
    this.#alive(now)
    if (this.#ear.knows(packet.payloadType)) this.#ear.heardRtp(packet, now)
  }

  send(packet: Uint8Array): void {
    if (this.#secured !== null) this.#agent?.send(this.#secured.sender.protect(packet))
  }

  sendControl(packet: Uint8Array): void {
    if (this.#secured !== null) this.#agent?.send(this.#secured.sender.protectControl(packet))
  }

  close(freed: () => void): void {
    if (this.#state === 'closed') return
    this.#dtls?.close()
    this.#secured = null
    this.#state = 'closed'
    const closing = [this.#agent?.close(), this.#next?.close()]
    void this.#wire.close().then(() => Promise.allSettled(closing).then(freed))
  }
}
