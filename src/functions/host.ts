import { readdirSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../switchboard/ports.ts'
import { arnOf, inherited, lambdaEnvironment } from './environment.ts'
import type { FunctionsWarning } from './error.ts'
import type { Instance } from './instance.ts'
import { startJavaScript } from './javascript/instance.ts'
import { createOutput, type FunctionLine } from './output.ts'
import { Pool } from './pool.ts'
import { openAws } from './remote/aws.ts'
import { endpointAgent, invocationUrl, isEmulator, startEndpoint } from './remote/endpoint.ts'
import { startRuntime } from './runtime/instance.ts'
import type {
  ArnSettings,
  CommandSettings,
  FileSettings,
  FunctionSettings,
  RuntimeSettings,
  UrlSettings,
} from './settings.ts'
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
/** Requests. */
const defaultRequests = 50

/** Shipped beside this file. */
const pythonBootstrap = fileURLToPath(new URL('./runtime/bootstrap.py', import.meta.url))

export function openHost(name: string, settings: FunctionSettings, means: HostMeans): Host {
  if ('file' in settings) {
    return settings.file.endsWith('.py')
      ? openPython(name, pythonFile(settings, means), means)
      : openJavaScript(name, settings, means)
  }
  if ('runtime' in settings) return openPython(name, settings, means)
  if ('command' in settings) return openCommand(name, settings, means)
  if ('url' in settings) return openEndpoint(name, settings, means)
  return openArn(name, settings, means)
}

function openJavaScript(name: string, settings: FileSettings, means: HostMeans): Host {
  const file = resolve(means.folder, settings.file)
  const memory = settings.memory ?? defaultMemory
  const env = environmentOf(name, settings, settings.handler ?? `${stem(file)}.handler`, dirname(file), means)
  const watch = createWatch({ clock: means.clock, active: means.watch, onChange: () => pool.reload() })
  const pool = poolOf(name, means, settings.concurrency ?? defaultProcesses, patience, () =>
    startJavaScript({
      file,
      handler: settings.handler,
      arn: arnOf(name, means.region, means.account),
      memory,
      env,
      onLine: createOutput(name, means.print),
      onLoaded: (files) => watch.follow(files),
    }),
  )
  return hostOf(pool, () => watch.close())
}

/** `handlers/app.py` is the module `app` of the folder `handlers`; without a name, its handler is found. */
function pythonFile(settings: FileSettings, means: HostMeans): RuntimeSettings {
  const { file, handler, ...rest } = settings
  const path = resolve(means.folder, file)
  const named = handler === undefined ? stem(path) : `${stem(path)}.${handler.split('.').at(-1)}`
  return { ...rest, runtime: 'python3', handler: named, root: dirname(path) }
}

function openPython(name: string, settings: RuntimeSettings, means: HostMeans): Host {
  const { runtime, ...rest } = settings
  return openProgram(name, rest, [runtime, '-u', pythonBootstrap, settings.handler], '.py', means)
}

function openCommand(name: string, settings: CommandSettings, means: HostMeans): Host {
  const { command } = settings
  return openProgram(
    name,
    settings,
    typeof command === 'string' ? ['/bin/sh', '-c', command] : command,
    undefined,
    means,
  )
}

function openProgram(
  name: string,
  settings: Omit<CommandSettings, 'command'>,
  line: readonly string[],
  /** Files to look after: those of the root with this ending. */
  ending: string | undefined,
  means: HostMeans,
): Host {
  const [command = '', ...args] = line
  const root = resolve(means.folder, settings.root ?? '.')
  const env = environmentOf(name, settings, settings.handler ?? '', root, means)
  const watch = createWatch({ clock: means.clock, active: means.watch, onChange: () => pool.reload() })
  const pool = poolOf(name, means, settings.concurrency ?? defaultProcesses, patience, () => {
    if (ending !== undefined) watch.follow(filesOf(root, ending))
    const arn = arnOf(name, means.region, means.account)
    return startRuntime({ command, args, cwd: root, env, arn, onLine: createOutput(name, means.print) })
  })
  return hostOf(pool, () => watch.close())
}

function openEndpoint(name: string, settings: UrlSettings, means: HostMeans): Host {
  const url = invocationUrl(settings.url)
  const agent = endpointAgent()
  const limit = settings.concurrency ?? (isEmulator(url) ? 1 : defaultRequests)
  const pool = poolOf(name, means, limit, 0, () => startEndpoint({ url, agent, clock: means.clock }))
  return hostOf(pool, () => agent.destroy())
}

function openArn(name: string, settings: ArnSettings, means: HostMeans): Host {
  const aws = openAws(settings, means.region)
  const pool = poolOf(name, means, settings.concurrency ?? defaultRequests, 0, () => aws.start())
  return hostOf(pool, () => aws.close())
}

function poolOf(name: string, means: HostMeans, limit: number, patience: number, start: () => Instance): Pool {
  const { clock, warn } = means
  return new Pool({ start, limit, patience, clock, warn: (code, detail) => warn({ code, function: name, detail }) })
}

function hostOf(pool: Pool, release: () => void | Promise<void>): Host {
  return {
    ready: () => pool.ready(),
    invoke: (id, event, timeout, signal) => pool.invoke(id, event, timeout, signal),
    async close() {
      await pool.close()
      await release()
    },
  }
}

function environmentOf(
  name: string,
  settings: Pick<FileSettings, 'env' | 'memory'>,
  handler: string,
  folder: string,
  { environment, region }: HostMeans,
): Record<string, string> {
  const memory = settings.memory ?? defaultMemory
  return { ...inherited(environment), ...lambdaEnvironment({ name, region, handler, folder, memory }), ...settings.env }
}

function stem(file: string): string {
  return basename(file, extname(file))
}

function filesOf(folder: string, ending: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}
