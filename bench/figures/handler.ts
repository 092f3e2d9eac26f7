/** A Chime handler: from a party's BYE until it is invoked, and from its answer until the wire says so, while calls stand. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Bench } from '../bench.ts'
import type { Fact, Order } from '../chime/caller.ts'
import { paused, type Report, refused } from '../chime/function.ts'
import { freePort } from '../machine/ports.ts'
import { until } from '../machine/time.ts'
import { quantile } from '../report.ts'
import { defineFigure, type Figure, type Measure } from './figure.ts'

const standing = 200
/** Milliseconds from one call to the next. */
const pace = 20
/** Calls before the first that counts: both programs have compiled their code by then. */
const warmUp = 300
/** Milliseconds that anything may take. */
const patience = 5_000

const fileOf = (name: string) => fileURLToPath(new URL(`../chime/${name}.ts`, import.meta.url))
const places = { url: 'at a Lambda endpoint', file: 'as a file that Onhook runs' } as const

/** Those who wait to hear of a number. */
class Waiting<Word> {
  readonly #waiting = new Map<string, (word: Word) => void>()

  hear(from: string, word: Word): void {
    this.#waiting.get(from)?.(word)
  }

  /** The first word about that number from now on that `wanted` takes. */
  next(from: string, what: string, wanted: (word: Word) => boolean): Promise<Word> {
    const { promise, resolve, reject } = Promise.withResolvers<Word>()
    const late = setTimeout(() => reject(new Error(`${what} did not come`)), patience)
    this.#waiting.set(from, (word) => {
      if (wanted(word)) resolve(word)
    })
    const heard = promise.finally(() => {
      clearTimeout(late)
      this.#waiting.delete(from)
    })
    // Who asks may be waiting for something else, which fails first.
    heard.catch(() => {})
    return heard
  }
}

/** What the function tells of its invocations. */
async function listen() {
  const socket = createSocket('udp4').unref()
  const waiting = new Waiting<Report>()
  let functions = 0
  socket.on('message', (bytes, { port }) => {
    functions = port
    const report: Report = JSON.parse(bytes.toString())
    waiting.hear(report.from, report)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    /** The port of a function that has reported. */
    function: () => functions,
    next: (from: string, wanted: (report: Report) => boolean) => waiting.next(from, 'the invocation', wanted),
    close: () => socket.close(),
  }
}

/** The phones. */
async function openCaller(port: number) {
  const worker = new Worker(new URL('../chime/caller.ts', import.meta.url), { workerData: port })
  const waiting = new Waiting<Fact>()
  await once(worker, 'message')
  // A benchmark that is broken off goes without asking it.
  worker.unref()
  worker.on('message', (fact: Fact) => {
    if (fact.type === 'ready') return
    waiting.hear(fact.type === 'pong' ? fact.type : fact.from, fact)
  })
  const order = (order: Order) => worker.postMessage(order)
  return {
    /** @returns its final response, and the moment at which that came */
    async call(from: string, to: string) {
      const answer = waiting.next(from, 'the final response', ({ type }) => type === 'answered')
      order({ type: 'call', from, to })
      return (await answer) as Extract<Fact, { type: 'answered' }>
    },
    /** @returns the moment at which the BYE left */
    async hangUp(from: string): Promise<number> {
      const left = waiting.next(from, 'the BYE', ({ type }) => type === 'hung-up')
      order({ type: 'hangup', from })
      return ((await left) as Extract<Fact, { type: 'hung-up' }>).at
    },
    /** @returns milliseconds for a datagram to that port and back */
    async ping(port: number): Promise<number> {
      const back = waiting.next('pong', 'the datagram', () => true)
      order({ type: 'ping', port })
      return ((await back) as Extract<Fact, { type: 'pong' }>).milliseconds
    },
    close: () => worker.terminate(),
  }
}

/** The function where `place` says; its setting in Onhook's configuration. */
async function setUp(bench: Bench, place: keyof typeof places, report: number) {
  const environment = { REPORT_PORT: String(report) }
  if (place === 'file') return { setting: { file: fileOf('function'), environment }, relay: 0, close: async () => {} }
  const port = await freePort()
  const folder = bench.folder('function')
  const args = [fileOf('endpoint'), String(port)]
  const child = await bench.children.start(process.execPath, args, {
    cwd: folder,
    log: `${folder}/log`,
    env: environment,
  })
  await until(() => answers(port), patience, bench.signal)
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/app/invocations`
  const relay = await freePort()
  const between = await bench.children.start(process.execPath, [fileOf('relay'), String(relay), url], {
    cwd: folder,
    log: `${folder}/relay.log`,
  })
  const close = async () => {
    await between.end('SIGTERM')
    await child.end('SIGTERM')
  }
  return { setting: { url, concurrency: 1000 }, relay, close }
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

/** What a datagram costs that is posted to the function, and whose answer comes back: no way can be shorter. */
const bare: Readonly<Record<string, Measure>> = {
  'relay-p50': { figure: 'both ways without Onhook, p50', unit: 'ms', better: 'less', of: 'median' },
  'relay-p99': { figure: 'both ways without Onhook, p99', unit: 'ms', better: 'less', of: 'median' },
}

export function chimeHandler(where: keyof typeof places): Figure {
  return defineFigure<string>({
    about: `a Chime handler, ${places[where]}, with ${standing} calls that stand`,
    subjects: ['onhook'],
    measures: {
      'invoked-p50': { figure: 'BYE to invocation, p50', unit: 'ms', better: 'less', of: 'median' },
      'invoked-p99': { figure: 'BYE to invocation, p99', unit: 'ms', better: 'less', aim: { value: 2 }, of: 'median' },
      'invoked-max': { figure: 'BYE to invocation, longest', unit: 'ms', better: 'less', of: 'worst' },
      'answered-p50': { figure: 'answer to wire, p50', unit: 'ms', better: 'less', of: 'median' },
      'answered-p99': { figure: 'answer to wire, p99', unit: 'ms', better: 'less', aim: { value: 2 }, of: 'median' },
      'answered-max': { figure: 'answer to wire, longest', unit: 'ms', better: 'less', of: 'worst' },
      'machine-p50': { figure: 'a datagram there and back, p50', unit: 'ms', better: 'less', of: 'median' },
      'machine-p99': { figure: 'a datagram there and back, p99', unit: 'ms', better: 'less', of: 'median' },
      ...(where === 'url' ? bare : {}),
    },
    async begin(bench, subject) {
      const reports = await listen()
      const app = await setUp(bench, where, reports.port)
      const place = await subject.place(bench, { handler: app.setting })
      const running = await place.start()
      const caller = await openCaller(running.port)
      let callers = 0
      const number = () => `+1555${String(1_000_000 + callers++)}`
      const expect = (status: number, wanted: number) => {
        if (status !== wanted) throw new Error(`a call was answered with ${status} instead of ${wanted}`)
      }
      const hold = async (): Promise<string> => {
        const from = number()
        const { status } = await caller.call(from, callers % 2 === 0 ? paused : '100')
        expect(status, 200)
        return from
      }
      const held: string[] = []
      const run = async (calls: number) => {
        const invoked: number[] = []
        const answered: number[] = []
        const machine: number[] = []
        const relayed: number[] = []
        for (let done = 0; done < calls; done++) {
          bench.signal.throwIfAborted()
          const leaves = held.shift()!
          // Whatever the BYE causes first: HANGUP, or the failure of the action that it cut short.
          const report = reports.next(leaves, ({ type }) => type === 'HANGUP' || type === 'ACTION_FAILED')
          const at = await caller.hangUp(leaves)
          invoked.push((await report).invoked - at)
          const comes = number()
          const refusal = reports.next(comes, ({ type }) => type === 'NEW_INBOUND_CALL')
          const { status, at: heard } = await caller.call(comes, refused)
          expect(status, 486)
          answered.push(heard - (await refusal).answered)
          held.push(await hold())
          await new Promise((resolve) => setTimeout(resolve, pace))
          machine.push(await caller.ping(reports.function()))
          await new Promise((resolve) => setTimeout(resolve, pace))
          if (app.relay === 0) continue
          relayed.push(await caller.ping(app.relay))
          await new Promise((resolve) => setTimeout(resolve, pace))
        }
        for (const values of [invoked, answered, machine, relayed]) values.sort((a, b) => a - b)
        return { invoked, answered, machine, relayed }
      }
      const close = async () => {
        await running.stop()
        await caller.close()
        place.close()
        await app.close()
        reports.close()
      }
      try {
        for (let calls = 0; calls < standing; calls++) held.push(await hold())
        await run(warmUp)
      } catch (fault) {
        await close()
        throw fault
      }
      return {
        close,
        async round() {
          const { invoked, answered, machine, relayed } = await run(bench.options.quick ? 100 : 500)
          return {
            'invoked-p50': { value: quantile(invoked, 0.5) },
            'invoked-p99': { value: quantile(invoked, 0.99) },
            'invoked-max': { value: quantile(invoked, 1) },
            'answered-p50': { value: quantile(answered, 0.5) },
            'answered-p99': { value: quantile(answered, 0.99) },
            'answered-max': { value: quantile(answered, 1) },
            'machine-p50': { value: quantile(machine, 0.5) },
            'machine-p99': { value: quantile(machine, 0.99) },
            ...(app.relay !== 0 && {
              'relay-p50': { value: quantile(relayed, 0.5) },
              'relay-p99': { value: quantile(relayed, 0.99) },
            }),
          }
        },
      }
    },
  })
}
