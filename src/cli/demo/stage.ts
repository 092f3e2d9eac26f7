/** What the demo plays on: a server process, the sample app, a phone, and a folder that is removed afterwards. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPhone, type Phone } from '../../testing/phone.ts'
import type { CallRecord } from '../ending-text.ts'
import { CommandError } from '../io.ts'
import { type HandlerEvent, type HandlerHost, hostHandler } from './handler-host.ts'
import type { Scenario } from './scenarios.ts'
import { type ServerProcess, startProcess } from './server-process.ts'

/** A hangup webhook as the app received it: its signature was right, or the app would have refused it. */
export type Webhook = Readonly<{ id: string; params: Readonly<Record<string, string>> }>

/** Milliseconds since the epoch. */
export type Mark = Readonly<{ at: number; text: string }>

export interface Stage {
  readonly sip: string
  readonly http: string
  readonly app: string
  readonly pid: number
  readonly phone: Phone
  /** The phone that the Chime handler calls. */
  readonly desk: Phone
  /** What was done to the server, between the messages. */
  readonly marks: readonly Mark[]
  mark(text: string): void
  /** Everything that the app was told so far. */
  readonly webhooks: readonly Webhook[]
  /** Everything that the Chime handler was told so far. */
  readonly events: readonly HandlerEvent[]
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  /** Records of calls to that number. */
  records(to: string): Promise<readonly CallRecord[]>
  /** `kill -9`, then the same server again: same ports, same store. */
  killAndRestart(): Promise<void>
  close(): Promise<void>
}

type SampleApp = Readonly<{
  startApp(options: {
    port: number
    token: string
    onHangup(webhook: Record<string, string>, headers: Readonly<Record<string, string>>): void
  }): Promise<{ url: string; close(): void }>
}>

/** The number that `examples/chime-bridge` calls by itself. */
const desk = { number: '15550111', password: 'demo-password' }
type SampleHandler = Readonly<{ handler(event: unknown): Promise<unknown> }>

const account = { authId: 'MA_DEMO', authToken: 'demo-auth-token' }

export async function openStage(scenarios: readonly Scenario[]): Promise<Stage> {
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return await open()
  } catch (fault) {
    await close()
    throw fault
  }

  async function open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'onhook-demo-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const webhooks: Webhook[] = []
    const marks: Mark[] = []
    const mark = (text: string) => void marks.push({ at: Math.floor(performance.timeOrigin + performance.now()), text })
    const app = await example<SampleApp>('vobiz-app/app.js').then(({ startApp }) =>
      startApp({
        port: 0,
        token: account.authToken,
        onHangup: (params, headers) => webhooks.push({ id: headers['webhook-id'] ?? '', params }),
      }),
    )
    closers.push(() => app.close())
    const events: HandlerEvent[] = []
    const handlers = new Map<string, HandlerHost>()
    for (const scenario of scenarios) {
      if (scenario.kind !== 'chime' || handlers.has(scenario.handler)) continue
      const { handler } = await example<SampleHandler>(scenario.handler)
      const host = await hostHandler(handler, (event) => events.push(event))
      closers.push(() => host.close())
      handlers.set(scenario.handler, host)
    }
    const file = join(folder, 'onhook.config.json')
    const configure = (sip: number, http: number) =>
      writeFile(file, JSON.stringify(configuration(join(folder, 'onhook.db'), app.url, handlers, scenarios, sip, http)))
    await configure(0, 0)
    let server: ServerProcess = await startProcess(file)
    closers.push(() => server.stop())
    // From now on it keeps the ports that it has found.
    await configure(portOf(server.sip), portOf(server.http))
    const phone = await createPhone({ server: server.sip, user: '+15550123' })
    closers.push(() => phone.close())
    const second = await createPhone({ server: server.sip, user: desk.number, password: desk.password })
    closers.push(() => second.close())
    await second.register()

    const request = async <T>(path: string, init?: RequestInit): Promise<T> => {
      const response = await fetch(server.http + path, init)
      if (!response.ok) throw new CommandError(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as T
    }
    const get = <T>(path: string) => request<T>(path)
    return {
      sip: server.sip,
      http: server.http,
      app: app.url,
      get pid() {
        return server.pid
      },
      phone,
      desk: second,
      marks,
      mark,
      webhooks,
      events,
      get,
      post: (path, body) =>
        request(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      records: async (to) => (await get<{ items: CallRecord[] }>(`/api/records?to=${encodeURIComponent(to)}`)).items,
      async killAndRestart() {
        mark(`kill -9 ${server.pid}`)
        await server.kill()
        mark('onhook serve')
        server = await startProcess(file)
      },
      close,
    }
  }
}

function configuration(
  data: string,
  app: string,
  handlers: ReadonlyMap<string, HandlerHost>,
  scenarios: readonly Scenario[],
  sip: number,
  http: number,
) {
  const names = new Map([...handlers.keys()].map((handler) => [handler, handler.replace(/\/.*/, '')]))
  return {
    data: { path: data },
    http: { host: '127.0.0.1', port: http },
    // Below the ports that systems hand out, and beside those of another server on this machine.
    sip: {
      listen: [{ transport: 'udp', host: '127.0.0.1', port: sip }],
      media: { ports: [30_000, 32_766] },
      users: [{ name: desk.number, password: desk.password }],
    },
    accounts: [{ platform: 'vobiz', ...account }],
    functions: Object.fromEntries([...handlers].map(([handler, { url }]) => [names.get(handler), { url }])),
    chime: { applications: [...names.values()].map((name) => ({ name, function: name })) },
    routes: scenarios.map((scenario) => ({
      to: scenario.number,
      from: 'loopback',
      ...(scenario.kind === 'chime'
        ? { chime: names.get(scenario.handler) }
        : {
            app: {
              platform: 'vobiz',
              account: account.authId,
              answerUrl: `${app}/answer/${scenario.app}`,
              hangupUrl: `${app}/hangup`,
            },
          }),
    })),
    delivery: { allowPrivate: ['127.0.0.0/8'] },
    limits: { drainSeconds: 0 },
    log: { level: 'error' },
  }
}

function portOf(address: string): number {
  return Number(/:(\d+)$/.exec(address)?.[1])
}

/** Plain JavaScript beside the sources: it knows nothing of Onhook, and Onhook's types nothing of it. */
async function example<T>(path: string): Promise<T> {
  const url = new URL(`../../../examples/${path}`, import.meta.url).href
  try {
    return (await import(url)) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new CommandError(
      'the sample apps are not here: the demo runs in a checkout of the repository',
      'cli.demo-failed',
    )
  }
}
