/** The incoming connections of each source: none may take the room of all. */
export class StreamSources {
  readonly #most: number
  readonly #counts = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  isFull(host: string): boolean {
    return (this.#counts.get(sourceOf(host)) ?? 0) >= this.#most
  }

  came(host: string): void {
    const source = sourceOf(host)
    this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1)
  }

  went(host: string): void {
    const source = sourceOf(host)
    const left = (this.#counts.get(source) ?? 0) - 1
    if (left > 0) this.#counts.set(source, left)
    else this.#counts.delete(source)
  }
}

/**
 * An IPv4 address; of an IPv6 address its first 64 bits (RFC 4291 §2.5.1): whoever has one address of a link has as many as they like.
 * `host` is spelled as the system spells it: shortened, in lower case.
 */
export function sourceOf(host: string): string {
  if (!host.includes(':')) return host
  const [head = '', tail] = host.replace(/%.*$/, '').split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    // The last 32 bits may be written as an IPv4 address.
    const missing = 8 - groups.length - after.length - (tail.includes('.') ? 1 : 0)
    groups.push(...Array<string>(Math.max(0, missing)).fill('0'), ...after)
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}

/** A dual-stack socket spells IPv4 peers `::ffff:192.0.2.1`. */
export function plainV4(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
