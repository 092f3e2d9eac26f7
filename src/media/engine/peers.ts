import { AsyncLocalStorage } from 'node:async_hooks'
import { MediaError } from '../error.ts'
import type { PeerOptions } from '../face.ts'
import { ownIdentity } from '../webrtc/dtls.ts'
import { type Described, Negotiation } from '../webrtc/negotiation.ts'
import { Peer } from '../webrtc/peer.ts'
import { hostAddresses, Wire } from '../webrtc/wire.ts'
import type { Command, DescribeVerb, EngineSettings, Report } from './messages.ts'
import { PortBinder } from './ports.ts'
import type { Rounds } from './rounds.ts'
import type { Chance, Stream } from './stream.ts'
import type { Transport } from './transport.ts'

export type PeersDoor = Readonly<{
  settings: EngineSettings
  chance: Chance
  rounds: Rounds
  open(session: number, transport: Transport): Stream
  close(session: number): void
  report(report: Report): void
}>

type Member = Readonly<{ peer: Peer; negotiation: Negotiation; id: number; sweep(now: number): void }>

/** The sessions over WebRTC. Loaded with the first of them: what it brings along costs memory and time. */
export class Peers {
  readonly #door: PeersDoor
  readonly #binder: PortBinder
  readonly #members = new Map<number, Member>()
  /** Whose work it is that runs: an error that comes out of nowhere ends that one session. */
  readonly #whose = new AsyncLocalStorage<number>()

  constructor(door: PeersDoor) {
    this.#door = door
    const { address, portRange } = door.settings
    this.#binder = new PortBinder(address, portRange, door.chance.fraction(), 'none')
    const contain = (error: unknown): void => {
      const session = this.#whose.getStore()
      // Not ours: the thread must end, as it would without us.
      if (session === undefined) throw error
      this.#fail(session, error)
    }
    process.on('uncaughtException', contain)
    process.on('unhandledRejection', contain)
  }

  /** What the first session would have to wait for. */
  async prepare(): Promise<void> {
    await ownIdentity()
  }

  open(session: number, options: PeerOptions): Promise<void> {
    return this.#whose.run(session, async () => {
      try {
        const identity = await ownIdentity()
        const { rtp } = await this.#binder.bind()
        this.#begin(session, new Wire(rtp), identity, options)
        this.#door.report({ type: 'peer', session })
      } catch (error) {
        this.#fail(session, error)
      }
    })
  }

  #begin(session: number, wire: Wire, identity: Awaited<ReturnType<typeof ownIdentity>>, options: PeerOptions): void {
    const { settings, report, rounds, chance } = this.#door
    const { hosts, patience } = settings.peers
    const peer: Peer = new Peer(
      wire,
      identity,
      options.iceServers,
      { hosts: hostAddresses(settings.address, hosts), relayOnly: options.relayOnly === true, patience },
      {
        agreed: (agreement) => stream.agree(agreement),
        candidate: (candidate) => report({ type: 'candidate', session, candidate }),
        state: (state) => report({ type: 'state', session, state }),
      },
    )
    const stream = this.#door.open(session, peer)
    const negotiation = new Negotiation(peer, {
      sessionId: String(chance.uint32()),
      fingerprint: identity.fingerprint,
      ssrc: stream.ssrc,
      cname: chance.uint32().toString(16),
      streamId: `onhook-${chance.uint32().toString(16)}`,
    })
    const member = { peer, negotiation, id: session, sweep: (now: number) => peer.sweep(now) }
    this.#members.set(session, member)
    rounds.join(member)
  }

  obey(command: Command & { type: 'describe' | 'candidate' }): void {
    const member = this.#members.get(command.session)
    if (member === undefined) return
    this.#whose.run(command.session, () => {
      try {
        if (command.type === 'candidate') return member.peer.addRemote(command.candidate)
        const result = describe(member.negotiation, command.ask)
        this.#door.report({ type: 'described', session: command.session, job: command.job, result })
      } catch (error) {
        this.#fail(command.session, error)
      }
    })
  }

  #fail(session: number, error: unknown): void {
    const code = error instanceof MediaError ? error.code : 'media.peer-failed'
    const detail = error instanceof Error ? error.message : String(error)
    this.#door.report({ type: 'peer-failed', session, code, detail })
    if (this.#members.has(session)) this.#door.close(session)
  }

  /** Its stream was closed. */
  left(session: number): void {
    const member = this.#members.get(session)
    if (member === undefined) return
    this.#members.delete(session)
    this.#door.rounds.leave(member)
  }
}

function describe(negotiation: Negotiation, ask: DescribeVerb): Described {
  switch (ask.verb) {
    case 'offer':
      return negotiation.offer(ask.wish, ask.iceRestart)
    case 'answer':
      return negotiation.answer(ask.sdp, ask.wish)
    case 'accept':
      return negotiation.accept(ask.sdp)
    default:
      return ask satisfies never
  }
}
