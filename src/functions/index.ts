/** The customers' functions: knows how to run them, and nothing of calls. */
import { resolve } from 'node:path'
import type { Clock, FunctionResult, Functions } from '../switchboard/ports.ts'
import { FunctionsError, type FunctionsWarning } from './error.ts'
import { type HostMeans, openHost } from './host.ts'
import { failed, mostBytes, type Outcome } from './instance.ts'
import type { FunctionLine } from './output.ts'
import type { FunctionSettings } from './settings.ts'

export type { FunctionsWarning } from './error.ts'
export type { FunctionLine } from './output.ts'
export type { FunctionSettings } from './settings.ts'

export type FunctionsOptions = Readonly<{
  functions: Readonly<Record<string, FunctionSettings>>
  clock: Clock
  warn(warning: FunctionsWarning): void
  /** What functions print. They may print whole events: with people's numbers in them. */
  print?(line: FunctionLine): void
  /** Run newer code as soon as a file changes: for development. */
  watch?: boolean
  /** What relative paths are taken from. The working directory if absent. */
  folder?: string
  /** Told to functions. `AWS_REGION`, or `us-east-1`, if absent. */
  region?: string
  /** Twelve digits, in the ARNs that functions are told. */
  account?: string
  /** The environment to take from; of it, functions get what `docs/functions.md` lists. `process.env` if absent. */
  environment?: NodeJS.ProcessEnv
}>

export interface RunningFunctions extends Functions {
  /** Starts one instance of each. @throws FunctionsError `functions.not-started` that tells of each that cannot be; they are tried again all the same. */
  ready(): Promise<void>
  /** Gives up what is under way. Afterwards no process, port or timer is left. */
  close(): Promise<void>
}

export function createFunctions(options: FunctionsOptions): RunningFunctions {
  const { clock } = options
  const environment = options.environment ?? process.env
  const means: HostMeans = {
    clock,
    warn: options.warn,
    print: options.print ?? (() => {}),
    watch: options.watch ?? false,
    folder: resolve(options.folder ?? '.'),
    region: options.region ?? environment.AWS_REGION ?? 'us-east-1',
    account: options.account ?? '000000000000',
    environment,
  }
  const hosts = new Map(
    Object.entries(options.functions).map(([name, settings]) => [name, openHost(name, settings, means)]),
  )
  let closing = false
  return {
    async invoke(name, event, { timeout, requestId, signal }): Promise<FunctionResult> {
      const began = clock.now()
      const outcome = await attempt()
      const milliseconds = clock.now() - began
      if (!outcome.ok) return { ok: false, error: outcome.error, detail: outcome.detail, milliseconds }
      const { text } = outcome
      if (text === undefined || text === '') return { ok: true, value: undefined, milliseconds }
      try {
        return { ok: true, value: JSON.parse(text), milliseconds }
      } catch {
        return { ...failed('not-json', `what came back is no JSON: ${text.length} characters`), milliseconds }
      }

      async function attempt(): Promise<Outcome> {
        const host = hosts.get(name)
        if (host === undefined) return failed('unreachable', `no function is called "${name}"`)
        const text = JSON.stringify(event) ?? 'null'
        const bytes = Buffer.byteLength(text)
        if (bytes > mostBytes) return failed('too-large', `the event has ${bytes} bytes, of at most ${mostBytes}`)
        return host.invoke(requestId, text, timeout, signal)
      }
    },
    async ready() {
      const faults: string[] = []
      const starts = [...hosts].map(([name, host]) =>
        host.ready().catch((fault: unknown) => {
          // Who is closed before it stands has not failed.
          if (!closing) faults.push(`${name}: ${fault instanceof Error ? fault.message : String(fault)}`)
        }),
      )
      await Promise.all(starts)
      if (faults.length > 0) throw new FunctionsError('functions.not-started', faults.join('\n'))
    },
    async close() {
      closing = true
      await Promise.all([...hosts.values()].map((host) => host.close()))
    },
  }
}
