import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { MediaError } from '../error.ts'

/** An even port for RTP and the next one for RTCP (RFC 3550 §11), bound; without control, the second one stays free. */
export type PortPair = Readonly<{ port: number; rtp: Socket; rtcp: Socket | null }>

export type PortRange = Readonly<{ first: number; last: number }>

/** How often any free port is asked for until an even one with a free neighbour comes up. */
const anyPortAttempts = 64

/** Binds pairs, walking round the range so that a port just freed is the last to be used again. */
export class PortBinder {
  readonly #address: string
  readonly #range: PortRange | null
  readonly #control: 'bound' | 'none'
  #next: number
  /** Ports that we hold: asking the system for them would cost a call for each, again and again, when all are in use. */
  readonly #held = new Set<number>()

  /** @param start 0 to 1: where in the range the walk starts; by chance, so that a restart does not meet the old calls' packets. */
  constructor(address: string, range: PortRange | null, start: number, control: 'bound' | 'none' = 'bound') {
    this.#control = control
    this.#address = address
    this.#range = range
    const pairs = range === null ? 0 : pairsIn(range)
    this.#next = Math.min(Math.floor(start * pairs), Math.max(0, pairs - 1))
  }

  /** @throws MediaError `media.no-port` */
  async bind(): Promise<PortPair> {
    const range = this.#range
    const attempts = range === null ? anyPortAttempts : pairsIn(range)
    let why = range === null ? 'no even port with a free neighbour' : `no free pair in ${range.first}-${range.last}`
    for (let attempt = 0; attempt < attempts; attempt++) {
      const port = range === null ? 0 : firstEven(range) + 2 * (this.#next++ % pairsIn(range))
      if (this.#held.has(port)) continue
      try {
        const pair = await this.#bindPair(port)
        if (pair !== null) return this.#hold(pair)
      } catch (error) {
        // An address that is not ours, no more file handles: another port would not help.
        const code = (error as NodeJS.ErrnoException).code
        why = (error as Error).message
        if (code !== 'EADDRINUSE' && code !== 'EACCES') break
      }
    }
    throw new MediaError('media.no-port', why)
  }

  #hold(pair: PortPair): PortPair {
    this.#held.add(pair.port)
    pair.rtp.once('close', () => this.#held.delete(pair.port))
    return pair
  }

  async #bindPair(port: number): Promise<PortPair | null> {
    const rtp = await this.#bindOne(port)
    const bound = rtp.address().port
    if (bound % 2 === 1 || bound === 65_535) {
      rtp.close()
      return null
    }
    if (this.#control === 'none') return { port: bound, rtp, rtcp: null }
    try {
      return { port: bound, rtp, rtcp: await this.#bindOne(bound + 1) }
    } catch (error) {
      rtp.close()
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null
      throw error
    }
  }

  #bindOne(port: number): Promise<Socket> {
    const socket = createSocket({ type: isIPv6(this.#address) ? 'udp6' : 'udp4', lookup: asIs })
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        socket.close()
        reject(error)
      }
      socket.once('error', failed)
      socket.bind({ port, address: this.#address, exclusive: true }, () => {
        socket.off('error', failed)
        socket.on('error', unheard)
        resolve(socket)
      })
    })
  }
}

const firstEven = (range: PortRange): number => range.first + (range.first % 2)
const pairsIn = (range: PortRange): number => Math.max(0, Math.floor((range.last - firstEven(range) + 1) / 2))

/** A far port that is closed, a network that is down: the watchdog's business, never an exception. */
function unheard(): void {}

/** Every address is a number already; the system's resolver would cost a turn of the event loop for each packet. */
function asIs(
  hostname: string,
  options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  const done = typeof options === 'function' ? (options as typeof callback) : callback
  done(null, hostname, isIPv6(hostname) ? 6 : 4)
}
