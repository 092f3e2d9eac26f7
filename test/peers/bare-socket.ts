import { createSocket } from 'node:dgram'

/** A far end made of one socket on loopback. */
export async function bareSocket() {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  return {
    address: { address: '127.0.0.1', port, rtcpAddress: '127.0.0.1', rtcpPort: port + 1 },
    listen: (listener: (datagram: Buffer) => void) => void socket.on('message', listener),
    close: () => void socket.close(),
  }
}
