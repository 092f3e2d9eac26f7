import { createSocket, type Socket } from 'node:dgram'
import { isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Where a datagram comes from or goes to. The form of werift. */
export type Address = readonly [host: string, port: number]

/** A bound socket as werift wants it. It is ours: werift's own one has no ear for errors and would take the whole thread down. */
export class Wire {
  readonly type = 'udp'
  readonly addressFamily: 4 | 6
  closed = false
  onData: (data: Buffer, from: Address) => void = () => {}
  readonly #socket: Socket

  /** @param socket bound, and with an ear for errors. */
  constructor(socket: Socket) {
    this.#socket = socket
    this.addressFamily = isIPv6(socket.address().address) ? 6 : 4
    socket.on('message', (data, { address, port }) => {
      if (!this.closed) this.onData(data, [address, port])
    })
  }

  get address() {
    return this.#socket.address()
  }

  /** Never throws and never waits: what cannot be sent is lost, as datagrams are. */
  readonly send = (data: Uint8Array, to?: Address): Promise<void> => {
    try {
      if (!this.closed && to !== undefined) this.#socket.send(data, to[1], to[0])
    } catch {
      // A port or an address that no datagram can go to.
    }
    return sent
  }

  readonly close = (): Promise<void> => {
    if (this.closed) return sent
    this.closed = true
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }

  /** Any free port, for what has no port of its own to keep. Rejects if the address cannot be bound. */
  static open(address: string): Promise<Wire> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        socket.close()
        reject(error)
      }
      socket.once('error', failed)
      socket.bind({ port: 0, address, exclusive: true }, () => {
        socket.off('error', failed)
        socket.on('error', () => {})
        resolve(new Wire(socket))
      })
    })
  }
}

const sent = Promise.resolve()

/**
 * The addresses that a far end may find a socket at, bound as it is: all of the machine's for the any-address.
 * @param first others before them. Those of the other family are no use.
 */
export function hostAddresses(bound: string, first: readonly string[]): readonly string[] {
  const usable = first.filter((address) => isIP(address) === isIP(bound))
  return [...new Set([...usable, ...ownAddresses(bound)])]
}

function ownAddresses(bound: string): readonly string[] {
  if (bound !== '0.0.0.0' && bound !== '::') return [bound]
  const family = bound === '::' ? 'IPv6' : 'IPv4'
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  // Link-local addresses of IPv6 mean nothing without the name of an interface.
  const fine = all.filter((one) => one.family === family && !one.internal && !/^fe80:/i.test(one.address))
  const addresses = fine.map(({ address }) => address)
  return addresses.length > 0 ? addresses : [family === 'IPv6' ? '::1' : '127.0.0.1']
}
