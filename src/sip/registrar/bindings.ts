import type { Flow } from '../transport/flow.ts'

/** One address at which a user can be called (RFC 3261 §10). */
export type Binding = Readonly<{
  /** The Contact URI as the device wrote it: the Request-URI of a call to it. */
  contact: string
  /** What makes it the same device when it registers again: `+sip.instance` if it has one, else the contact. */
  device: string
  /** 0 to 1; higher is tried first. */
  q: number
  /** Milliseconds, by the clock of the registrar. */
  expires: number
  /** The way that the REGISTER came by: through a NAT the only one. */
  flow: Flow
  callId: string
  seq: number
  userAgent: string
}>

/** Who can be called where. Users are the user parts of addresses of record, unescaped. */
export interface BindingStore {
  /** Those that have not expired, best first. */
  of(user: string): readonly Binding[]
  /** Adds it, or replaces that of the same device. */
  put(user: string, binding: Binding): void
  remove(user: string, device: string): void
  clear(user: string): void
}

/** Bindings in memory. What has expired is forgotten when its user is looked at, and all of it once a minute while others register. */
export class MemoryBindings implements BindingStore {
  readonly #now: () => number
  readonly #users = new Map<string, Binding[]>()
  #swept: number

  constructor(now: () => number) {
    this.#now = now
    this.#swept = now()
  }

  /** How many users have bindings, expired ones that were not yet forgotten included. */
  get size(): number {
    return this.#users.size
  }

  users(): IterableIterator<string> {
    return this.#users.keys()
  }

  of(user: string): readonly Binding[] {
    const all = this.#users.get(user)
    if (all === undefined) return []
    const now = this.#now()
    return this.#keep(
      user,
      all.filter((each) => each.expires > now),
    )
  }

  put(user: string, binding: Binding): void {
    this.#sweep()
    const others = this.of(user).filter(({ device }) => device !== binding.device)
    this.#keep(
      user,
      [...others, binding].sort((a, b) => b.q - a.q),
    )
  }

  remove(user: string, device: string): void {
    this.#keep(
      user,
      this.of(user).filter((each) => each.device !== device),
    )
  }

  clear(user: string): void {
    this.#users.delete(user)
  }

  #keep(user: string, bindings: readonly Binding[]): readonly Binding[] {
    if (bindings.length === 0) this.#users.delete(user)
    else this.#users.set(user, [...bindings])
    return bindings
  }

  #sweep(): void {
    const now = this.#now()
    if (now - this.#swept < 60_000) return
    this.#swept = now
    for (const user of [...this.#users.keys()]) this.of(user)
  }
}
