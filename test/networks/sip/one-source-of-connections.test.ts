import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { defineConfig } from '../../../src/config/load.ts'
import { startServer } from '../../../src/server.ts'

const most = 1024
const options = (id: number) =>
  [
    'OPTIONS sip:a@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1:5060;rport;branch=z9hG4bK${id}`,
    'From: <sip:a@127.0.0.1>;tag=a',
    'To: <sip:a@127.0.0.1>',
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

/** Resolves with the status line that it hears, or with `closed`. */
function ask(port: number, id: number, sockets: Socket[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(options(id)))
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('close', () => resolve('closed'))
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1').split(' ')[0]!))
  })
}

test('one address has 1,024 connections that are answered; one more is closed, and the metrics say so', async () => {
  const config = defineConfig(
    {
      data: { memory: true },
      http: { port: 0 },
      sip: { listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }] },
      log: { level: 'silent' },
    },
    {},
  )
  const server = await startServer(config)
  const sockets: Socket[] = []
  const turnedAway = async () => {
    const page = await (await fetch(`${server.httpAddress}/metrics`)).text()
    return /^onhook_connections_turned_away_total\{network="sip"\} (\d+)$/m.exec(page)?.[1]
  }
  try {
    const port = Number(server.sipAddress.split(':')[1])
    // No more at once than wait in any system's queue of new connections.
    for (let id = 0; id < most; id += 64) {
      const answers = await Promise.all(Array.from({ length: 64 }, (_, n) => ask(port, id + n, sockets)))
      expect(new Set(answers)).toEqual(new Set(['SIP/2.0']))
    }
    expect(await turnedAway()).toBe('0')
    expect(await ask(port, most, sockets)).toBe('closed')
    expect(await turnedAway()).toBe('1')
    expect(sockets.filter(({ closed }) => closed)).toHaveLength(1)
  } finally {
    for (const socket of sockets) socket.destroy()
    await server.stop()
  }
})
