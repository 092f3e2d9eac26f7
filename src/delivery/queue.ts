export type Limits = Readonly<{
  /** Attempts under way at once to one host. */
  perHost: number
  /** Attempts under way at once to all hosts. */
  total: number
}>

type Host<Item> = { readonly name: string; readonly waiting: Set<Item>; active: number }

/**
 * Who goes next: first come first served at each host, the hosts in turn, so that a host that does not answer holds up
 * nobody but itself.
 */
export class HostQueue<Item> {
  readonly #limits: Limits
  readonly #hosts = new Map<string, Host<Item>>()
  /** Hosts with somebody waiting and room for one more, in the order of their turns. */
  readonly #ready = new Set<Host<Item>>()
  #active = 0
  #waiting = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get active(): number {
    return this.#active
  }

  get waiting(): number {
    return this.#waiting
  }

  add(name: string, item: Item): void {
    let host = this.#hosts.get(name)
    if (host === undefined) {
      host = { name, waiting: new Set(), active: 0 }
      this.#hosts.set(name, host)
    }
    host.waiting.add(item)
    this.#waiting++
    this.#judge(host)
  }

  /** The next to go, whose slot is now taken; undefined if all that wait must wait. */
  take(): Item | undefined {
    if (this.#active >= this.#limits.total) return undefined
    const [host] = this.#ready
    if (host === undefined) return undefined
    const item = host.waiting.values().next().value as Item
    host.waiting.delete(item)
    host.active++
    this.#active++
    this.#waiting--
    // To the end of the line.
    this.#ready.delete(host)
    this.#judge(host)
    return item
  }

  /** Gives back a slot that `take` took. */
  release(name: string): void {
    const host = this.#hosts.get(name)
    if (host === undefined || host.active === 0) return
    host.active--
    this.#active--
    this.#judge(host)
  }

  #judge(host: Host<Item>): void {
    if (host.waiting.size > 0 && host.active < this.#limits.perHost) this.#ready.add(host)
    else this.#ready.delete(host)
    if (host.waiting.size === 0 && host.active === 0) this.#hosts.delete(host.name)
  }
}
