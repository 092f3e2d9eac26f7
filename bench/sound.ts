/**
 * What rooms and recordings cost beside plain relaying, and whether anybody's packets are missing or late for them.
 * `node bench/sound.ts [--callers N] [--seconds N] [--room N]`
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createMedia, type MediaSession, type SessionVerbs } from '../src/media/index.ts'
import { agreed } from './machine/agreed.ts'
import { cpuOf } from './machine/usage.ts'

const kinds = ['relay', 'relay, recorded', 'rooms', 'rooms, recorded'] as const
type Kind = (typeof kinds)[number]

type Ask = { type: 'open'; kind: Kind; ports: readonly number[]; room: number; folder: string } | { type: 'close' }
type Tell = { type: 'ready' } | { type: 'open'; ports: readonly number[] } | { type: 'closed'; recorded: number }

/** The program that is measured: a leg for each caller, connected in pairs or with a seat each. */
async function subject(): Promise<void> {
  const media = createMedia({ address: '127.0.0.1', portRange: { first: 30_000, last: 31_999 } })
  const tell = (message: Tell): void => void process.send!(message)
  await media.ready
  let sessions: SessionVerbs[] = []
  let recordings: Promise<{ milliseconds: number }>[] = []

  async function open({ kind, ports, room, folder }: Ask & { type: 'open' }): Promise<void> {
    const legs: MediaSession[] = []
    for (const [n, port] of ports.entries()) {
      const leg = await media.session()
      leg.setRemote(agreed(port))
      legs.push(leg)
      if (kind.startsWith('rooms')) {
        const seat = await media.seat(`${Math.floor(n / room)}`)
        leg.connect(seat)
        sessions.push(seat)
      } else if (n % 2 === 1) leg.connect(legs[n - 1]!)
    }
    sessions.push(...legs)
    if (kind.endsWith('recorded')) {
      recordings = legs.map((leg, n) => leg.record({ track: 'both', file: join(folder, `${n}.wav`) }).done)
    }
    tell({ type: 'open', ports: legs.map(({ localPort }) => localPort) })
  }

  async function close(): Promise<void> {
    for (const session of sessions) session.close()
    const recorded = await Promise.all(recordings)
    await Promise.all(sessions.map(({ closed }) => closed))
    sessions = []
    recordings = []
    tell({ type: 'closed', recorded: recorded.reduce((sum, { milliseconds }) => sum + milliseconds, 0) })
  }

  process.on('message', (ask: Ask) => void (ask.type === 'open' ? open(ask) : close()))
  process.on('disconnect', () => process.exit())
  tell({ type: 'ready' })
}

function heard<T extends Tell['type']>(child: ChildProcess, type: T): Promise<Extract<Tell, { type: T }>> {
  return new Promise((resolve) => {
    const listen = (message: Tell): void => {
      if (message.type !== type) return
      child.off('message', listen)
      resolve(message as Extract<Tell, { type: T }>)
    }
    child.on('message', listen)
  })
}

async function measure(child: ChildProcess, kind: Kind, options: { callers: number; seconds: number; room: number }) {
  const { callers, seconds, room } = options
  const folder = mkdtempSync(join(tmpdir(), 'onhook-sound-'))
  const media = createMedia({ address: '127.0.0.1', portRange: { first: 32_000, last: 33_999 } })
  try {
    const phones: MediaSession[] = []
    for (let n = 0; n < callers; n++) phones.push(await media.session())
    const opened = heard(child, 'open')
    child.send({ type: 'open', kind, ports: phones.map(({ localPort }) => localPort), room, folder } satisfies Ask)
    const { ports } = await opened
    for (const [n, phone] of phones.entries()) {
      phone.setRemote(agreed(ports[n]!))
      void phone.play({ type: 'tone', frequency: 300 + 10 * n, milliseconds: 1000 }, { loop: 0 })
    }
    await sleep(1000)
    const counted = () => Promise.all(phones.map((phone) => phone.stats()))
    const before = { stats: await counted(), cpu: cpuOf(child.pid!), at: performance.now() }
    await sleep(seconds * 1000)
    const after = { stats: await counted(), cpu: cpuOf(child.pid!), at: performance.now() }
    const sum = (of: typeof before.stats, key: keyof (typeof before.stats)[0]) =>
      of.reduce((all, one) => all + one[key], 0)
    const sent = sum(after.stats, 'packetsSent') - sum(before.stats, 'packetsSent')
    const received = sum(after.stats, 'packetsReceived') - sum(before.stats, 'packetsReceived')
    const closed = heard(child, 'closed')
    child.send({ type: 'close' } satisfies Ask)
    const { recorded } = await closed
    return {
      kind,
      cpuPerCaller: (after.cpu - before.cpu) / (after.at - before.at) / callers,
      heard: received / sent,
      jitter: sum(after.stats, 'jitter') / callers,
      recorded: recorded / callers,
    }
  } finally {
    await media.close()
    rmSync(folder, { recursive: true })
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      callers: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '10' },
      room: { type: 'string', default: '20' },
    },
  })
  const options = { callers: Number(values.callers), seconds: Number(values.seconds), room: Number(values.room) }
  const child = fork(import.meta.filename, ['subject'])
  try {
    await heard(child, 'ready')
    console.log(`${options.callers} callers, rooms of ${options.room}, ${options.seconds} s each\n`)
    console.log('                   CPU per caller   heard of said   jitter   recorded per caller')
    for (const kind of kinds) {
      const { cpuPerCaller, heard: share, jitter, recorded } = await measure(child, kind, options)
      const cells = [
        `${cpuPerCaller.toFixed(2)} ms/s`.padStart(14),
        `${(share * 100).toFixed(1)} %`.padStart(16),
        `${jitter.toFixed(1)} ms`.padStart(9),
        recorded === 0 ? '' : `${(recorded / 1000).toFixed(1)} s`.padStart(10),
      ]
      console.log(`${kind.padEnd(18)} ${cells.join('')}`)
      console.error(JSON.stringify({ bench: 'sound', ...options, kind, cpuPerCaller, heard: share, jitter, recorded }))
    }
  } finally {
    child.disconnect()
  }
}

await (process.argv[2] === 'subject' ? subject() : main())
