/** A Chime handler: from a party's BYE until it is invoked, and from its answer until the wire says so, while calls stand. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPhone, type Phone, type PhoneCall } from '../../src/testing/index.ts'
import { now, until } from '../machine/time.ts'
import { quantile } from '../report.ts'
import { defineFigure } from './figure.ts'

const standing = 200
/** Milliseconds from one call to the next. */
const pace = 20
const busy = '486'

type Event = Readonly<{
  InvocationEventType: string
  CallDetails: Readonly<{ Participants: readonly Readonly<{ From: string; To: string }>[] }>
}>

/** Holds every call, and refuses those to `busy`. Notes when it hears of which caller's end, and when it has answered. */
async function startHandler() {
  const hangups = new Map<string, number>()
  const answers = new Map<string, number>()
  const server = createServer((request, response) => {
    const at = now()
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      const { InvocationEventType: type, CallDetails } = JSON.parse(body) as Event
      const { From: from, To: to } = CallDetails.Participants[0]!
      const actions =
        type !== 'NEW_INBOUND_CALL'
          ? []
          : to === busy
            ? [{ Type: 'Hangup', Parameters: { SipResponseCode: '486' } }]
            : [
                { Type: 'Pause', Parameters: { DurationInMilliseconds: '1' } },
                { Type: 'Speak', Parameters: { Text: 'Hello' } },
              ]
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ SchemaVersion: '1.0', Actions: actions }))
      if (type === 'HANGUP') hangups.set(from, at)
      else if (to === busy) answers.set(from, now())
    })
  })
  server.listen(0, '127.0.0.1').unref()
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions/app/invocations`
  return { hangups, answers, url, close: () => server.close() }
}

export const handler = defineFigure({
  about: `a Chime handler, with ${standing} calls that stand`,
  subjects: ['onhook'],
  measures: {
    'invoked-p50': { figure: 'BYE to invocation, p50', unit: 'ms', better: 'less', of: 'median' },
    'invoked-p99': { figure: 'BYE to invocation, p99', unit: 'ms', better: 'less', aim: { value: 2 }, of: 'median' },
    'answered-p50': { figure: 'answer to wire, p50', unit: 'ms', better: 'less', of: 'median' },
    'answered-p99': { figure: 'answer to wire, p99', unit: 'ms', better: 'less', aim: { value: 2 }, of: 'median' },
  },
  async begin(bench, subject) {
    const app = await startHandler()
    const place = await subject.place(bench, { handler: app.url })
    const running = await place.start()
    const phone = await createPhone({ server: `127.0.0.1:${running.port}`, user: '+15550123', sound: 'none' })
    let callers = 0
    const from = () => `+1555${String(1_000_000 + callers++)}`
    const hold = async (): Promise<Held> => {
      const number = from()
      const call = await phone.call('100', { from: number })
      await call.answered()
      return { call, number }
    }
    const held: Held[] = []
    for (let calls = 0; calls < standing; calls++) held.push(await hold())
    const run = async (calls: number) => {
      app.hangups.clear()
      app.answers.clear()
      const invoked: number[] = []
      const answered: number[] = []
      for (let done = 0; done < calls; done++) {
        const leaving = held.shift()!
        const at = now()
        leaving.call.hangup()
        await until(() => app.hangups.has(leaving.number), 5_000, bench.signal, 1)
        invoked.push(app.hangups.get(leaving.number)! - at)
        answered.push(await refusedAfter(phone, app.answers, from()))
        held.push(await hold())
        await new Promise((resolve) => setTimeout(resolve, pace))
      }
      return { invoked: invoked.sort((a, b) => a - b), answered: answered.sort((a, b) => a - b) }
    }
    await run(bench.options.quick ? 10 : 50)
    return {
      async round() {
        const { invoked, answered } = await run(bench.options.quick ? 50 : 500)
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
        app.close()
      },
    }
  },
})

type Held = Readonly<{ call: PhoneCall; number: string }>

/** Milliseconds from the handler's answer until the caller hears 486. */
async function refusedAfter(phone: Phone, answers: ReadonlyMap<string, number>, number: string): Promise<number> {
  const call = await phone.call(busy, { from: number })
  let heard = 0
  call.onState(({ name }) => {
    if (name === 'ended') heard = now()
  })
  await call.ended()
  return heard - answers.get(number)!
}
