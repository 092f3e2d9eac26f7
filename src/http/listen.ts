/** Binds the HTTP faces to a socket. */
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

export type Listening = Readonly<{
  /** `http://host:port`, with the port that was really bound. */
  url: string
  /** Stops listening, waits for requests under way at most `grace` milliseconds, then closes what is left. */
  close(grace?: number): Promise<void>
}>

/** @throws the socket's error: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
// biome-ignore lint/suspicious/noExplicitAny: any app may be served, whatever its variables
export async function listen(app: Hono<any, any, any>, address: { host: string; port: number }): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 },
  }) as import('node:http').Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return {
    url: `http://${host}:${port}`,
    close: (grace = 1_000) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), grace)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
