import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A UDP port of loopback that nobody uses now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

/** For sound: below the range that the kernel hands out by itself. */
export const mediaPorts = [10_000, 31_999] as const
