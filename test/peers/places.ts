import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of the test's own. */
export async function folder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'onhook-peers-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Above what systems give to connections by themselves (32768–60999 on Linux): nobody takes them between choice and use. */
const [lowest, highest] = [61_000, 65_500]
let last = lowest + Math.floor(Math.random() * (highest - lowest))

/** A port of 127.0.0.1 that is free for UDP and for TCP, and was not given lately. With `next`, the one after it too. */
export async function freePort({ next = false } = {}): Promise<number> {
  for (;;) {
    last = last >= highest ? lowest : last + 2
    const port = last
    const all = next ? [port, port + 1] : [port]
    const free = await Promise.all(all.flatMap((each) => [freeForUdp(each), freeForTcp(each)]))
    if (!free.includes(false)) return port
  }
}

function freeForUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}

function freeForTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
