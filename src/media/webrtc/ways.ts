import type { IceCandidate, IceServer } from '../face.ts'
import { readCandidate } from './candidate.ts'
import { askedNames, IceAgent, type IceState, isQuestion } from './ice.ts'
import { readIceServers } from './ice-servers.ts'
import type { PeerAgreed } from './negotiate.ts'
import type { Address, Wire } from './wire.ts'

export type WaysSettings = Readonly<{
  wire: Wire
  /** Where the wire can be found. */
  hosts: readonly string[]
  relayOnly: boolean
  /** Milliseconds for ICE to find a way. */
  patience: number
}>

export type WaysDoor = Readonly<{
  /** One more candidate of the agent that is to be described; null: no more will come. */
  candidate(line: string | null): void
  /** A way was found, and is the one that is used from now on. */
  found(): void
  /** One of them has another state. */
  changed(): void
  /** What came over a relay, and is not ICE's own. */
  data(data: Buffer, from: Address): void
}>

const mostWaiting = 100

/** The ways to the far end: the one that is used, and the one that a restart is looking for. Each has its ICE agent. */
export class Ways {
  readonly #settings: WaysSettings
  readonly #door: WaysDoor
  #used: IceAgent | null = null
  #next: IceAgent | null = null
  /** Candidates whose description has not come. */
  #waiting: IceCandidate[] = []
  #agreed: PeerAgreed | null = null
  #controlling = true
  #state: 'open' | 'closed' = 'open'

  constructor(settings: WaysSettings, door: WaysDoor) {
    this.#settings = settings
    this.#door = door
  }

  /** Known and usable as it is: no other description has to be made for it. */
  get agent(): IceAgent | null {
    return this.#next ?? this.#used
  }

  get used(): IceAgent | null {
    return this.#used
  }

  get states(): Readonly<{ agent: IceState | null; next: IceState | null }> {
    return { agent: this.#used?.state ?? null, next: this.#next?.state ?? null }
  }

  /** A new agent of ours, the first one or one for a restart. It replaces one that never came to be used. */
  gather(servers: readonly IceServer[], controlling: boolean): IceAgent {
    // The role of the first way that was found is kept in restarts.
    if (this.#used === null) this.#controlling = controlling
    this.#give()
    const { wire, hosts, relayOnly, patience } = this.#settings
    const helpers = readIceServers(servers)
    const agent: IceAgent = new IceAgent(
      { wire, hosts, helpers, relayOnly, controlling: this.#controlling, patience },
      {
        candidate: (line) => {
          if (agent === this.agent) this.#door.candidate(line)
        },
        state: (state) => this.#became(agent, state),
        data: (data, from) => this.#door.data(data, from),
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

  /** Both descriptions are known. @param looking called if nothing is to be had until a way is found. */
  agree(agreed: PeerAgreed, looking: () => void): void {
    this.#agreed = agreed
    const agent = this.#next
    if (agent !== null && agent.state === 'new') {
      if (this.#used?.state !== 'connected') looking()
      agent.connect(agreed.ice, agreed.iceLite)
    }
    for (const line of agreed.candidates) this.addRemote({ candidate: line })
    for (const candidate of this.#waiting.splice(0)) this.addRemote(candidate)
  }

  addRemote(raw: IceCandidate): void {
    if (this.#agreed === null) return this.#wait(raw)
    const candidate = readCandidate(String(raw?.candidate ?? ''))
    if (candidate === null) return
    const { layout, mid } = this.#agreed
    // Without BUNDLE, the refused m= lines have ways of their own.
    if (!layout.bundled && typeof raw.sdpMid === 'string' && raw.sdpMid !== mid) return
    const agents = [this.#next, this.#used].filter((agent) => agent !== null && agent.remote !== null)
    const { ufrag } = candidate
    const agent = ufrag === undefined ? agents[0] : agents.find((one) => one!.remote!.ufrag === ufrag)
    if (agent != null) agent.addRemote(candidate)
    // It belongs to a restart whose description is still under way.
    else this.#wait(raw)
  }

  #wait(candidate: IceCandidate): void {
    if (this.#waiting.length < mostWaiting) this.#waiting.push(candidate)
  }

  #became(agent: IceAgent, state: IceState): void {
    if (this.#state === 'closed') return
    if (agent === this.#next && state === 'connected') {
      void this.#used?.close()
      this.#used = agent
      this.#next = null
      this.#door.found()
    } else if (agent === this.#next && state === 'failed') {
      // A restart that found nothing leaves the old way, if that still works.
      this.#next = null
      if (this.#used?.state !== 'connected') this.#used = agent
      else void agent.close()
    }
    this.#door.changed()
  }

  hearStun(data: Buffer, from: Address): void {
    if (data.length < 20) return
    if (!isQuestion(data)) {
      this.#used?.hearAnswer(data, from)
      this.#next?.hearAnswer(data, from)
      return
    }
    const names = askedNames(data)
    // Others may know our name: the devices of a user all answer one offer. Only the one that was chosen is heard.
    for (const agent of [this.#used, this.#next]) {
      const known = agent?.remote?.ufrag === names?.theirs
      if (known && agent?.names.ufrag === names?.ours && names !== null) agent?.hearQuestion(data, from)
    }
  }

  /** Whether such an address takes part in ICE: only such ones may speak DTLS to us. */
  knows(from: Address): boolean {
    return this.#used?.knows(from) === true || this.#next?.knows(from) === true
  }

  close(): Promise<unknown> {
    this.#state = 'closed'
    return Promise.allSettled([this.#used?.close(), this.#next?.close()])
  }
}
