import { basename, dirname, extname, resolve } from 'node:path'
import type { Clock } from '../switchboard/ports.ts'
import { arnOf, inherited, lambdaEnvironment } from './environment.ts'
import { FunctionsError, type FunctionsWarning } from './error.ts'
import { startJavaScript } from './javascript/instance.ts'
import { createOutput, type FunctionLine } from './output.ts'
import { Pool } from './pool.ts'
import type { FileSettings, FunctionSettings } from './settings.ts'
import { createWatch } from './watch.ts'

export type HostMeans = Readonly<{
  clock: Clock
  warn(warning: FunctionsWarning): void
  print(line: FunctionLine): void
  watch: boolean
  folder: string
  region: string
  account: string
  environment: NodeJS.ProcessEnv
}>

export type Host = Pick<Pool, 'ready' | 'invoke' | 'close'>

const defaultMemory = 512
/** Processes. Each is some 45 MB. */
const defaultProcesses = 8
/** Milliseconds for which a job waits for a busy process before another is started. */
const patience = 25

export function openHost(name: string, settings: FunctionSettings, means: HostMeans): Host {
  if ('file' in settings) return openFile(name, settings, means)
  throw new FunctionsError('functions.not-started', 'only files are run yet')
}

function openFile(name: string, settings: FileSettings, means: HostMeans): Host {
  const file = resolve(means.folder, settings.file)
  const memory = settings.memory ?? defaultMemory
  const handler = settings.handler ?? `${basename(file, extname(file))}.handler`
  const env = {
    ...inherited(means.environment),
    ...lambdaEnvironment({ name, region: means.region, handler, folder: dirname(file), memory }),
    ...settings.env,
  }
  const watch = createWatch({ clock: means.clock, active: means.watch, onChange: () => pool.reload() })
  const pool = new Pool({
    start: () =>
      startJavaScript({
        file,
        handler: settings.handler,
        arn: arnOf(name, means.region, means.account),
        memory,
        env,
        onLine: createOutput(name, means.print),
        onLoaded: (files) => watch.follow(files),
      }),
    limit: settings.concurrency ?? defaultProcesses,
    patience,
    clock: means.clock,
    warn: (code, detail) => means.warn({ code, function: name, detail }),
  })
  return {
    ready: () => pool.ready(),
    invoke: (id, event, timeout, signal) => pool.invoke(id, event, timeout, signal),
    async close() {
      watch.close()
      await pool.close()
    },
  }
}
