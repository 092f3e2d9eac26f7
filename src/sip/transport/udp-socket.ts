import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Address } from './flow.ts'
import { ListenError } from './listen-error.ts'

/**
 * Binds the port, shared if the system can: first alone, which fails if anybody else has it, then again in the shared way, so that
 * sharing with ourselves never means sharing with a second server.
 */
export async function bindUdp(
  local: Address,
  share: boolean,
  buffer: number,
): Promise<{ socket: Socket; shared: boolean }> {
  const alone = await bind(local, false, buffer)
  if (!share) return { socket: alone, shared: false }
  const { port } = alone.address()
  await new Promise<void>((resolve) => alone.close(() => resolve()))
  const same = { host: local.host, port }
  try {
    return { socket: await bind(same, true, buffer), shared: true }
  } catch {
    return { socket: await bind(same, false, buffer), shared: false }
  }
}

function bind(local: Address, reusePort: boolean, buffer: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(new ListenError('UDP', local, error))
    try {
      // The system would take it modulo 65,536.
      if (!(local.port >= 0 && local.port <= 65535)) throw new RangeError(`no such port: ${local.port}`)
      const socket = createSocket({
        ...socketOptions(local.host, buffer),
        reusePort,
      })
      const failed = (error: Error) => {
        socket.close()
        fail(error)
      }
      socket.once('error', failed)
      socket.bind(local.port, local.host, () => {
        socket.off('error', failed)
        resolve(socket)
      })
    } catch (error) {
      fail(error)
    }
  })
}

/** Addresses are always numeric: the default look-up would go through the resolver's machinery for each datagram. */
export function socketOptions(host: string, buffer: number) {
  const v6 = isIPv6(host)
  return {
    recvBufferSize: buffer,
    sendBufferSize: buffer,
    type: v6 ? ('udp6' as const) : ('udp4' as const),
    lookup: (
      name: string,
      _options: unknown,
      found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
    ) => found(null, name, v6 ? 6 : 4),
  }
}
