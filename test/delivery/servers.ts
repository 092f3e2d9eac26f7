/** Web servers on loopback that behave, and that do not. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type ClosableWebClient, createWebClient, type WebClientOptions } from '../../src/delivery/web-client.ts'
import { systemClock } from '../../src/switchboard/clock.ts'
import type { WebRequest } from '../../src/switchboard/ports.ts'

const read = (name: string) => readFileSync(new URL(`./tls/${name}`, import.meta.url))

export const certificate = read('certificate.pem')

async function listening(server: NetServer): Promise<number> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    socket.on('error', () => {})
    sockets.add(socket)
  }
  server.on('connection', keep)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** The base URL of a server that answers as the listener does. */
export async function httpServer(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createHttpServer(listener))}`
}

/** For `app.test`, which `webClient` takes to loopback. */
export async function httpsServer(listener: RequestListener): Promise<string> {
  const server: Server = createHttpsServer({ cert: certificate, key: read('key.pem') }, listener)
  return `https://app.test:${await listening(server)}`
}

/** A server that does to each connection whatever the test says. */
export async function rawServer(connected: (socket: Socket) => void): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(connected))}`
}

/** A raw server that reads a request to the end of its head, then writes `answer`, then ends unless told to stay. */
export async function saying(answer: string, after: 'end' | 'stay' | 'reset' = 'end'): Promise<string> {
  return rawServer((socket) => {
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
      if (!heard.includes('\r\n\r\n')) return
      heard = ''
      socket.write(answer, () => {
        if (after === 'end') socket.end()
        if (after === 'reset') socket.resetAndDestroy()
      })
    })
  })
}

/** A client that may reach loopback, where every name leads. */
export function webClient(options: Partial<WebClientOptions> = {}): ClosableWebClient {
  const client = createWebClient({
    clock: systemClock(),
    version: '1.2.3',
    addresses: { allow: ['127.0.0.0/8'] },
    resolve: (_name, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

export function request(url: string, over: Partial<WebRequest> = {}): WebRequest {
  return {
    url,
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'hello',
    connectTimeout: 5000,
    readTimeout: 5000,
    totalTimeout: 10_000,
    maxBytes: 1000,
    maxRedirects: 3,
    ...over,
  }
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
