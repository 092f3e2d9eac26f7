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
/** Files run side by side: each process takes every fourth pair. */
const apart = 2 * 4
const first = lowest + 2 * ((Number(process.env.VITEST_POOL_ID ?? 1) - 1) % 4)
let last = first + apart * Math.floor((Math.random() * (highest - first)) / apart)

/** A port of 127.0.0.1 that is free for UDP and for TCP, and was not given lately. With `next`, the one after it too. */
export async function freePort({ next = false } = {}): Promise<number> {
  for (;;) {
    last = last + apart > highest ? first : last + apart
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
