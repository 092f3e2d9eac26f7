/** Handlers of a file that break their process, or answer what cannot be said: their caller is told, and the next caller is served. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { breaksForOneCaller } from './broken-handler.ts'
import { stage, until } from './stage.ts'

const busy = `{ SchemaVersion: '1.0', Actions: [{ Type: 'Hangup', Parameters: { SipResponseCode: '486' } }] }`
const deep = `JSON.parse('{"a":'.repeat(1e5) + '1' + '}'.repeat(1e5))`

/** What its first call does; the calls after it are answered with 486. */
const handlers: readonly (readonly [what: string, body: string, status: number, cause: string])[] = [
  ['ends its process', 'process.exit(1)', 480, 'app-unreachable'],
  ['is killed', 'process.kill(process.pid, "SIGKILL"); return new Promise(() => {})', 480, 'app-unreachable'],
  ['waits for nothing', 'return new Promise(() => {})', 480, 'app-unreachable'],
  ['throws no error', 'throw null', 480, 'app-unreachable'],
  [
    'throws from a timer',
    'setTimeout(() => { throw new Error("late") }, 1); return new Promise(() => {})',
    480,
    'app-unreachable',
  ],
  ['answers itself', 'const one = { SchemaVersion: "1.0" }; one.one = one; return one', 480, 'app-invalid'],
  ['answers a BigInt', 'return { SchemaVersion: "1.0", n: 1n }', 480, 'app-invalid'],
  ['answers a hundred thousand levels', `return ${deep}`, 480, 'app-invalid'],
  ['answers with a getter that throws', 'return { get SchemaVersion() { throw new Error("no") } }', 480, 'app-invalid'],
  ['answers a function', 'return () => 1', 480, 'app-invalid'],
  ['answers a promise of nothing', 'return Promise.resolve()', 480, 'app-invalid'],
  ['answers seven megabytes', `return { ...${busy}, more: "x".repeat(7 << 20) }`, 480, 'app-unreachable'],
  ['prints a megabyte', `console.log("x".repeat(1 << 20)); return ${busy}`, 486, 'busy'],
  ['answers twice', `callback(null, ${busy}); callback(null, { SchemaVersion: "1.0" })`, 486, 'busy'],
  ['answers, and then rejects', `callback(null, ${busy}); return Promise.reject(new Error("late"))`, 486, 'busy'],
  [
    'answers, and leaves an error behind',
    `setTimeout(() => { throw new Error("left") }, 20); return ${busy}`,
    486,
    'busy',
  ],
  ['changes what it was given', `for (const key of Object.keys(event)) delete event[key]; return ${busy}`, 486, 'busy'],
]

/** Its own events, the retry of the first among them, misbehave; every other call's are answered. */
function handlerFile(body: string): string {
  const file = join(temporaryFolder(), 'handler.cjs')
  writeFileSync(
    file,
    `exports.handler = async (event, context, callback) => {
      if (event.CallDetails.Participants[0].To !== '+15550100') return ${busy}
      ${body}
    }`,
  )
  return file
}

it.each(handlers)('%s', (_, body, status, cause) => breaksForOneCaller(handlerFile(body), status, cause), 60_000)

// 20 s are what it takes: AWS's limit, by the real clock.
it.runIf(process.env.ONHOOK_LONG !== undefined).each([
  ['never answers', 'setInterval(() => {}, 1000); return new Promise(() => {})'],
  ['never lets go of its processor', 'while (true);'],
])(
  '%s: its caller hears 480 after 20 s, and the next one is served',
  async (_, body) => {
    const file = handlerFile(body)
    const { phone, record, server } = await stage({ function: { file } })
    const caller = await phone()
    const call = await caller.call('+15550100')
    const other = await caller.call('+15550101')
    expect(await other.ended(15_000)).toMatchObject({ by: 'them', how: 'refusal', status: 486 })
    expect(await call.ended(40_000)).toMatchObject({ by: 'them', how: 'refusal', status: 480 })
    const { ending, began } = await record(call)
    expect(ending).toMatchObject({ cause: 'app-unreachable', detail: 'no answer within 20 s' })
    expect(ending.at - began).toBeGreaterThanOrEqual(20_000)
    const next = await caller.call('+15550101')
    expect(await next.ended(15_000)).toMatchObject({ by: 'them', how: 'refusal', status: 486 })
    await until(() => [...server.control.live()].length === 0, 60_000)
  },
  120_000,
)
