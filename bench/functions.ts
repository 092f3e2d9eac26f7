/**
 * What a customer's function costs: invocations per second of a warm JavaScript handler, and what Onhook adds to one.
 * Prints a table, and one JSON line per figure. `node bench/functions.ts [--quick]`
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFunctions, type FunctionSettings } from '../src/functions/index.ts'
import { systemClock } from '../src/switchboard/clock.ts'

const quick = process.argv.includes('--quick')
const count = quick ? 1_000 : 10_000

const folder = mkdtempSync(join(tmpdir(), 'onhook-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Tells its process and what that has cost so far, so that its processor time can be counted too. */
writeFileSync(
  join(folder, 'handler.cjs'),
  `exports.handler = async (event) => ({
    SchemaVersion: '1.0',
    Actions: [{ Type: 'Hangup', Parameters: { SipResponseCode: '0', CallId: event.CallDetails.Participants[0].CallId } }],
    TransactionAttributes: { pid: String(process.pid) },
  })`,
)
writeFileSync(
  join(folder, 'handler.py'),
  `import os
def lambda_handler(event, context):
    return {"SchemaVersion": "1.0", "Actions": [], "TransactionAttributes": {"pid": str(os.getpid())}}
`,
)

const event = {
  SchemaVersion: '1.0',
  Sequence: 2,
  InvocationEventType: 'ACTION_SUCCESSFUL',
  ActionData: { Type: 'PlayAudio', Parameters: { CallId: '5f1b7a5e-9c3d-4a53-8a47-7f0f2a9a3f10', Repeat: 1 } },
  CallDetails: {
    TransactionId: '0c4b0c1e-5a0c-4d1a-9a8e-6f8c2f5d9b11',
    AwsAccountId: '000000000000',
    AwsRegion: 'us-east-1',
    SipMediaApplicationId: 'c1d2e3f4-0000-4000-8000-000000000001',
    Participants: [
      {
        CallId: '5f1b7a5e-9c3d-4a53-8a47-7f0f2a9a3f10',
        ParticipantTag: 'LEG-A',
        To: '+12065550100',
        From: '+12065550199',
        Direction: 'Inbound',
        StartTimeInMilliseconds: '1700000000000',
        Status: 'Connected',
      },
    ],
  },
}

type Figure = Readonly<{
  bench: 'functions'
  figure: string
  value: number
  unit: string
  aim: number | null
  more: boolean
}>
const figures: Figure[] = []

function report(figure: string, value: number, unit: string, aim: number | null, more = false): void {
  figures.push({ bench: 'functions', figure, value: Math.round(value * 100) / 100, unit, aim, more })
}

/** Milliseconds of processor time of a process, all its threads. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function own(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function measure(name: string, settings: FunctionSettings): Promise<void> {
  const clock = systemClock()
  const functions = createFunctions({ functions: { it: settings }, clock, warn: (warning) => console.error(warning) })
  await functions.ready()
  let pid = 0
  let number = 0
  const invoke = async () => {
    const result = await functions.invoke('it', event, { timeout: 5_000, requestId: `r${number++}` })
    if (!result.ok) throw new Error(`${result.error}: ${result.detail}`)
    pid = Number((result.value as { TransactionAttributes: { pid: string } }).TransactionAttributes.pid)
  }
  for (let i = 0; i < count / 5; i++) await invoke()

  // One after the other, at rest between: what one call of a quiet server waits.
  const waits: number[] = []
  for (let i = 0; i < count / 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const begin = performance.now()
    await invoke()
    waits.push(performance.now() - begin)
  }
  waits.sort((a, b) => a - b)
  report(`${name}: one invocation, p50`, waits[Math.floor(waits.length * 0.5)] as number, 'ms', null)
  report(
    `${name}: one invocation, p99`,
    waits[Math.floor(waits.length * 0.99)] as number,
    'ms',
    name === 'javascript' ? 1 : null,
  )

  // Many at once, on one instance.
  const spent = { ours: own(), its: cpuOf(pid), at: performance.now() }
  const lanes = Array.from({ length: 8 }, async () => {
    for (let i = 0; i < count / 8; i++) await invoke()
  })
  await Promise.all(lanes)
  const seconds = (performance.now() - spent.at) / 1000
  const cpu = (own() - spent.ours + cpuOf(pid) - spent.its) / 1000
  report(`${name}: invocations a second`, count / seconds, '/s', null, true)
  report(
    `${name}: invocations per second of one core, both sides`,
    count / cpu,
    '/s',
    name === 'javascript' ? 500 : null,
    true,
  )
  await functions.close()
}

await measure('javascript', { file: join(folder, 'handler.cjs'), concurrency: 1 })
await measure('python', { runtime: 'python3', handler: 'handler.lambda_handler', root: folder, concurrency: 1 })

const width = Math.max(...figures.map(({ figure }) => figure.length))
for (const { figure, value, unit, aim, more } of figures) {
  const met = aim !== null && (more ? value >= aim : value <= aim)
  const verdict = aim === null ? '' : `  (aim ${aim}: ${met ? 'met' : 'MISSED'})`
  console.log(`${figure.padEnd(width)}  ${value.toLocaleString('en').padStart(12)} ${unit}${verdict}`)
}
for (const { more: _, ...figure } of figures) console.log(JSON.stringify(figure))
