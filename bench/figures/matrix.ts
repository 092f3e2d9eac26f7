/**
 * Matrix users in calls with SIP phones, with sound: how long an ending takes from one network to the other, and what the
 * bridge adds to the way of the sound.
 */
import { type Bye, startCallee } from '../caller/callee.ts'
import { freePort } from '../machine/ports.ts'
import { now, sleep, until } from '../machine/time.ts'
import { Homeserver } from '../matrix/homeserver.ts'
import { Parties } from '../matrix/parties.ts'
import { quantile } from '../report.ts'
import { defineFigure } from './figure.ts'

const live = 50
/** Milliseconds of talk after which a Matrix user hangs up; the SIP phone does after 20 seconds. */
const talk = 10_000
const tokens = { as: 'as-token-of-the-benchmark', hs: 'hs-token-of-the-benchmark' }

export const matrix = defineFigure({
  about: `an ending from Matrix to SIP and back, and the way of the sound, with ${live} live calls`,
  subjects: ['onhook'],
  measures: {
    out50: { figure: 'Matrix hangup to BYE, p50', unit: 'ms', better: 'less', of: 'median' },
    out99: { figure: 'Matrix hangup to BYE, p99', unit: 'ms', better: 'less', aim: { value: 20 }, of: 'median' },
    in50: { figure: 'BYE to Matrix hangup, p50', unit: 'ms', better: 'less', of: 'median' },
    in99: { figure: 'BYE to Matrix hangup, p99', unit: 'ms', better: 'less', aim: { value: 20 }, of: 'median' },
    sound50: { figure: 'sound through the bridge, one way, p50', unit: 'ms', better: 'less', of: 'median' },
    sound99: {
      figure: 'sound through the bridge, one way, p99',
      unit: 'ms',
      better: 'less',
      aim: { value: 60 },
      of: 'median',
    },
    'machine-p50': { figure: 'a datagram of the same thread, one way, p50', unit: 'ms', better: 'less', of: 'median' },
    'machine-p99': { figure: 'a datagram of the same thread, one way, p99', unit: 'ms', better: 'less', of: 'median' },
    lost: { figure: 'packets lost there and back', unit: '%', better: 'less', of: 'worst' },
    missing: { figure: 'endings that never arrived', unit: 'calls', better: 'less', aim: { value: 0 }, of: 'worst' },
  },
  async begin(bench, subject) {
    const homeserver = new Homeserver(tokens)
    const homeserverUrl = await homeserver.listen()
    const callee = await startCallee(bench)
    const servicePort = await freePort()
    homeserver.service = `http://127.0.0.1:${servicePort}`
    const place = await subject.place(bench, {
      config: {
        matrix: {
          homeserver: homeserverUrl,
          serverName: Homeserver.serverName,
          asToken: tokens.as,
          hsToken: tokens.hs,
          listen: { port: servicePort },
        },
        routes: [{ to: '*', from: 'matrix', direct: { to: `sip:callee@127.0.0.1:${callee.port}` } }],
      },
    })
    const running = await place.start()
    const parties = new Parties(homeserver, (number) => `@tel_${number}:${Homeserver.serverName}`)
    let next = 4_900_000
    return {
      async round() {
        const first = next
        const seconds = bench.options.quick ? 30 : 60
        const last = now() + seconds * 1000
        const byes = new Map<string, Bye>()
        const look = () => {
          for (const bye of callee.byes()) byes.set(bye.number, bye)
          const fault = parties.fault ?? homeserver.fault
          if (fault !== undefined) throw fault
        }
        const ours = () => [...parties.calls.values()].filter(({ number }) => Number(number) >= first)
        const hangUpThoseDue = () => {
          for (const { number, state, connectedAt } of ours()) {
            const due = Number(number) % 2 === 0 && state === 'connected' && now() - connectedAt > talk
            if (due) void parties.hangUp(number)
          }
        }
        while (now() < last) {
          look()
          hangUpThoseDue()
          const standing = ours().filter(({ state }) => state !== 'ended').length
          // One at a time, as people call: not all in one moment.
          if (standing < live) parties.call(`${next++}`)
          await sleep(40, bench.signal)
        }
        const { trips, plain, sent, lost } = await parties.report()
        const over = await until(
          () => {
            look()
            hangUpThoseDue()
            return ours().every(({ hangup, number }) => hangup !== undefined && byes.has(number))
          },
          60_000,
          bench.signal,
        )
        const out: number[] = []
        const back: number[] = []
        let missing = 0
        for (const { number, hangup } of ours()) {
          const bye = byes.get(number)
          if (bye === undefined || hangup === undefined) missing++
          else if (hangup.by === 'us' && bye.what === 'came') out.push(bye.at - hangup.at)
          else if (hangup.by === 'them' && bye.what === 'went') back.push(hangup.at - bye.at)
        }
        for (const times of [out, back]) times.sort((a, b) => a - b)
        const note = `${out.length} and ${back.length} endings, ${trips.length} packets${over ? '' : '; not all ended'}`
        return {
          out50: { value: quantile(out, 0.5), note },
          out99: { value: quantile(out, 0.99) },
          in50: { value: quantile(back, 0.5) },
          in99: { value: quantile(back, 0.99) },
          sound50: { value: quantile(trips, 0.5) / 2 },
          sound99: { value: quantile(trips, 0.99) / 2 },
          'machine-p50': { value: quantile(plain, 0.5) / 2 },
          'machine-p99': { value: quantile(plain, 0.99) / 2 },
          lost: { value: sent === 0 ? 100 : (100 * lost) / sent },
          missing: { value: missing },
        }
      },
      async close() {
        await running.stop()
        await callee.stop()
        await parties.close()
        await homeserver.close()
        place.close()
      },
    }
  },
})
