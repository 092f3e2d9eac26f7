/**
 * Live calls between WebRTC and plain RTP: CPU for each, how long the sound takes, how soon it ends.
 * `node bench/webrtc.ts [--calls N] [--seconds N]`
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  buildRtp,
  createMedia,
  type IceCandidate,
  type Media,
  type MediaSession,
  type PeerSession,
} from '../src/media/index.ts'
import { agreed } from './machine/agreed.ts'
import { cpuOf, residentOf, threadsOf } from './machine/usage.ts'
import { quantile } from './report.ts'

type Ask =
  | { type: 'open'; call: number; offer: string; port: number }
  | { type: 'candidate'; call: number; candidate: IceCandidate }
  | { type: 'close'; call: number }
type Tell =
  | { type: 'ready' }
  | { type: 'open'; call: number; answer: string; port: number }
  | { type: 'candidate'; call: number; candidate: IceCandidate }
  | { type: 'closing'; call: number; at: number }

const clock = (): number => performance.timeOrigin + performance.now()

/** The program that is measured: it holds the calls. */
async function subject(): Promise<void> {
  const media = createMedia({ address: '127.0.0.1', portRange: { first: 30_000, last: 31_999 } })
  const calls = new Map<number, { peer: PeerSession; plain: MediaSession }>()
  const tell = (message: Tell): void => void process.send!(message)
  await media.ready
  process.on('message', async (ask: Ask) => {
    const call = calls.get(ask.call)
    if (ask.type === 'open') {
      const peer = await media.peer({ iceServers: [] })
      const plain = await media.session()
      calls.set(ask.call, { peer, plain })
      const answer = await peer.answer(ask.offer)
      plain.setRemote(agreed(ask.port))
      peer.connect(plain)
      tell({ type: 'open', call: ask.call, answer, port: plain.localPort })
      peer.onCandidate((candidate) => tell({ type: 'candidate', call: ask.call, candidate }))
    } else if (ask.type === 'candidate') call?.peer.candidate(ask.candidate)
    else {
      tell({ type: 'closing', call: ask.call, at: clock() })
      call?.peer.close()
      call?.plain.close()
    }
  })
  process.on('disconnect', () => process.exit())
  tell({ type: 'ready' })
}

type Line = { peer: PeerSession; plain: MediaSession; near: Socket; far: Socket; port: number; lastAt: number }

/** Both far ends: for each call a bare socket on the plain side, and behind the WebRTC side another one. */
class Driver {
  readonly lines: Line[] = []
  readonly delays: number[] = []
  readonly #media: Media
  readonly #child: ChildProcess
  readonly closings = new Map<number, number>()
  readonly #opening = new Map<number, (opened: Tell & { type: 'open' }) => void>()
  #sequence = 0

  constructor(media: Media, child: ChildProcess) {
    this.#media = media
    this.#child = child
    child.on('message', (message: Tell) => {
      if (message.type === 'candidate') this.lines[message.call]?.peer.candidate(message.candidate)
      if (message.type === 'closing') this.closings.set(message.call, message.at)
      if (message.type === 'open') this.#opening.get(message.call)?.(message)
    })
  }

  ask(ask: Ask): void {
    this.#child.send(ask)
  }

  async open(call: number): Promise<void> {
    const near = await socket()
    const far = await socket()
    const peer = await this.#media.peer({ iceServers: [] })
    const plain = await this.#media.session()
    plain.setRemote(agreed(far.address().port))
    plain.connect(peer)
    const line: Line = { peer, plain, near, far, port: 0, lastAt: 0 }
    this.lines[call] = line
    const opened = new Promise<Tell & { type: 'open' }>((resolve) => this.#opening.set(call, resolve))
    this.ask({ type: 'open', call, offer: await peer.offer(), port: near.address().port })
    peer.onCandidate((candidate) => this.ask({ type: 'candidate', call, candidate }))
    const { answer, port } = await opened
    await peer.accept(answer)
    line.port = port
    await new Promise<void>((resolve, reject) =>
      peer.onState((state) => {
        if (state === 'connected') resolve()
        if (state === 'failed') reject(new Error(`call ${call} was not connected`))
      }),
    )
    far.on('message', (datagram) => this.#hear(line, datagram))
    near.on('message', (datagram) => this.#hear(line, datagram))
  }

  #hear(line: Line, datagram: Buffer): void {
    line.lastAt = clock()
    // The moment at which it was sent is what it holds.
    if (datagram.length === 172) this.delays.push(clock() - datagram.readDoubleBE(12))
  }

  /** One packet of each line, each way. */
  speak(): void {
    this.#sequence++
    for (const [call, { near, far, plain, port }] of this.lines.entries()) {
      near.send(packet(this.#sequence, call), port, '127.0.0.1')
      far.send(packet(this.#sequence, call + 1000), plain.localPort, '127.0.0.1')
    }
  }
}

function packet(sequence: number, ssrc: number): Uint8Array {
  const payload = Buffer.alloc(160, 0xff)
  payload.writeDoubleBE(clock())
  return buildRtp({ payloadType: 0, marker: false, sequence, timestamp: sequence * 160, ssrc, payload })
}

async function socket(): Promise<Socket> {
  const made = createSocket('udp4')
  await new Promise<void>((resolve) => made.bind(0, '127.0.0.1', resolve))
  return made
}

const round = (value: number): number => Number(value.toFixed(2))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '50' }, seconds: { type: 'string', default: '10' } },
  })
  const calls = Number(values.calls)
  const seconds = Number(values.seconds)
  const child = fork(import.meta.filename, ['subject'], { execArgv: process.env.ONHOOK_BENCH_ARGV?.split(' ') ?? [] })
  await new Promise<void>((resolve) => child.once('message', () => resolve()))
  const media = createMedia({ address: '127.0.0.1', spare: calls, portRange: { first: 32_000, last: 33_999 } })
  const driver = new Driver(media, child)
  const pid = child.pid!
  const before = { cpu: cpuOf(pid), resident: residentOf(pid), at: performance.now() }
  await driver.open(0)
  const first = { cpu: cpuOf(pid), resident: residentOf(pid), at: performance.now() }
  await Promise.all(Array.from({ length: calls - 1 }, (_, n) => driver.open(n + 1)))
  const opened = { cpu: cpuOf(pid), at: performance.now() }
  const speaking = setInterval(() => driver.speak(), 20)
  await sleep(2000)
  driver.delays.length = 0
  const begin = { cpu: cpuOf(pid), at: performance.now() }
  await sleep(seconds * 1000)
  const end = { cpu: cpuOf(pid), at: performance.now() }
  const delays = driver.delays.splice(0).sort((a, b) => a - b)
  const resident = residentOf(pid)
  const ended = Array.from({ length: Math.floor(calls / 2) }, (_, n) => n)
  for (const call of ended) {
    driver.ask({ type: 'close', call })
    await sleep(20)
  }
  await sleep(500)
  const ends = ended
    .map((call) => Math.max(0, driver.lines[call]!.lastAt - driver.closings.get(call)!))
    .sort((a, b) => a - b)
  const threads = threadsOf(pid).filter(({ cpu }) => cpu > 200_000)
  clearInterval(speaking)
  const wall = (end.at - begin.at) / 1000
  const figures = {
    calls,
    'first call, ms': round(first.at - before.at),
    'first call, CPU ms': round((first.cpu - before.cpu) / 1000),
    'first call, MB': round((first.resident - before.resident) / 1e6),
    'opening, CPU ms per call': round((opened.cpu - first.cpu) / 1000 / (calls - 1)),
    'live, CPU % of a core': round((end.cpu - begin.cpu) / 1e4 / wall),
    'live, CPU % of a core per call': round((end.cpu - begin.cpu) / 1e4 / wall / calls),
    'packets heard of sent': round(delays.length / (2 * calls * 50 * wall)),
    'through twice, ms p50': round(quantile(delays, 0.5)),
    'through twice, ms p99': round(quantile(delays, 0.99)),
    'from close to the last packet, ms p50': round(quantile(ends, 0.5)),
    'from close to the last packet, ms p99': round(quantile(ends, 0.99)),
    'MB resident': round(resident / 1e6),
    threads: threads.map(({ name, cpu }) => `${name} ${round(cpu / 1000)} ms`).join(', '),
  }
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(40)} ${value}`)
  child.disconnect()
  await media.close()
  process.exit()
}

await (process.argv[2] === 'subject' ? subject() : main())
