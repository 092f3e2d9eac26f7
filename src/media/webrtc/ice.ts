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
  serverReflexiveCandidate,
} from 'werift'
import { type Candidate, writeCandidate } from './candidate.ts'
import type { IceNames } from './description.ts'
import type { Helper } from './ice-servers.ts'
import { closeRelay, closeTurn, openTurn } from './turn.ts'
import type { Address, Wire } from './wire.ts'

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

export type IceSettings = Readonly<{
  wire: Wire
  /** Where the wire can be found. */
  hosts: readonly string[]
  helpers: readonly Helper[]
  relayOnly: boolean
  controlling: boolean
  /** Milliseconds until it has failed if nothing answers. */
  patience: number
}>

/** Milliseconds for a server to give us an address. */
const helperPatience = 10_000
const mostRemote = 64

/** ICE for one pair of user names (RFC 8445). A restart is another agent, beside this one until it has found its way. */
export class IceAgent {
  readonly #settings: IceSettings
  readonly #door: IceDoor
  readonly #connection: Connection
  readonly #inside: Inside
  readonly #direct = new StunProtocol()
  readonly #relays: StunOverTurnProtocol[] = []
  readonly #lines: string[] = []
  readonly #opening = new AbortController()
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
    return this.#lines
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

  // ---------------------------------------------------------------- gathering

  /** Host candidates are there when it returns; the others, and the end, come later. */
  gather(): void {
    const { wire, hosts, helpers, relayOnly } = this.#settings
    const inside = this.#inside
    inside.localCandidatesStart = true
    if (!relayOnly) {
      this.#direct.transport = wire as unknown as StunProtocol['transport']
      this.#direct.localCandidate = this.#candidate('host', [hosts[0]!, wire.address.port])
      this.#direct.localIp = hosts[0]!
      this.#adopt(this.#direct)
      for (const [n, host] of hosts.entries()) this.#announce('host', [host, wire.address.port], undefined, n)
    }
    const asked = helpers.flatMap((helper) =>
      helper.type === 'turn' ? [this.#askTurn(helper)] : relayOnly ? [] : [this.#askStun(helper)],
    )
    void Promise.allSettled(asked).then(() => {
      if (this.#state !== 'closed') this.#door.candidate(null)
    })
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

  /** A server that sees us as we see ourselves has found nothing new (RFC 8445 §5.1.3). */
  #announce(type: Candidate['type'], [address, port]: Address, base?: Address, rank = 0): void {
    const line = writeCandidate({
      foundation: candidateFoundation(type, 'udp', base?.[0] ?? address),
      // Each its own (RFC 8445 §5.1.2.1): the later in the list, the less it is wished for.
      priority: candidatePriority(type) - 256 * rank,
      address,
      port,
      type,
      ...(base === undefined ? {} : { related: { address: base[0], port: base[1] } }),
      ufrag: this.names.ufrag,
    })
    if (this.#lines.some((known) => known.includes(` ${address} ${port} typ `))) return
    this.#lines.push(line)
    this.#door.candidate(line)
  }

  async #askStun({ host, port }: Helper & { type: 'stun' }): Promise<void> {
    const found = await this.#inTime(serverReflexiveCandidate(this.#direct, [host, port]))
    if (found === undefined || this.#state === 'closed') return
    const base = this.#direct.localCandidate!
    this.#announce('srflx', [found.host, found.port], [base.host, base.port])
  }

  async #askTurn(helper: Helper & { type: 'turn' }): Promise<void> {
    const turn = await this.#inTime(
      openTurn(helper, this.#settings.wire.address.address, this.#opening.signal),
      closeTurn,
    )
    if (this.#state === 'closed' || this.#state === 'failed') return closeTurn(turn)
    const relay = new StunOverTurnProtocol(turn)
    relay.localCandidate = this.#candidate('relay', turn.relayedAddress)
    this.#relays.push(relay)
    this.#adopt(relay)
    this.#announce('relay', turn.relayedAddress, turn.mappedAddress)
  }

  /** @param late what to do with a result that nobody waits for any more. */
  #inTime<T>(work: Promise<T>, late: (result: T) => void = () => {}): Promise<T> {
    const { signal } = this.#opening
    return new Promise((resolve, reject) => {
      let over = false
      const giveUp = (): void => {
        over = true
        clearTimeout(timer)
        reject(new Error('the server took too long'))
      }
      const timer = setTimeout(giveUp, helperPatience)
      signal.addEventListener('abort', giveUp, { once: true })
      const done = (): boolean => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        return !over
      }
      work.then(
        (result) => (done() ? resolve(result) : late(result)),
        (error: Error) => done() && reject(error),
      )
    })
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
    this.#opening.abort()
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
