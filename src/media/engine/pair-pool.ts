import type { PortPair } from './ports.ts'

/** Milliseconds for which a pair that was given back is not used again: what was on its way to the last call has come by then. */
const rest = 1000
/** A pair that is still sent to in this last part of its rest belongs to somebody who does not stop: it is closed. */
const quiet = 500
/** How much longer an unused pair is kept, in milliseconds. */
const patience = 2000

type Resting = { readonly pair: PortPair; readonly since: number; heardAt: number; hear(): void }

type PoolDoor = Readonly<{
  /** @throws MediaError `media.no-port` */
  bind(): Promise<PortPair>
  /** Monotonic milliseconds. */
  now(): number
  /** Calls again and again until what it returns is called. */
  every(milliseconds: number, look: () => void): () => void
  /** The last pair that was kept is closed: the engine is busy no more. */
  quieted?(): void
}>

/**
 * Pairs of ports for one call after the other: to bind and close two sockets costs more than everything else that a short
 * call's sound needs. A busy engine keeps about as many as a second's calls use; one with less to do than its spare pairs can serve
 * keeps none, and the ports of a call are free when it is over.
 */
export class PairPool {
  readonly #door: PoolDoor
  readonly #spare: number
  /** Oldest first. */
  #resting: Resting[] = []
  #second = 0
  #used = 0
  #usedBefore = 0
  #state: 'open' | 'closed' = 'open'
  #stopLooking: (() => void) | undefined

  /** @param spare so many new sessions a second are served by pairs that are bound for them. */
  constructor(spare: number, door: PoolDoor) {
    this.#spare = spare
    this.#door = door
  }

  /** Sessions that began in the busier of this second and the last one. */
  get pace(): number {
    this.#keepTime()
    return Math.max(this.#used, this.#usedBefore)
  }

  #keepTime(): void {
    const second = Math.floor(this.#door.now() / 1000)
    if (second === this.#second) return
    this.#usedBefore = second === this.#second + 1 ? this.#used : 0
    this.#used = 0
    this.#second = second
  }

  /** A session began with a pair that was given. */
  use(): void {
    this.#keepTime()
    this.#used++
  }

  /** What the calls of a second need, and half as much again: a rest is a second too, and no two seconds are alike. */
  get #most(): number {
    return this.#state === 'closed' ? 0 : Math.max(0, Math.ceil((this.pace - this.#spare) * 1.5))
  }

  /** A rested pair, else a new one, else the one that has rested longest. @throws MediaError `media.no-port` */
  async give(): Promise<PortPair> {
    return this.#rested() ?? (await this.#door.bind().catch((fault: unknown) => this.#restless(fault)))
  }

  #rested(): PortPair | undefined {
    const now = this.#door.now()
    for (let first = this.#resting[0]; first !== undefined && now - first.since >= rest; first = this.#resting[0]) {
      this.#resting.shift()
      if (first.heardAt <= first.since + rest - quiet) return awake(first)
      shut(awake(first))
    }
    return undefined
  }

  #restless(fault: unknown): PortPair {
    const first = this.#resting.shift()
    if (first === undefined) throw fault
    return awake(first)
  }

  /** Nobody uses it any more. @param done once its ports are free, or are kept for the next call. */
  takeBack(pair: PortPair, done: () => void): void {
    if (this.#resting.length >= this.#most) return shut(pair, done)
    const since = this.#door.now()
    const resting: Resting = { pair, since, heardAt: since, hear: () => this.#heard(resting) }
    pair.rtp.on('message', resting.hear)
    pair.rtcp?.on('message', resting.hear)
    this.#resting.push(resting)
    this.#stopLooking ??= this.#door.every(rest, () => this.#look())
    done()
  }

  #heard(resting: Resting): void {
    resting.heardAt = this.#door.now()
  }

  /** Closes what is too much, or has not been wanted. */
  #look(): void {
    const now = this.#door.now()
    const most = this.#most
    for (let first = this.#resting[0]; first !== undefined; first = this.#resting[0]) {
      if (this.#resting.length <= most && now - first.since < rest + patience) break
      this.#resting.shift()
      shut(awake(first))
    }
    if (this.#resting.length > 0) return
    this.#lookNoMore()
    this.#door.quieted?.()
  }

  #lookNoMore(): void {
    this.#stopLooking?.()
    this.#stopLooking = undefined
  }

  close(): void {
    this.#state = 'closed'
    this.#lookNoMore()
    for (const resting of this.#resting.splice(0)) shut(awake(resting))
  }
}

function awake({ pair, hear }: Resting): PortPair {
  pair.rtp.off('message', hear)
  pair.rtcp?.off('message', hear)
  return pair
}

function shut({ rtp, rtcp }: PortPair, done?: () => void): void {
  let open = rtcp === null ? 1 : 2
  const closed = (): void => {
    if (--open === 0) done?.()
  }
  rtp.close(closed)
  rtcp?.close(closed)
}
