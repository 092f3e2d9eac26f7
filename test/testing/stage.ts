import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'
import { sampleRate, writeWav } from '../../src/media/index.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import type { RecordView } from '../../src/switchboard/ports.ts'
import { createPhone, type Phone, type PhoneCall, type PhoneOptions, summaryOf } from '../../src/testing/index.ts'

/** A hangup webhook as an app received it. */
export type Webhook = Readonly<{
  id: string
  params: Readonly<Record<string, string>>
  headers: IncomingHttpHeaders
}>

/** 0.3 s of 440 Hz. */
const tone = writeWav(
  Int16Array.from({ length: 2400 }, (_, sample) => 8000 * Math.sin((2 * Math.PI * 440 * sample) / sampleRate)),
  sampleRate,
)

/** An app: each path of `documents` answers with its XML, `{app}` in it is its address; `/hangup` keeps what it is told. */
export class TestApp {
  readonly webhooks: Webhook[] = []
  readonly asked: Readonly<Record<string, string>>[] = []
  readonly #server: Server
  readonly url: string

  static async open(documents: Readonly<Record<string, string>>, port = 0): Promise<TestApp> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new TestApp(server, documents)
  }

  private constructor(server: Server, documents: Readonly<Record<string, string>>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const params = Object.fromEntries(new URLSearchParams(body))
      const path = request.url!.slice(1).split('?')[0]!
      if (path === 'tone.wav') return void response.writeHead(200, { 'content-type': 'audio/wav' }).end(tone)
      if (path === 'hangup') {
        this.webhooks.push({ id: String(request.headers['webhook-id']), params, headers: request.headers })
        response.end()
        return
      }
      this.asked.push(params)
      const document = documents[path]
      if (document === undefined) return void response.writeHead(500).end()
      response
        .writeHead(200, { 'content-type': 'application/xml' })
        .end(`<Response>${document.replaceAll('{app}', this.url)}</Response>`)
    })
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

export type Stage = Readonly<{
  server: RunningServer
  app: TestApp
  /** A phone of this server, closed after the test. */
  phone(options?: PhoneOptions): Promise<Phone>
  /** The one record of a call of one of the phones, with what was learnt later once `told` is there. */
  record(call: PhoneCall): Promise<RecordView>
  /** The hangup webhooks of a recorded call, once the first is there. */
  webhooks(record: RecordView): Promise<readonly Webhook[]>
}>

export type StageOptions = Readonly<{
  /** Number → what the app says when it is called. */
  documents?: Readonly<Record<string, string>>
  /** Of each of these routes. */
  limits?: Readonly<Record<string, number>>
  /** Whatever else the configuration shall hold. */
  config?: Readonly<Record<string, unknown>>
  routes?: readonly unknown[]
}>

/** A real server in this process, without a file, and a real app. Everything is gone when the test is over. */
export async function stage({
  documents = {},
  limits = {},
  config = {},
  routes = [],
}: StageOptions = {}): Promise<Stage> {
  const app = await TestApp.open(documents)
  onTestFinished(() => app.close())
  const checked = checkConfig({
    data: { memory: true },
    http: { port: 0 },
    sip: {
      listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
      media: { ports: [30_000, 32_766] },
      users: ['alice', 'bob'].map((name) => ({ name, password: `${name}-secret` })),
    },
    routes: [
      ...routes,
      ...Object.keys(documents).map((number) => ({
        to: number,
        from: ['loopback', 'users'],
        limits,
        app: { platform: 'vobiz', answerUrl: `${app.url}/${number}`, hangupUrl: `${app.url}/hangup` },
      })),
    ],
    delivery: { allowPrivate: ['127.0.0.0/8'] },
    log: { level: 'silent' },
    ...config,
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  const server = await startServer(checked.config)
  onTestFinished(() => server.stop())
  return {
    server,
    app,
    async phone(options = {}) {
      const phone = await createPhone({ server: server.sipAddress, ...options })
      onTestFinished(() => phone.close())
      return phone
    },
    record: (call) => recordOf(server, call),
    async webhooks({ id }) {
      const mine = () => app.webhooks.filter(({ params }) => params.CallUUID === id)
      await until(() => mine().length > 0)
      return mine()
    },
  }
}

export async function recordsOf(server: RunningServer): Promise<readonly RecordView[]> {
  return (await server.control.ledger.records({}, { limit: 1000 })).items
}

/** The one record of the call that one of the phones has. */
export async function recordOf(server: RunningServer, call: PhoneCall): Promise<RecordView> {
  const mine = async () =>
    (await recordsOf(server)).filter(({ legs }) => legs.some(({ ids }) => ids['call-id'] === call.callId))
  await until(async () => (await mine()).length > 0)
  const found = await mine()
  if (found.length !== 1) throw new Error(`${found.length} records of one call`)
  return found[0]!
}

/** A bounded wait for what real sockets bring. */
export async function until(holds: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  const limit = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`waited in vain: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** What passed on the wire of one call, as `→ INVITE`, `← 180 INVITE`, `← BYE Q.850;cause=16`; retransmissions left out. */
export function wireOf(call: PhoneCall): readonly string[] {
  return call.trace
    .filter(({ again }) => !again)
    .map((entry) => `${entry.direction === 'out' ? '→' : '←'} ${summaryOf(entry)}`)
}
