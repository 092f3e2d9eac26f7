/** Whatever comes at the SIP port while calls run: they go on, the next ones come through, and nothing is left of it. */
import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type ServerProcess, startProcess } from '../../src/cli/demo/server-process.ts'
import { createPhone, type OutgoingCall, type Phone } from '../../src/testing/index.ts'
import { until } from '../testing/stage.ts'
import { Chance } from './chance.ts'

const scale = process.env.ONHOOK_LONG === undefined ? 1 : 20
const chance = new Chance()
const below = (most: number) => chance.between(0, most)

const folder = mkdtempSync(join(tmpdir(), 'onhook-torture-'))
const samples = fileURLToPath(new URL('../fixtures/rfc4475/', import.meta.url))
const torture = readdirSync(samples)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => readFileSync(join(samples, name)))

let server: ServerProcess
let phone: Phone
let port: number
let datagrams: Datagrams
const talking: OutgoingCall[] = []
const streams: Socket[] = []

beforeAll(async () => {
  const config = join(folder, 'onhook.config.json')
  const here = { host: '127.0.0.1', port: 0 }
  const settings = {
    data: { path: join(folder, 'onhook.db') },
    http: here,
    sip: {
      listen: ['udp', 'tcp'].map((transport) => ({ transport, ...here, port: 0 })),
      media: { ports: [30_000, 32_766], silenceSeconds: 3600 },
    },
    limits: { callsPerSecond: 100_000 },
    routes: [{ to: 'hold', from: 'anyone', hold: true }],
    log: { level: 'error' },
  }
  const taken = createSocket('udp4')
  await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve))
  port = taken.address().port
  taken.close()
  for (const each of settings.sip.listen) each.port = port
  writeFileSync(config, JSON.stringify(settings))
  server = await startProcess(config)
  phone = await createPhone({ server: server.sip, sound: 'none' })
  datagrams = createSocket('udp4')
  for (let n = 0; n < 10; n++) talking.push(await phone.call('hold'))
  await Promise.all(talking.map((call) => call.answered()))
})

afterEach(() => {
  for (const stream of streams.splice(0)) stream.destroy()
})

afterAll(async () => {
  datagrams?.close()
  await phone?.close(100)
  await server?.stop()
  rmSync(folder, { recursive: true })
})

const flush = () => new Promise((resolve) => setImmediate(resolve))

async function datagram(bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => datagrams.send(bytes, port, '127.0.0.1', () => resolve()))
}

async function stream(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  // Refused, reset, ended: as the server likes.
  socket.on('error', () => {})
  socket.resume()
  streams.push(socket)
  await new Promise((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', resolve)
  })
  return socket
}

/** Its bytes, some of them changed, lost or there twice. */
function spoilt(message: Buffer): Buffer {
  const out = Buffer.from(message)
  for (let n = below(8); n >= 0; n--) out[below(out.length)] = below(256)
  const from = below(out.length)
  const cut = out.subarray(from, from + below(200))
  return below(2) === 0 ? out.subarray(0, from) : Buffer.concat([out.subarray(0, from), cut, out.subarray(from)])
}

function request(method: string, more = ''): Buffer {
  const id = `${method}${below(1e9)}`
  const lines = [
    `${method} sip:hold@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    'From: <sip:torture@127.0.0.1>;tag=t',
    'To: <sip:hold@127.0.0.1>',
    'Contact: <sip:torture@127.0.0.1:9>',
    `Call-ID: ${id}`,
    `CSeq: 1 ${method}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n${more}Content-Length: 0\r\n\r\n`)
}

/** Nearly as long as a datagram can be. */
function long(method: string, filler: string): Buffer {
  return request(method, filler.repeat(Math.floor(64_500 / filler.length)))
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.http}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

/** The calls of before live, and another one comes through. */
async function goesOn(): Promise<void> {
  const { items } = (await (await fetch(`${server.http}/api/calls?limit=1000`)).json()) as {
    items: { phase: string; legs: { ids: Record<string, string> }[] }[]
  }
  const live = new Set(items.filter(({ phase }) => phase === 'answered').map(({ legs }) => legs[0]?.ids['call-id']))
  for (const { callId } of talking) expect(live).toContain(callId)
  const call = await phone.call('hold')
  await call.answered(15_000)
  call.hangup()
  await call.ended(15_000)
  expect((await fetch(`${server.http}/readyz`)).status).toBe(200)
}

it('every message of RFC 4475, as datagrams', async () => {
  for (const message of torture) await datagram(message)
  await goesOn()
})

it('every message of RFC 4475, byte by byte on a connection of its own', async () => {
  await Promise.all(
    torture.map(async (message) => {
      const socket = await stream()
      for (const byte of message) {
        if (!socket.writable) return
        socket.write(Uint8Array.of(byte))
        await flush()
      }
    }),
  )
  await goesOn()
})

it('thousands of them, spoilt', async () => {
  for (let n = 0; n < 3000 * scale; n++) {
    await datagram(spoilt(torture[below(torture.length)]!))
    if (n % 100 === 0) await flush()
  }
  const all = await Promise.all(Array.from({ length: 20 }, stream))
  for (let n = 0; n < 500 * scale; n++) {
    const at = below(all.length)
    if (!all[at]!.writable) all[at] = await stream()
    all[at]!.write(spoilt(torture[below(torture.length)]!))
    if (n % 20 === 0) await flush()
  }
  await goesOn()
})

it('messages of 64 kB', async () => {
  const fillers = [
    'X: y\r\n',
    'Via: SIP/2.0/UDP a\r\n',
    'Route: <sip:a;lr>\r\n',
    `Subject: ${'s'.repeat(4000)}\r\n`,
    'Reason: Q.850;cause=16\r\n',
    '\u0000',
  ]
  for (let n = 0; n < 20 * scale; n++) {
    for (const filler of fillers) {
      for (const method of ['OPTIONS', 'INVITE', 'BYE', 'REGISTER']) await datagram(long(method, filler))
    }
    await flush()
  }
  await goesOn()
})

it('connections that drip, that say nothing, that never end a head, that never read', async () => {
  const before = await metric('process_resident_memory_bytes')
  const drips = await Promise.all(Array.from({ length: 200 * scale }, stream))
  for (const [n, socket] of drips.entries()) {
    if (n % 4 === 1) socket.write(torture[n % torture.length]!.subarray(0, 30))
    if (n % 4 === 2) socket.write(`INVITE sip:a SIP/2.0\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(150_000)}`)
    if (n % 4 === 3) {
      socket.pause()
      for (let more = 0; more < 500; more++) socket.write(request('OPTIONS'))
    }
  }
  const endless = await stream()
  for (let n = 0; n < 100 && endless.writable; n++) {
    endless.write('INVITE '.repeat(2000))
    await flush()
  }
  await goesOn()
  for (let n = 0; n < 20; n++) {
    for (const socket of drips) if (socket.writable) socket.write('x')
    await sleep(10)
  }
  await goesOn()
  const after = await metric('process_resident_memory_bytes')
  expect(after - before).toBeLessThan(256 * 1024 * 1024)
})

it('at the end everybody who talks hangs up as if nothing had been, each on one record', async () => {
  for (const call of talking) call.hangup()
  await Promise.all(talking.map((call) => call.ended(15_000)))
  for (const { callId } of talking) {
    const mine = async () => {
      const { items } = (await (await fetch(`${server.http}/api/records?limit=1000`)).json()) as {
        items: { ending: { cause: string }; legs: { ids: Record<string, string> }[] }[]
      }
      return items.filter(({ legs }) => legs[0]?.ids['call-id'] === callId)
    }
    await until(async () => (await mine()).length > 0)
    expect((await mine()).map(({ ending }) => ending.cause)).toEqual(['hangup'])
  }
  expect(phone.faults).toEqual([])
})
