/** The thread of the sockets. It shares nothing with the thread of the calls but messages and the memory of clips. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemChance } from './chance.ts'
import type { Command, EngineSettings, Report } from './messages.ts'
import { Outbox } from './outbox.ts'
import { PairPool } from './pair-pool.ts'
import type { Peers } from './peers.ts'
import { PortBinder, type PortPair } from './ports.ts'
import { Rooms } from './rooms.ts'
import { Rounds } from './rounds.ts'
import { makeSound } from './sounds.ts'
import { Stream } from './stream.ts'
import { Ticker } from './ticker.ts'
import type { Transport } from './transport.ts'
import { UdpTransport } from './udp-transport.ts'

const settings = workerData as EngineSettings
const port = parentPort!
const outbox = new Outbox<Report>((reports) => port.postMessage(reports))
const report = (message: Report): void => outbox.send(message)
const chance = systemChance()
const ticker = new Ticker({
  now: () => performance.now(),
  after: (milliseconds, ring) => void setTimeout(ring, milliseconds),
})
const binder = new PortBinder(settings.address, settings.portRange, chance.fraction(), settings.control)
const pool = new PairPool(settings.spare, {
  bind: () => binder.bind(),
  now: () => performance.now(),
  every(milliseconds, look) {
    const timer = setInterval(look, milliseconds)
    return () => clearInterval(timer)
  },
  quieted: () => report({ type: 'quiet' }),
})

/** Bound and announced, not yet taken. */
const spare = new Map<number, PortPair>()
const streams = new Map<number, Stream>()
const aims = new Map<number, UdpTransport>()
const rounds = new Rounds()
const rooms = new Rooms({ settings, ticker, chance, report })
/** Recordings of sessions that are over: until their files are closed. */
const writing = new Set<Promise<unknown>>()
let peers: Promise<Peers> | undefined
/** The same, once it is there. */
let peersNow: Peers | undefined
/** The part of a second whose sessions find their pair ready. */
const readiness = 1 / 16
let lastSession = 0
/** Pairs asked for beyond the spare ones. */
let wanted = 0
let binding = false
let ending = false

/** One pair at a time, so that packets are sent between two. */
async function refill(): Promise<void> {
  if (binding) return
  binding = true
  while (!ending && (wanted > 0 || spare.size < Math.max(settings.spare, pool.pace * readiness))) {
    try {
      const pair = await pool.give()
      lastSession += 2
      const session = lastSession
      spare.set(session, pair)
      if (wanted > 0) wanted--
      report({ type: 'pair', session, port: pair.port })
    } catch (error) {
      // Tried again when a session ends, or when the next one is wanted.
      for (; wanted > 0; wanted--) report({ type: 'no-port', detail: (error as Error).message })
      break
    }
  }
  binding = false
  if (ending) shutdown()
}

function take(session: number): void {
  const pair = spare.get(session)
  if (pair === undefined) return
  spare.delete(session)
  pool.use()
  const transport = new UdpTransport(pair, settings.symmetric, giveBack)
  aims.set(session, transport)
  open(session, transport)
  void refill()
}

/** It was bound for a pace that is over. */
function release(session: number): void {
  const pair = spare.get(session)
  spare.delete(session)
  pair?.rtp.close()
  pair?.rtcp?.close()
}

/** WebRTC is loaded when it is asked for: nobody else pays for it. */
function loadPeers(): Promise<Peers> {
  peers ??= import('./peers.ts').then(({ Peers: Loaded }) => {
    peersNow = new Loaded({ settings, chance, rounds, open, close: (id) => close(streams.get(id)!), report })
    return peersNow
  })
  return peers
}

async function openPeer({ session, options }: Command & { type: 'peer' }): Promise<void> {
  try {
    const loaded = await loadPeers()
    if (!ending) await loaded.open(session, options)
  } catch (error) {
    peers = undefined
    report({ type: 'peer-failed', session, code: 'media.peer-failed', detail: (error as Error).message })
  }
}

const giveBack = (pair: PortPair, done: () => void): void => pool.takeBack(pair, done)

function open(session: number, transport: Transport): Stream {
  const stream = new Stream(session, transport, settings, ticker, chance, report)
  streams.set(session, stream)
  rounds.join(stream)
  return stream
}

function sit({ session, room }: Command & { type: 'seat' }): void {
  const stream = rooms.seat(session, room)
  streams.set(session, stream)
  rounds.join(stream)
}

function close(stream: Stream): void {
  streams.delete(stream.id)
  aims.delete(stream.id)
  peersNow?.left(stream.id)
  rounds.leave(stream)
  const closed = () => report({ type: 'closed', session: stream.id, stats: stream.stats })
  const written = stream.recorders.closed
  if (written !== undefined) writing.add(written)
  stream.close(() => {
    if (!ending) void refill()
    if (written === undefined) return closed()
    void written.then(() => {
      writing.delete(written)
      closed()
    })
  })
}

function shutdown(): void {
  ending = true
  for (const stream of streams.values()) close(stream)
  for (const { rtp, rtcp } of spare.values()) {
    rtp.close()
    rtcp?.close()
  }
  spare.clear()
  pool.close()
  // The sockets that close say so in the turn before.
  if (!binding) void Promise.all(writing).then(() => setImmediate(leave))
}

function leave(): void {
  outbox.flush()
  port.close()
}

function obey(command: Command): void {
  switch (command.type) {
    case 'want':
      wanted++
      return void refill()
    case 'take':
      return take(command.session)
    case 'release':
      return release(command.session)
    case 'peer':
      return void openPeer(command)
    case 'seat':
      return sit(command)
    case 'describe':
    case 'candidate':
      return peersNow?.obey(command)
    case 'shutdown':
      return shutdown()
    default: {
      const stream = streams.get(command.session)
      if (stream !== undefined) obeyFor(stream, command)
    }
  }
}

type Overall = 'want' | 'take' | 'release' | 'peer' | 'seat' | 'describe' | 'candidate' | 'shutdown'

function obeyFor(stream: Stream, command: Exclude<Command, { type: Overall }>): void {
  switch (command.type) {
    case 'remote':
      aims.get(stream.id)?.aim(command.negotiated)
      stream.watch(command.watch)
      return stream.agree(command.negotiated)
    case 'watch':
      return stream.watch(command.on)
    case 'play':
      return stream.speaker.play(command.job, makeSound(command.sound), command.loop)
    case 'digits':
      return stream.speaker.dial(command.job, command.digits, command.tone)
    case 'mute':
      return stream.mute(command.muted)
    case 'record':
      return stream.recorders.start(command.job, command.options)
    case 'recording':
      return stream.recorders.obey(command.job, command.verb)
    case 'stop':
      return command.what === 'sound' ? stream.speaker.stopSound() : stream.speaker.stopDigits()
    case 'connect': {
      const other = streams.get(command.other)
      return other === undefined ? undefined : stream.connect(other)
    }
    case 'disconnect':
      return stream.disconnect()
    case 'stats':
      return report({ type: 'stats', session: stream.id, job: command.job, stats: stream.stats })
    case 'close':
      return close(stream)
    default:
      return command satisfies never
  }
}

port.on('message', (commands: readonly Command[]) => {
  for (const command of commands) obey(command)
})
void refill()
if (settings.peers.load === 'start')
  void loadPeers().then(
    (loaded) => loaded.prepare(),
    () => {},
  )
