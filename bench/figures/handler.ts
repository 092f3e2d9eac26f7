/** A Chime handler: from a party's BYE until it is invoked, and from its answer until the wire says so, while calls stand. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createPhone, type Phone, type PhoneCall } from '../../src/testing/index.ts'
import type { Bench } from '../bench.ts'
import { paused, type Report, refused } from '../chime/function.ts'
import { freePort } from '../machine/ports.ts'
import { moment, until } from '../machine/time.ts'
import { quantile } from '../report.ts'
import { defineFigure, type Figure } from './figure.ts'

const standing = 200
/** Milliseconds from one call to the next. */
const pace = 20
/** Calls before the first that counts: both programs have compiled their code by then. */
const warmUp = 300
/** Milliseconds that anything may take. */
const patience = 5_000

const fileOf = (name: string) => fileURLToPath(new URL(`../chime/${name}.ts`, import.meta.url))
const places = { url: 'at a Lambda endpoint', file: 'as a file that Onhook runs' } as const

/** What the function tells of its invocations. */
async function listen() {
  const socket = createSocket('udp4').unref()
  const waiting = new Map<string, (report: Report) => void>()
  socket.on('message', (bytes) => {
    const report: Report = JSON.parse(bytes.toString())
    waiting.get(report.from)?.(report)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    /** The first invocation about this caller from now on that `wanted` takes. */
    async next(from: string, wanted: (report: Report) => boolean): Promise<Report> {
      const { promise, resolve, reject } = Promise.withResolvers<Report>()
      const late = setTimeout(() => reject(new Error('the function was not invoked')), patience)
      waiting.set(from, (report) => {
        if (wanted(report)) resolve(report)
      })
      return promise.finally(() => {
        clearTimeout(late)
        waiting.delete(from)
      })
    },
    close: () => socket.close(),
  }
}

/** The function where `place` says; its setting in Onhook's configuration. */
async function setUp(bench: Bench, place: keyof typeof places, report: number) {
  const environment = { REPORT_PORT: String(report) }
  if (place === 'file') return { setting: { file: fileOf('function'), environment }, close: async () => {} }
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
  return { setting: { url, concurrency: 1000 }, close: () => child.end('SIGTERM') }
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

export function chimeHandler(where: keyof typeof places): Figure {
  return defineFigure({
    about: `a Chime handler, ${places[where]}, with ${standing} calls that stand`,
    subjects: ['onhook'],
    measures: {
      'invoked-p50': { figure: 'BYE to invocation, p50', unit: 'ms', better: 'less', of: 'median' },
      'invoked-p99': { figure: 'BYE to invocation, p99', unit: 'ms', better: 'less', aim: { value: 2 }, of: 'median' },
      'answered-p50': { figure: 'answer to wire, p50', unit: 'ms', better: 'less', of: 'median' },
      'answered-p99': { figure: 'answer to wire, p99', unit: 'ms', better: 'less', aim: { value: 2 }, of: 'median' },
    },
    async begin(bench, subject) {
      const reports = await listen()
      const app = await setUp(bench, where, reports.port)
      const place = await subject.place(bench, { handler: app.setting })
      const running = await place.start()
      const phone = await createPhone({ server: `127.0.0.1:${running.port}`, user: '+15550123', sound: 'none' })
      let callers = 0
      const from = () => `+1555${String(1_000_000 + callers++)}`
      const hold = async (): Promise<Held> => {
        const number = from()
        const call = await phone.call(callers % 2 === 0 ? paused : '100', { from: number })
        await call.answered()
        return { call, number }
      }
      const held: Held[] = []
      for (let calls = 0; calls < standing; calls++) held.push(await hold())
      const run = async (calls: number) => {
        const invoked: number[] = []
        const answered: number[] = []
        for (let done = 0; done < calls; done++) {
          bench.signal.throwIfAborted()
          const { call, number } = held.shift()!
          const at = moment()
          // Whatever the BYE causes first: HANGUP, or the failure of the action that it cut short.
          const report = reports.next(number, (report) => report.invoked >= at)
          call.hangup()
          invoked.push((await report).invoked - at)
          const caller = from()
          const refusal = reports.next(caller, ({ type }) => type === 'NEW_INBOUND_CALL')
          const heard = await refusedAt(phone, caller)
          answered.push(heard - (await refusal).answered)
          held.push(await hold())
          await new Promise((resolve) => setTimeout(resolve, pace))
        }
        return { invoked: invoked.sort((a, b) => a - b), answered: answered.sort((a, b) => a - b) }
      }
      await run(warmUp)
      return {
        async round() {
          const { invoked, answered } = await run(bench.options.quick ? 100 : 500)
          return {
            'invoked-p50': { value: quantile(invoked, 0.5) },
            'invoked-p99': { value: quantile(invoked, 0.99) },
            'answered-p50': { value: quantile(answered, 0.5) },
            'answered-p99': { value: quantile(answered, 0.99) },
          }
        },
        async close() {
          await running.stop()
          await phone.close()
          place.close()
          await app.close()
          reports.close()
        },
      }
    },
  })
}

type Held = Readonly<{ call: PhoneCall; number: string }>

/** The moment at which the caller hears that it is refused. */
async function refusedAt(phone: Phone, number: string): Promise<number> {
  const call = await phone.call(refused, { from: number })
  let heard = 0
  call.onState(({ name }) => {
    if (name === 'ended') heard = moment()
  })
  await call.ended()
  return heard
}
