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

const given = new Set<number>()

/** A port of 127.0.0.1 that is free for UDP and for TCP, and was not given before. With `next`, the one after it too. */
export async function freePort({ next = false } = {}): Promise<number> {
  for (;;) {
    const port = await freeUdpPort()
    const all = next ? [port, port + 1] : [port]
    if (all.some((each) => given.has(each))) continue
    const free = await Promise.all(all.map(freeForTcp))
    if (free.includes(false)) continue
    for (const each of all) given.add(each)
    return port
  }
}

function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}

function freeForTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
