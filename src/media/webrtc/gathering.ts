import { candidateFoundation, candidatePriority, type StunProtocol, serverReflexiveCandidate } from 'werift'
import { type Candidate, writeCandidate } from './candidate.ts'
import type { Helper } from './ice-servers.ts'
import { closeTurn, openTurn } from './turn.ts'
import type { Address, Wire } from './wire.ts'

export type GatheringSettings = Readonly<{
  wire: Wire
  /** Where the wire can be found. */
  hosts: readonly string[]
  helpers: readonly Helper[]
  relayOnly: boolean
}>

export type GatheringDoor = Readonly<{
  /** One more of ours; null: no more will come. */
  candidate(line: string | null): void
  /** Our own socket takes part in the checks. */
  direct(address: Address): void
  /** So does what a server relays. It is the door's to close. */
  relay(turn: Awaited<ReturnType<typeof openTurn>>): void
}>

/** Milliseconds for a server to give us an address. */
const helperPatience = 10_000

/** Our candidates: where we can be found, by our own addresses and with the help of servers (RFC 8445 §5.1.1). */
export class Gathering {
  readonly #settings: GatheringSettings
  readonly #ufrag: string
  readonly #door: GatheringDoor
  readonly #lines: string[] = []
  readonly #asking = new AbortController()

  constructor(settings: GatheringSettings, ufrag: string, door: GatheringDoor) {
    this.#settings = settings
    this.#ufrag = ufrag
    this.#door = door
  }

  /** So far. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /**
   * Host candidates are there when it returns; the others, and the end, come later.
   *
   * @param direct speaks on our own socket.
   */
  begin(direct: StunProtocol): void {
    const { wire, hosts, helpers, relayOnly } = this.#settings
    if (!relayOnly) {
      this.#door.direct([hosts[0]!, wire.address.port])
      for (const [n, host] of hosts.entries()) this.#announce('host', [host, wire.address.port], undefined, n)
    }
    const asked = helpers.flatMap((helper) =>
      helper.type === 'turn' ? [this.#askTurn(helper)] : relayOnly ? [] : [this.#askStun(helper, direct)],
    )
    void Promise.allSettled(asked).then(() => this.#door.candidate(null))
  }

  /** Nobody waits for the servers any more. */
  stop(): void {
    this.#asking.abort()
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
      ufrag: this.#ufrag,
    })
    if (this.#lines.some((known) => known.includes(` ${address} ${port} typ `))) return
    this.#lines.push(line)
    this.#door.candidate(line)
  }

  async #askStun({ host, port }: Helper & { type: 'stun' }, direct: StunProtocol): Promise<void> {
    const found = await this.#inTime(serverReflexiveCandidate(direct, [host, port]))
    if (found === undefined || this.#asking.signal.aborted) return
    const base = direct.localCandidate!
    this.#announce('srflx', [found.host, found.port], [base.host, base.port])
  }

  async #askTurn(helper: Helper & { type: 'turn' }): Promise<void> {
    const { signal } = this.#asking
    const turn = await this.#inTime(openTurn(helper, this.#settings.wire.address.address, signal), closeTurn)
    if (signal.aborted) return closeTurn(turn)
    this.#door.relay(turn)
    this.#announce('relay', turn.relayedAddress, turn.mappedAddress)
  }

  /** @param late what to do with a result that nobody waits for any more. */
  #inTime<T>(work: Promise<T>, late: (result: T) => void = () => {}): Promise<T> {
    const { signal } = this.#asking
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
}
