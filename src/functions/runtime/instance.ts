import type { Instance } from '../instance.ts'
import { type RunningProcess, type Stream, startProcess } from '../process.ts'
import { openRuntimeApi } from './api.ts'

export type RuntimeOptions = Readonly<{
  command: string
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  arn: string
  onLine(stream: Stream, text: string, id: string | undefined): void
}>

/** A program of any language that takes its events from the Lambda Runtime API, which is served to it alone. */
export function startRuntime(options: RuntimeOptions): Instance {
  const api = openRuntimeApi(options.arn)
  const gone = Promise.withResolvers<string>()
  let job: string | undefined
  let started = false
  /** What it said last before it was ready: mostly why it is not. */
  let lastWord = ''
  let running: RunningProcess | undefined
  let ending: Promise<void> | undefined

  const launched = api.address.then(
    (address) => {
      if (ending !== undefined) return
      running = startProcess({
        ...options,
        env: { ...options.env, AWS_LAMBDA_RUNTIME_API: address },
        channel: false,
        onLine(stream, text) {
          if (!started && text.trim() !== '') lastWord = text.trim()
          options.onLine(stream, text, job)
        },
      })
      void running.exited.then((how) => exited(how))
    },
    (fault: Error) => exited(`no port for it: ${fault.message}`),
  )
  api.ready.then(
    () => {
      started = true
    },
    () => {},
  )

  function exited(how: string): void {
    const told = started || lastWord === '' ? how : `${how}: ${lastWord}`
    api.abandon(told)
    gone.resolve(told)
  }

  return {
    ready: api.ready,
    gone: gone.promise,
    invoke(next) {
      job = next.id
      return api.invoke(next)
    },
    end() {
      ending ??= (async () => {
        await launched
        await running?.kill()
        await api.close()
      })()
      return ending
    },
  }
}
