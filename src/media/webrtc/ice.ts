import { randomBytes } from 'node:crypto'
import {
  Connection,
  candidateFoundation,
  candidatePriority,
  Candidate as IceCandidate,
  type Protocol,
  parseMessage,
  StunOverTurnProtocol,
  StunProtocol,
} from 'werift'
import type { Candidate } from './candidate.ts'
import type { IceNames } from './description.ts'
import { Gathering, type GatheringSettings } from './gathering.ts'
import { closeRelay } from './turn.ts'
import type { Address } from './wire.ts'

/**
 * The part of werift's ICE that we steer ourselves. It would gather by itself, but from one socket for each interface, with
 * one server, and with a public one if none is given; so candidates come from us, and checks and consent from it.
 */
type Inside = {
  protocols: Protocol[]
  localCandidatesStart: boolean
  ensureProtocol(protocol: Protocol): void
  pairLocalProtocol(protocol: Protocol): void
}

export type IceState = 'new' | 'checking' | 'connected' | 'failed' | 'closed'

export type IceDoor = Readonly<{
  /** One more of ours; null: no more will come. */
  candidate(line: string | null): void
  state(state: IceState): void
  /** What came over a relay, and is not ICE's own. */
  data(data: Buffer, from: Address): void
}>

export type IceSettings = GatheringSettings &
  Readonly<{
    controlling: boolean
    /** Milliseconds until it has failed if nothing answers. */
    patience: number
  }>

const mostRemote = 64

/** ICE for one pair of user names (RFC 8445). A restart is another agent, beside this one until it has found its way. */
export class IceAgent {
  readonly #settings: IceSettings
  readonly #door: IceDoor
  readonly #connection: Connection
  readonly #inside: Inside
  readonly #direct = new StunProtocol()
  readonly #relays: StunOverTurnProtocol[] = []
  readonly #gathering: Gathering
  #state: IceState = 'new'
  #remote: IceNames | null = null
  #remoteCount = 0
  #deadline: NodeJS.Timeout | undefined

  constructor(settings: IceSettings, door: IceDoor) {
    this.#settings = settings
    this.#door = door
    this.#connection = new Connection(settings.controlling, { useIpv4: true, useIpv6: true })
    this.#inside = this.#connection as unknown as Inside
    // werift's own names have 16 and 88 random bits; the law wants 24 and 128 (RFC 8445 §5.3).
    this.#connection.localUsername = randomBytes(6).toString('base64')
    this.#connection.localPassword = randomBytes(24).toString('base64')
    this.#connection.stateChanged.subscribe((state) => {
      if (state === 'failed') this.#become('failed')
    })
    this.#connection.onData.subscribe((data) => door.data(data, this.#relayed()))
    this.#gathering = new Gathering(settings, this.#connection.localUsername, {
      candidate: (line) => {
        if (this.#state !== 'closed') door.candidate(line)
      },
      direct: (address) => this.#adoptDirect(address),
      relay: (turn) => this.#adoptRelay(turn),
    })
  }

  get names(): IceNames {
    return { ufrag: this.#connection.localUsername, password: this.#connection.localPassword }
  }

  get remote(): IceNames | null {
    return this.#remote
  }

  get state(): IceState {
    return this.#state
  }

  /** Our candidates so far. */
  get lines(): readonly string[] {
    return this.#gathering.lines
  }

  /** Answers to ICE's questions so far: while it grows, the far end lives. */
  get answers(): number {
    return this.#connection.nominated?.responsesReceived ?? 0
  }

  #become(state: IceState): void {
    // What has failed stays so: only another agent can do better.
    if (this.#state === 'closed' || this.#state === 'failed' || this.#state === state) return
    this.#state = state
    if (state !== 'checking') clearTimeout(this.#deadline)
    if (state === 'failed') void this.#release()
    this.#door.state(state)
  }

  /** Host candidates are there when it returns; the others, and the end, come later. */
  gather(): void {
    this.#inside.localCandidatesStart = true
    this.#gathering.begin(this.#direct)
  }

  #adoptDirect(address: Address): void {
    this.#direct.transport = this.#settings.wire as unknown as StunProtocol['transport']
    this.#direct.localCandidate = this.#candidate('host', address)
    this.#direct.localIp = address[0]
    this.#adopt(this.#direct)
  }

  #adoptRelay(turn: ConstructorParameters<typeof StunOverTurnProtocol>[0]): void {
    const relay = new StunOverTurnProtocol(turn)
    relay.localCandidate = this.#candidate('relay', turn.relayedAddress)
    this.#relays.push(relay)
    this.#adopt(relay)
  }

  #adopt(protocol: Protocol): void {
    this.#inside.ensureProtocol(protocol)
    this.#inside.protocols.push(protocol)
    this.#inside.pairLocalProtocol(protocol)
  }

  #candidate(type: Candidate['type'], [host, port]: Address): IceCandidate {
    const foundation = candidateFoundation(type, 'udp', host)
    const { generation, localUsername } = this.#connection
    const priority = candidatePriority(type)
    return new IceCandidate(
      foundation,
      1,
      'udp',
      priority,
      host,
      port,
      type,
      undefined,
      undefined,
      undefined,
      generation,
      localUsername,
    )
  }

  // ---------------------------------------------------------------- checks

  /** @param lite the far end only answers. */
  connect(remote: IceNames, lite: boolean): void {
    if (this.#state !== 'new') return
    this.#remote = remote
    this.#connection.setRemoteParams({ iceLite: lite, usernameFragment: remote.ufrag, password: remote.password })
    this.#deadline = setTimeout(() => this.#become('failed'), this.#settings.patience)
    this.#become('checking')
    // It never says by itself that all is lost: a far end whose address is hidden may still find us.
    this.#connection.connect().then(
      () => this.#become('connected'),
      () => {},
    )
  }

  addRemote(candidate: Candidate): void {
    if (this.#state === 'closed' || this.#remoteCount++ >= mostRemote) return
    const { foundation, priority, address, port, type } = candidate
    void this.#connection.addRemoteCandidate(
      new IceCandidate(foundation, 1, 'udp', priority, address, port, type, undefined, undefined, undefined),
    )
  }

  /** Whether such an address takes part in ICE: only such ones may speak DTLS to us. */
  knows([host, port]: Address): boolean {
    return this.#connection.remoteCandidates.some((one) => one.port === port && one.host === host)
  }

  // ---------------------------------------------------------------- packets

  /** An answer to a question of ours, if it is one. */
  hearAnswer(data: Buffer, from: Address): void {
    const direct = this.#direct as unknown as { datagramReceived(data: Buffer, from: Address): void }
    direct.datagramReceived(data, from)
  }

  /** A question that names us. Whoever cannot sign it with our password is nobody (RFC 8445 §7.3). */
  hearQuestion(data: Buffer, from: Address): void {
    if (this.#settings.relayOnly) return
    const message = parseMessage(data, Buffer.from(this.#connection.localPassword))
    if (message !== undefined) this.#direct.onRequestReceived.execute(message, from, data)
  }

  /** Sends on the path that was found; what cannot be sent is lost. */
  send(data: Uint8Array): void {
    if (this.#state !== 'connected') return
    const pair = this.#connection.nominated
    if (pair === undefined) return
    if (pair.protocol === this.#direct) void this.#settings.wire.send(data, pair.remoteAddr)
    // A relay may first have to ask its server, and the bytes are only ours until the next packet.
    else pair.protocol.sendData(Buffer.from(data), pair.remoteAddr).catch(() => {})
  }

  #relayed(): Address {
    return this.#connection.nominated?.remoteAddr ?? ['', 0]
  }

  /** The wire stays open: it belongs to who gave it. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    await this.#release()
  }

  async #release(): Promise<void> {
    clearTimeout(this.#deadline)
    this.#gathering.stop()
    // Not the wire, which werift would close with it.
    for (const transaction of Object.values(this.#direct.transactions)) transaction.cancel()
    this.#inside.protocols = []
    await Promise.all([this.#connection.close(), ...this.#relays.splice(0).map(closeRelay)])
  }
}

/** The two names that a question bears, ours first (RFC 8445 §7.2.2); null if it bears none. */
export function askedNames(data: Buffer): Readonly<{ ours: string; theirs: string }> | null {
  const message = parseMessage(data)
  const name: unknown = message?.getAttributeValue('USERNAME')
  const [ours, theirs] = typeof name === 'string' ? name.split(':') : []
  return ours === undefined || theirs === undefined ? null : { ours, theirs }
}

/** STUN's two class bits (RFC 8489 §5): a request has none of them. */
export const isQuestion = (data: Uint8Array): boolean => (data[0]! & 0x01) === 0 && (data[1]! & 0x10) === 0
