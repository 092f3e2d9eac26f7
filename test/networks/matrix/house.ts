/** A server's heart and its Matrix network, with a homeserver that fails on demand and media that make no sound. */

import { createLedger, type DurableLedger } from '../../../src/ledger/ledger.ts'
import { openSlate } from '../../../src/ledger/slate.ts'
import type { Media, PeerSession } from '../../../src/media/index.ts'
import { createMatrixNetwork, type MatrixNetwork } from '../../../src/networks/matrix/network.ts'
import { systemClock } from '../../../src/switchboard/clock.ts'
import { systemIds } from '../../../src/switchboard/ids.ts'
import type { CallControl, NetworkMemory, Offer, Platform } from '../../../src/switchboard/ports.ts'
import { Switchboard } from '../../../src/switchboard/switchboard.ts'
import { FakeHomeserver } from './fake-homeserver.ts'
import { invite, room, wireEvent } from './values.ts'

export const tokens = { as: 'as-token-as-token', hs: 'hs-token-hs-token' } as const
const secret = (value: string) => ({ reveal: () => value })

/** A WebRTC session without a network: descriptions are made, and whatever a test says has happened has. */
export class QuietPeer {
  candidates: unknown[] = []
  closedBy: 'nobody' | 'us' = 'nobody'
  #state: ((state: 'connected' | 'failed') => void)[] = []
  #first: (() => void)[] = []
  readonly closed = Promise.resolve({ packetsSent: 0, packetsReceived: 0, packetsLost: 0, jitter: 0 })
  offer = async () => 'v=0 offer'
  answer = async () => 'v=0 answer'
  accept = async () => {}
  candidate = (candidate: unknown) => void this.candidates.push(candidate)
  onCandidate = (listener: (candidate: unknown) => void) => {
    listener({ candidate: 'host', sdpMid: '0' })
    listener({ candidate: '' })
    return () => {}
  }
  onState = (listener: (state: 'connected' | 'failed') => void) => {
    this.#state.push(listener)
    return () => {}
  }
  onFirstPacket = (listener: () => void) => {
    this.#first.push(listener)
    return () => {}
  }
  lose: (loss: 'never-came' | 'went-silent' | 'engine-failed') => void = () => {}
  onLost = (listener: QuietPeer['lose']) => {
    this.lose = listener
    return () => {}
  }
  onDigit = () => () => {}
  play = async () => 'finished' as const
  watch() {}
  mute() {}
  stop() {}
  connected = 0
  connect() {
    this.connected++
  }
  disconnect() {}
  close() {
    this.closedBy = 'us'
  }
  path(state: 'connected' | 'failed') {
    for (const listener of this.#state) listener(state)
  }
  hear() {
    for (const listener of this.#first) listener()
  }
}

export type HouseOptions = Readonly<{
  path?: string
  homeserver?: FakeHomeserver
  memory?(real: NetworkMemory): NetworkMemory
  script?(control: CallControl): Promise<void>
  callsPerCaller?: number
  /** Makes the answer of a call; at once, if absent. */
  answer?(): Promise<string>
}>

export class House {
  readonly homeserver: FakeHomeserver
  readonly ledger: DurableLedger
  readonly switchboard: Switchboard
  readonly network: MatrixNetwork
  readonly peers: QuietPeer[] = []
  readonly offers: Offer[] = []
  readonly ignored: string[] = []
  readonly settled: string[] = []
  readonly warnings: string[] = []
  readonly faults: unknown[] = []
  readonly #slate: ReturnType<typeof openSlate> | undefined
  #transactions = 0

  private constructor({ path, homeserver, memory, script, callsPerCaller, answer }: HouseOptions) {
    this.homeserver = homeserver ?? new FakeHomeserver()
    const clock = systemClock()
    const ids = systemIds(() => clock.now())
    this.ledger = createLedger(path === undefined ? { memory: true } : { path })
    this.#slate = path === undefined ? undefined : openSlate(`${path}.answers`, (fault) => void this.faults.push(fault))
    const platform: Platform = {
      name: 'script',
      run: script ?? (async (control) => void (await control.ended)),
      deliveries: () => [],
    }
    const media = {
      peer: async () => {
        const peer = new QuietPeer()
        if (answer !== undefined) peer.answer = answer
        this.peers.push(peer)
        return peer as unknown as PeerSession
      },
    } as unknown as Media
    this.switchboard = new Switchboard({
      clock,
      ids,
      ledger: this.ledger,
      ...(this.#slate === undefined ? {} : { slate: this.#slate }),
      router: {
        route: (offer) => {
          this.offers.push(offer)
          return { type: 'app', app: { platform: 'script', data: {} } }
        },
      },
      platforms: [platform],
      deliver() {},
      onFault: (fault) => void this.faults.push(fault),
      limits: {
        calls: 1000,
        callsPerSecond: 1000,
        ...(callsPerCaller === undefined ? {} : { callsPerCaller }),
        ringing: 60_000,
        duration: 600_000,
      },
    })
    const real = this.ledger.memory('matrix')
    this.network = createMatrixNetwork({
      matrix: {
        homeserver: this.homeserver.url,
        serverName: 'hs',
        id: 'onhook',
        asToken: secret(tokens.as),
        hsToken: secret(tokens.hs),
        listen: { host: '127.0.0.1', port: 0 },
        ghostPrefix: 'tel_',
        admits: (user) => user.endsWith(':hs'),
        trustServerClock: false,
      },
      clock,
      ids,
      media,
      memory: memory?.(real) ?? real,
      switchboard: this.switchboard,
      counters: {
        ignored: (why) => void this.ignored.push(why),
        settled: (kind, outcome) => void this.settled.push(`${kind} ${outcome}`),
      },
      onFault: (fault) => void this.faults.push(fault),
      onWarning: ({ code }) => void this.warnings.push(code),
    })
    this.switchboard.addNetwork(this.network)
  }

  static async open(options: HouseOptions = {}): Promise<House> {
    const homeserver = options.homeserver ?? new FakeHomeserver()
    if (options.homeserver === undefined) await homeserver.start()
    const house = new House({ ...options, homeserver })
    await house.ledger.open()
    await house.network.start()
    await house.switchboard.recover()
    return house
  }

  request(path: string, init: RequestInit = {}, token: string = tokens.hs): Promise<Response> {
    return fetch(`http://${this.network.address}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
  }

  /** What the homeserver delivers. Gives the status. */
  async deliver(events: readonly unknown[], id = `t${++this.#transactions}`): Promise<number> {
    const body = JSON.stringify({ events })
    return (await this.request(`/_matrix/app/v1/transactions/${id}`, { method: 'PUT', body })).status
  }

  /** The ghost of a number is in the room. */
  async enter(ghost = '@tel_100:hs'): Promise<void> {
    await this.deliver([
      wireEvent('m.room.member', {}, { state_key: ghost, sender: ghost, content: { membership: 'join' } }),
    ])
  }

  async ring(): Promise<void> {
    await this.deliver([invite({ invitee: '@tel_100:hs' })])
  }

  async call(to = '@alice:hs', from = '100') {
    return this.switchboard.place({ platform: 'script', data: {} }, { network: 'matrix', to, from }, {})
  }

  /** A room that the ghost and Alice share. */
  async acquainted(): Promise<void> {
    const member = (user: string, membership: string, sender: string, more = {}) =>
      wireEvent('m.room.member', {}, { state_key: user, sender, content: { membership, ...more } })
    await this.deliver([member('@tel_100:hs', 'invite', '@alice:hs', { is_direct: true })])
    // The last that a ghost does when it comes in.
    await this.homeserver.until(() => this.homeserver.requests.some((each) => each.includes(`${room}/state/`)))
  }

  async records() {
    return (await this.ledger.records({}, { limit: 50 })).items
  }

  /** As kill -9 leaves it: nobody is told, nothing is settled. */
  async die(): Promise<void> {
    await this.network.stop()
    await this.ledger.close()
    this.#slate?.close()
  }

  async close(): Promise<void> {
    this.switchboard.endAll({ cause: 'shutdown', actor: 'platform' })
    await this.switchboard.emptied(1_000)
    await this.die()
    await this.homeserver.stop()
  }
}
