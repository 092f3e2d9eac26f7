import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import { freePort, mediaPorts } from '../machine/ports.ts'
import { until } from '../machine/time.ts'
import type { Place, Running, Settings, Subject } from './subject.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const startLimit = 30_000

export const onhook: Subject = {
  name: 'onhook',
  missing: () => undefined,
  version() {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    return `Onhook ${version}, Node ${process.version}`
  },
  place: async (bench, settings = {}) => new OnhookPlace(bench, settings, await freePort()),
}

class OnhookPlace implements Place {
  readonly #bench: Bench
  readonly #settings: Settings
  readonly #folder: string
  readonly #port: number
  #store: DatabaseSync | undefined

  constructor(bench: Bench, settings: Settings, port: number) {
    this.#bench = bench
    this.#settings = settings
    this.#folder = bench.folder('onhook')
    this.#port = port
    writeFileSync(join(this.#folder, 'config.json'), JSON.stringify(this.#config()))
  }

  #config() {
    const { app, handler, rtcp, config } = this.#settings
    return {
      data: { path: join(this.#folder, 'onhook.db') },
      http: { host: '127.0.0.1', port: 0 },
      sip: {
        listen: [{ transport: 'udp', host: '127.0.0.1', port: this.#port }],
        media: { ports: mediaPorts, silenceSeconds: 3600, ...(rtcp === undefined ? {} : { rtcp }) },
      },
      routes: [
        {
          to: '*',
          from: 'loopback',
          ...(handler !== undefined
            ? { chime: 'app' }
            : app === undefined
              ? { hold: true }
              : { app: { platform: 'vobiz', ...app } }),
        },
      ],
      ...(handler !== undefined && {
        functions: { app: handler },
        chime: { applications: [{ name: 'app', function: 'app' }] },
      }),
      delivery: { allowPrivate: ['127.0.0.0/8'] },
      limits: { calls: 100_000, callsPerSecond: 100_000 },
      log: { level: 'warn' },
      ...config,
    }
  }

  async start(): Promise<Running> {
    const { children, signal } = this.#bench
    const log = join(this.#folder, `log-${Date.now()}`)
    const { nodeOptions } = this.#settings
    const child = await children.start(process.execPath, [main, 'serve', '--config', 'config.json'], {
      cwd: this.#folder,
      log,
      ...(nodeOptions !== undefined && { env: { NODE_OPTIONS: nodeOptions } }),
    })
    let http: string | undefined
    const serves = () => {
      http = /serves SIP at \S+ and HTTP at (\S+)/.exec(readFileSync(log, 'utf8'))?.[1]
      return http !== undefined || !child.running()
    }
    await until(serves, startLimit, signal)
    if (http === undefined) throw new Error(`Onhook did not start: ${readFileSync(log, 'utf8').slice(-2000)}`)
    const api = `${http}/api/calls`
    this.#store ??= new DatabaseSync(join(this.#folder, 'onhook.db'), { readOnly: true })
    return {
      pid: child.pid,
      port: this.#port,
      started: child.started,
      async live() {
        const metrics = await (await fetch(`${http}/metrics`, { signal })).text()
        let calls = 0
        for (const [, count] of metrics.matchAll(/^onhook_calls_live\{.*\} (\d+)$/gm)) calls += Number(count)
        return calls
      },
      async endAll() {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`${api}/end`, { method: 'POST', headers, body: '{"all":true}', signal })
        if (!answer.ok) throw new Error(`the end of all calls was answered with ${answer.status}`)
        await answer.arrayBuffer()
      },
      kill: () => child.end('SIGKILL'),
      // Unlike SIGTERM, it does not wait for live calls.
      stop: () => child.end('SIGINT', 15_000),
    }
  }

  /** A reader sees a transaction only after its log is on disk (write-ahead log, full sync). */
  records(): number {
    const row = this.#store?.prepare('SELECT count(*) AS count FROM records').get() as { count: number } | undefined
    return row?.count ?? 0
  }

  close(): void {
    this.#store?.close()
    this.#store = undefined
  }
}
