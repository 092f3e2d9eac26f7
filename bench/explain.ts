/**
 * How many messages are explained per second of one core’s time, and whether memory stays flat over a million lines.
 * Prints a table, and one JSON line per figure. `node bench/explain.ts [--quick]`
 */
import { Writable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { command } from '../src/cli/explain.ts'
import { explain, translate } from '../src/index.ts'

const quick = process.argv.includes('--quick')
const seconds = quick ? 0.2 : 1.5

const matrix = {
  type: 'm.call.hangup',
  event_id: '$143273582443PhrSn:example.org',
  room_id: '!jEsUZKDJdhlrceRyVU:example.org',
  sender: '@example:example.org',
  origin_server_ts: 1_432_735_824_653,
  unsigned: { age: 1234 },
  content: { call_id: '12345', version: '1', party_id: '67890', reason: 'user_hangup' },
}

const bandwidth = {
  eventType: 'disconnect',
  eventTime: '2026-08-05T20:44:37.543Z',
  accountId: '5500000',
  applicationId: '04e88489-df02-4e34-a0ee-27a91849555f',
  from: '+15555551111',
  to: '+15555552222',
  callId: 'c-25ac29a2-1331029c-2cb0-4a07-b215-b22865662d85',
  callUrl: 'https://voice.bandwidth.com/api/v2/accounts/5500000/calls/c-25ac29a2-1331029c-2cb0-4a07-b215-b22865662d85',
  direction: 'outbound',
  enqueuedTime: '2026-08-05T20:44:26.776Z',
  startTime: '2026-08-05T20:44:26.776Z',
  endTime: '2026-08-05T20:44:37.543Z',
  cause: 'busy',
  errorMessage: 'Callee is busy',
  errorId: '4642074b-7b58-478b-96e4-3a60955c6765',
}

const stanza = `<call from="A@s.whatsapp.net" to="B@s.whatsapp.net" id="4D5E6F7081">
  <terminate call-id="CALLID-0001-synthetic" reason="timeout"/>
</call>`

const node = {
  tag: 'call',
  attrs: { from: '123456789012345:3@lid', id: '4D5E6F7081', t: '1700000000' },
  content: [{ tag: 'terminate', attrs: { 'call-id': 'ABCDEF', 'call-creator': '123456789012345:3@lid' } }],
}

const bye = `BYE sip:bob@192.0.2.4 SIP/2.0\r
Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKnashds10\r
From: <sip:alice@example.com>;tag=a6c85cf\r
To: <sip:bob@example.com>;tag=1928301774\r
Call-ID: a84b4c76e66710@example.com\r
CSeq: 231 BYE\r
Reason: Q.850;cause=16;text="Terminated"\r
Content-Length: 0\r
\r
`

const form =
  'CallUUID=97ceeb52-58b6-11e1-86da-77300b68f8bb&Event=Hangup&HangupCause=NORMAL_CLEARING&HangupCauseCode=4000&HangupCauseName=Normal+Hangup&HangupSource=Caller&Duration=12'

const subjects: readonly (readonly [name: string, message: unknown, aim: number])[] = [
  ['matrix event, object', matrix, 300_000],
  ['matrix event, text', JSON.stringify(matrix), 300_000],
  ['bandwidth event, object', bandwidth, 300_000],
  ['bandwidth event, text', JSON.stringify(bandwidth), 300_000],
  ['whatsapp stanza, XML', stanza, 100_000],
  ['whatsapp stanza, node', node, 300_000],
  ['vobiz document, XML', '<Response><Hangup reason="busy"/></Response>', 100_000],
  ['vobiz callback, form', form, 0],
  ['sip BYE, text', bye, 0],
]

type Figure = Readonly<{ bench: 'explain'; figure: string; value: number; unit: string; aim: number | null }>
const figures: Figure[] = []

function report(figure: string, value: number, unit: string, aim: number): void {
  figures.push({ bench: 'explain', figure, value: Math.round(value), unit, aim: aim === 0 ? null : aim })
}

let sink = 0

/** Milliseconds of processor time, of all threads: what others do on the machine does not count, collecting does. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function perSecond(work: () => unknown): number {
  for (let i = 0; i < 20_000; i++) sink += work() === undefined ? 1 : 0
  let best = 0
  for (let round = 0; round < 3; round++) {
    let count = 0
    const begin = cpu()
    const until = begin + (seconds * 1000) / 3
    while (cpu() < until) {
      for (let i = 0; i < 500; i++) sink += work() === undefined ? 1 : 0
      count += 500
    }
    best = Math.max(best, (count * 1000) / (cpu() - begin))
  }
  return best
}

for (const [name, message, aim] of subjects) {
  if (explain(message).cause === 'unknown') throw new Error(`${name} is not understood`)
  report(
    name,
    perSecond(() => explain(message, { at: 0 })),
    'messages/s',
    aim,
  )
}
report(
  'bandwidth to matrix, object',
  perSecond(() => translate(bandwidth, { to: 'matrix', at: 0 })),
  'messages/s',
  0,
)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Lines that are made as they are read, and an output that is thrown away. */
async function lines(count: number): Promise<void> {
  const batch = `${[matrix, bandwidth].map((message) => JSON.stringify(message)).join('\n')}\n`.repeat(500)
  const bytes = new TextEncoder().encode(batch)
  let written = 0
  // Memory in use after a collection, at each tenth: what grows with the input shows.
  const used: number[] = []
  async function* source() {
    for (let made = 0; made < count; made += 1000) {
      if (made % (count / 10) === 0) {
        collect()
        used.push(process.memoryUsage().heapUsed)
      }
      yield bytes
    }
  }
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.length
      done()
    },
  })
  const stdin = { [Symbol.asyncIterator]: source }
  const io = { stdin, stdout, stderr: process.stderr, env: {}, cwd: '.', now: () => 0, onSignal: () => () => {} }
  const begin = cpu()
  const code = await command.run(['--lines', '--json'], io as unknown as Parameters<typeof command.run>[1])
  if (code !== 0 || written === 0) throw new Error(`explain --lines ended with ${code}`)
  report(`explain --lines, ${count} lines`, (count * 1000) / (cpu() - begin), 'lines/s', 0)
  const [, ...later] = used
  report('memory, from the second tenth to the last', (later.at(-1)! - later[0]!) / 1024, 'kB', 0)
}

await lines(quick ? 100_000 : 1_000_000)

const width = Math.max(...figures.map(({ figure }) => figure.length))
for (const { figure, value, unit, aim } of figures) {
  const verdict = aim === null ? '' : value >= aim ? `  (aim ${aim}: met)` : `  (aim ${aim}: MISSED)`
  console.log(`${figure.padEnd(width)}  ${value.toLocaleString('en').padStart(12)} ${unit}${verdict}`)
}
for (const figure of figures) console.log(JSON.stringify(figure))
if (sink < 0) console.log(sink)
