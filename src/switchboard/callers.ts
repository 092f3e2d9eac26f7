import type { CallId } from '../call/call.ts'
import type { Offer } from './ports.ts'

/** Live calls of one user, where the configuration names no number. */
const most = 100

/**
 * Live incoming calls by who makes them, so that no one caller takes all the room there is. A caller is whom the network can tell
 * from others: a user by its name, a number on a trunk, a stranger's address.
 */
export class Callers {
  readonly #limit: number | undefined
  readonly #counts = new Map<string, number>()
  readonly #callerOf = new Map<CallId, string>()

  /** @param limit live calls of each caller. Absent: 100 of a user; a number or an address may stand for many. */
  constructor(limit: number | undefined) {
    this.#limit = limit
  }

  /** Whether this caller may have one more. */
  admits(offer: Offer): boolean {
    const limit = this.#limitOf(offer)
    if (limit === undefined) return true
    const caller = callerOf(offer)
    return caller === undefined || (this.#counts.get(caller) ?? 0) < limit
  }

  /** The call is let in: it counts until it is over. */
  begin(call: CallId, offer: Offer): void {
    if (this.#limitOf(offer) === undefined) return
    const caller = callerOf(offer)
    if (caller === undefined) return
    this.#callerOf.set(call, caller)
    this.#counts.set(caller, (this.#counts.get(caller) ?? 0) + 1)
  }

  #limitOf({ source }: Offer): number | undefined {
    return this.#limit ?? (source.kind === 'user' ? most : undefined)
  }

  over(call: CallId): void {
    const caller = this.#callerOf.get(call)
    if (caller === undefined) return
    this.#callerOf.delete(call)
    const left = (this.#counts.get(caller) ?? 0) - 1
    if (left > 0) this.#counts.set(caller, left)
    else this.#counts.delete(caller)
  }

  /** How many have a live call. */
  get size(): number {
    return this.#counts.size
  }
}

/** Undefined: who withholds the number is not to be told from others who do. */
function callerOf({ network, from, source }: Offer): string | undefined {
  switch (source.kind) {
    case 'user':
      return `${network} user ${source.name}`
    case 'trunk':
      return from === '' || /^anonymous$/i.test(from) ? undefined : `${network} trunk ${source.name} ${from}`
    case 'anonymous':
      // A stranger's name is whatever they say it is.
      return `${network} address ${source.address.replace(/^(\[.*\]|[^:]*):\d+$/, '$1')}`
    default:
      return source.kind satisfies never
  }
}
