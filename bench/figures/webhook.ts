/** From the moment at which a caller hangs up until the hangup webhook arrives at the app. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startCalls } from '../caller/sipp.ts'
import { now, until } from '../machine/time.ts'
import { quantile } from '../report.ts'
import { defineFigure } from './figure.ts'

const rate = 50
/** `Wait` alone would not answer the call. */
const document = '<Response><Speak>Hello</Speak><Wait length="600"/></Response>'

/** An app that lets every call wait, and notes when it hears of its end. */
async function startApp() {
  /** By the number that the caller gave for itself: 4 and the number of the call. */
  const heard = new Map<string, number>()
  const server = createServer((request, response) => {
    const at = now()
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      if (request.url === '/hangup') {
        const from = new URLSearchParams(body).get('From') ?? ''
        if (!heard.has(from)) heard.set(from, at)
      }
      response.writeHead(200, { 'content-type': 'application/xml' })
      response.end(document)
    })
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { heard, answerUrl: `${url}/answer`, hangupUrl: `${url}/hangup`, close: () => server.close() }
}

export const webhook = defineFigure({
  about: `from a call's end to its hangup webhook at the app, at ${rate} calls a second`,
  subjects: ['onhook'],
  measures: {
    p50: { figure: 'BYE to webhook, p50', unit: 'ms', better: 'less', of: 'median' },
    p99: { figure: 'BYE to webhook, p99', unit: 'ms', better: 'less', aim: { value: 20 }, of: 'median' },
    missing: { figure: 'webhooks that never came', unit: 'calls', better: 'less', aim: { value: 0 }, of: 'worst' },
  },
  async begin(bench, subject) {
    const app = await startApp()
    const place = await subject.place(bench, { app: { answerUrl: app.answerUrl, hangupUrl: app.hangupUrl } })
    const running = await place.start()
    const run = async (calls: number) => {
      app.heard.clear()
      const limit = (calls / rate) * 1000 + 30_000
      const caller = await startCalls(bench, {
        scenario: 'caller-ends',
        port: running.port,
        calls,
        rate,
        talk: 1_000,
        limit,
      })
      const { succeeded } = await caller.done
      if (succeeded < calls) throw new Error(`${calls - succeeded} of ${calls} calls failed`)
      await until(() => app.heard.size >= calls, 5_000, bench.signal)
      const times: number[] = []
      for (const { call, at } of caller.moments()) {
        const heard = app.heard.get(`4${call}`)
        if (heard !== undefined) times.push(heard - at)
      }
      return times.sort((a, b) => a - b)
    }
    await run(rate * (bench.options.quick ? 4 : 12))
    return {
      async round() {
        const calls = rate * (bench.options.quick ? 4 : 20)
        const times = await run(calls)
        return {
          p50: { value: quantile(times, 0.5) },
          p99: { value: quantile(times, 0.99) },
          missing: { value: calls - times.length },
        }
      },
      async close() {
        await running.stop()
        place.close()
        app.close()
      },
    }
  },
})
