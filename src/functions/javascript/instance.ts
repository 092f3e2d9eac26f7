import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failed, type Instance, type Job, type Outcome } from '../instance.ts'
import { type RunningProcess, type Stream, startProcess } from '../process.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

export type JavaScriptOptions = Readonly<{
  /** Absolute. */
  file: string
  handler: string | undefined
  arn: string
  /** Megabytes. */
  memory: number
  env: Readonly<Record<string, string>>
  onLine(stream: Stream, text: string, id: string | undefined): void
  onLoaded(files: readonly string[]): void
}>

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const entry = fileURLToPath(new URL(`./worker.${extension}`, import.meta.url))

/**
 * A process with one handler in it, as AWS has it: a process of its own, so that neither `process.exit`, nor an endless loop,
 * nor memory without end, nor a broken addon reaches the server, and so that time zone and working directory are its own.
 */
export function startJavaScript(options: JavaScriptOptions): Instance {
  const ready = Promise.withResolvers<void>()
  let current: { id: string; settle(outcome: Outcome): void } | undefined

  const running: RunningProcess = startProcess({
    command: process.execPath,
    args: [
      `--max-old-space-size=${options.memory}`,
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      '--enable-source-maps',
      entry,
      options.file,
      options.handler ?? '',
      options.arn,
    ],
    cwd: dirname(options.file),
    env: options.env,
    channel: true,
    onLine: (stream, text) => options.onLine(stream, text, current?.id),
  })

  function settle(id: string, outcome: Outcome): void {
    if (current?.id !== id) return
    const { settle } = current
    current = undefined
    settle(outcome)
  }

  running.child.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'ready':
        return ready.resolve()
      case 'failed':
        return ready.reject(new Error(message.detail))
      case 'loaded':
        return options.onLoaded(message.files)
      case 'line': {
        for (const line of message.text.split('\n')) options.onLine(message.stream, line, message.id)
        return
      }
      case 'result':
        return settle(message.id, { ok: true, text: message.text })
      case 'fault': {
        const outcome = failed(message.error, message.detail)
        return settle(message.id, message.last ? { ...outcome, last: true } : outcome)
      }
    }
  })
  const gone = running.exited.then((how) => {
    ready.reject(new Error(how))
    if (current !== undefined) settle(current.id, { ...failed('function', how), last: true })
    return how
  })

  return {
    ready: ready.promise,
    gone,
    invoke({ id, event, milliseconds }: Job) {
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      current = { id, settle: resolve }
      const message: ToWorker = { id, event, milliseconds }
      running.child.send(message, (fault) => {
        // What it died of is told when it has ended.
        if (fault !== null) void running.kill()
      })
      return promise
    },
    end: () => running.kill(),
  }
}
