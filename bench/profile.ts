/**
 * Where Onhook's CPU goes: by thread, and by function of `src/`, in microseconds for each call.
 * `node bench/profile.ts [--calls N] [--rate N] [--top N]`
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Bench } from './bench.ts'
import { serveWarm, spend } from './figures/cpu.ts'
import { threadsOf } from './machine/usage.ts'
import { asterisk } from './subjects/asterisk.ts'
import { onhook } from './subjects/onhook.ts'

type CallFrame = Readonly<{ functionName: string; url: string; lineNumber: number }>
type Node = Readonly<{ id: number; callFrame: CallFrame; children?: readonly number[] }>
/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile; times in microseconds, of the machine's steady clock. */
type Profile = Readonly<{
  nodes: readonly Node[]
  startTime: number
  samples: readonly number[]
  timeDeltas: readonly number[]
}>

type Cost = { own: number; inclusive: number }

/** What a function took: by itself and in what it calls outside `src/`, and with all that it calls. */
type Costs = Readonly<{ functions: ReadonlyMap<string, Cost>; elsewhere: ReadonlyMap<string, number>; busy: number }>

const steadyMicros = () => Number(process.hrtime.bigint() / 1000n)

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const at = url.indexOf('/src/')
  return at < 0 || url.includes('node_modules')
    ? functionName || '(anonymous)'
    : `${functionName || '(anonymous)'}  ${url.slice(at + 1)}:${lineNumber + 1}`
}

const isOurs = ({ url }: CallFrame) => url.includes('/src/') && !url.includes('node_modules')

/** Nothing to do, or the pause in a rush (`src/server/moderation.ts`). */
const isRest = ({ functionName, url }: CallFrame) =>
  functionName === '(idle)' || (functionName === 'sleep' && url.endsWith('/moderation.ts'))

/** The samples between two moments. */
function costsOf(profile: Profile, from: number, to: number): Costs {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )
  const functions = new Map<string, Cost>()
  const elsewhere = new Map<string, number>()
  let busy = 0
  let at = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    at += profile.timeDeltas[index]!
    const took = profile.timeDeltas[index + 1] ?? 0
    const top = nodes.get(id)!.callFrame.functionName
    if (at < from || at > to || isRest(nodes.get(id)!.callFrame)) continue
    busy += took
    const seen = new Set<string>()
    for (let node: number | undefined = id; node !== undefined; node = parents.get(node)) {
      const frame = nodes.get(node)!.callFrame
      if (!isOurs(frame)) continue
      const name = nameOf(frame)
      if (seen.has(name)) continue
      const cost = functions.get(name) ?? { own: 0, inclusive: 0 }
      functions.set(name, cost)
      if (seen.size === 0) cost.own += took
      cost.inclusive += took
      seen.add(name)
    }
    if (seen.size === 0) elsewhere.set(top, (elsewhere.get(top) ?? 0) + took)
  }
  return { functions, elsewhere, busy }
}

function print(title: string, entries: readonly (readonly [name: string, micros: number])[], top: number): void {
  console.log(`\n${title}`)
  const sorted = entries.filter(([, micros]) => micros >= 0.05).sort(([, a], [, b]) => b - a)
  for (const [name, micros] of sorted.slice(0, top)) console.log(`${micros.toFixed(1).padStart(8)}  ${name}`)
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '400' },
    top: { type: 'string', default: '25' },
  },
})
const calls = Number(values.calls)
const top = Number(values.top)
const bench = new Bench({
  quick: false,
  rounds: 1,
  rate: Number(values.rate),
  subjects: { onhook, asterisk },
  say: console.error,
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => bench.stop('stopped'))
try {
  const folder = bench.folder('profile')
  const nodeOptions = `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${folder}`
  const served = await serveWarm(bench, onhook, { nodeOptions })
  const before = threadsOf(served.running.pid)
  const from = steadyMicros()
  const { micros } = await spend(bench, served, calls)
  const to = steadyMicros()
  const threads = threadsOf(served.running.pid)
    .map((thread) => ({
      ...thread,
      micros: (thread.cpu - (before.find(({ id }) => id === thread.id)?.cpu ?? 0)) / calls,
    }))
    .filter(({ name }) => !name.startsWith('v8:ProfEvnt'))
  await served.close()
  console.log(`${micros.toFixed(0)} µs of CPU per call, the profiler's own with it; by thread:`)
  print(
    'threads',
    threads.map(({ id, name, micros }) => [`${name} ${id}`, micros] as const),
    top,
  )
  // Isolates are numbered as their threads were made: the main thread is 0.
  const isolates = threads.filter(({ name }) => !/^(V8Worker|DelayedTask|SignalInsp|libuv)/.test(name))
  for (const file of readdirSync(folder).sort()) {
    const number = Number(file.split('.')[4])
    const thread = isolates[number]
    if (thread === undefined) continue
    const { functions, elsewhere, busy } = costsOf(JSON.parse(readFileSync(join(folder, file), 'utf8')), from, to)
    // Shares of the samples, as shares of the CPU that the thread really had.
    const scale = thread.micros / busy
    const named = [...functions]
    console.log(`\n═══ ${thread.name} ${thread.id}: ${thread.micros.toFixed(0)} µs per call`)
    print(
      'own: the function, and what it calls outside src/',
      named.map(([name, { own }]) => [name, own * scale] as const),
      top,
    )
    print(
      'inclusive',
      named.map(([name, { inclusive }]) => [name, inclusive * scale] as const),
      top,
    )
    print(
      'under no function of src/',
      [...elsewhere].map(([name, took]) => [name, took * scale] as const),
      10,
    )
  }
} finally {
  await bench.close()
}
