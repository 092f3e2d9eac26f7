/** `onhook demo` */
import { parse } from './args.ts'
import { perform, type Result } from './demo/perform.ts'
import { reporter } from './demo/report.ts'
import { scenarios } from './demo/scenarios.ts'
import { openStage } from './demo/stage.ts'
import { exit, type Io } from './io.ts'

export const help = `Usage: onhook demo [--json]

Real calls, ended in every way a call can end: by whom, why, and who heard it. Starts a server with a store of its own
and the sample apps of examples/vobiz-app and examples/chime-bridge, calls them with the built-in phone, and checks each
ending: what was on the wire, the record, the webhook or the events that the app received. Takes less than a minute and
leaves nothing behind.

  --json     one line per call

Exit code 0 if every call ended as promised.`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags } = parse(args, { json: { type: 'flag' } })
  const report = reporter(io, flags.json)
  const stopped = new AbortController()
  const off = [io.onSignal('SIGINT', () => stopped.abort()), io.onSignal('SIGTERM', () => stopped.abort())]
  try {
    const stage = await openStage(scenarios)
    // What waits for the phone waits no longer.
    stopped.signal.addEventListener('abort', () => void stage.phone.close())
    try {
      report.opened(stage)
      const results: Result[] = []
      for (const scenario of scenarios) {
        const result = await perform(scenario, stage, stopped.signal)
        if (stopped.signal.aborted) return exit.failed
        report.performed(result, scenarios.length)
        results.push(result)
      }
      report.closed(results)
      return results.every(({ differences }) => differences.length === 0) ? exit.done : exit.failed
    } finally {
      await stage.close()
    }
  } finally {
    for (const unsubscribe of off) unsubscribe()
  }
}
