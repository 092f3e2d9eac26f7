import { isIP } from 'node:net'
import type { Address, Flow, Transport, TransportName } from '../transport/flow.ts'
import type { Target } from '../transport/resolve.ts'

/** The transports of one user agent, and which of them leads where. */
export class Ways {
  readonly #transports: Transport[] = []

  add(transport: Transport): void {
    this.#transports.push(transport)
  }

  get all(): readonly Transport[] {
    return this.#transports
  }

  get names(): TransportName[] {
    return this.#transports.map(({ name }) => name)
  }

  /** The transport that a flow belongs to. A connection that we opened has a port of its own, so any of its kind will do. */
  of(flow: Flow): Transport | undefined {
    const { transport, local } = flow
    let found: Transport | undefined
    for (const each of this.#transports) {
      if (each.name !== transport) continue
      if (each.local.port === local.port && each.local.host === local.host) return each
      if (found === undefined || each.local.port === local.port) found = each
    }
    return found
  }

  /** The flow to a place, from `near` if one of the transports listens there; undefined if there is none of that kind. */
  flowTo({ transport, address }: Target, near?: Address): Flow | undefined {
    let best: Transport | undefined
    let bestFit = -1
    for (const each of this.#transports) {
      if (each.name !== transport) continue
      const fit = fitness(each.local, address, near)
      if (fit > bestFit) {
        best = each
        bestFit = fit
      }
    }
    return best?.flowTo(address)
  }
}

/** The same listener as before, else the same kind of network: an address of this machine's own does not reach others. */
function fitness(local: Address, remote: Address, near: Address | undefined): number {
  const family = isIP(local.host) === isIP(remote.host) ? 4 : 0
  const scope = isLoopback(local.host) === isLoopback(remote.host) || isAny(local.host) ? 2 : 0
  const same = near !== undefined && near.port === local.port && near.host === local.host ? 1 : 0
  return family + scope + same
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
