import { ChimeSDKVoiceClient } from '@aws-sdk/client-chime-sdk-voice'
import type { Logger } from 'pino'
import { onTestFinished } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import type { RecordView } from '../../src/switchboard/ports.ts'
import { createPhone, type Phone, type PhoneCall, type PhoneOptions } from '../../src/testing/index.ts'
import { recordOf, recordsOf } from '../testing/stage.ts'
import { type Endpoint, type Handler, openHandler } from './handler.ts'

export { until, wireOf } from '../testing/stage.ts'

/** Numbers that the server's phones have. */
export const desk = '+15550111'
export const secondLine = '+15550112'

export type Stage = Readonly<{
  server: RunningServer
  endpoint: Endpoint
  /** Id of the application that every number reaches. */
  application: string
  /** A phone that calls numbers of the server. */
  phone(options?: PhoneOptions): Promise<Phone>
  /** A phone that the server reaches by this number. */
  line(number: string, options?: PhoneOptions): Promise<Phone>
  /** An AWS client that knows nothing but where the server is. */
  sdk(): ChimeSDKVoiceClient
  records(): Promise<readonly RecordView[]>
  /** The one record of the call that one of the phones has. */
  record(call: PhoneCall): Promise<RecordView>
}>

export type StageOptions = Readonly<{
  handler?: Handler
  /** Instead of the handler: a function as the configuration has it. */
  function?: Readonly<Record<string, unknown>>
  chime?: Readonly<Record<string, unknown>>
  config?: Readonly<Record<string, unknown>>
  log?: Logger
}>

/** A real server in this process, and a handler that every number reaches. Everything is gone when the test is over. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const endpoint = await openHandler(options.handler ?? (() => ({ SchemaVersion: '1.0' })))
  const checked = checkConfig({
    data: { memory: true },
    http: { port: 0 },
    sip: {
      listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }],
      media: { ports: [30_000, 32_766] },
      users: [desk, secondLine].map((number) => ({ name: number.slice(1), password: passwordOf(number) })),
    },
    functions: { app: options.function ?? { url: endpoint.url, concurrency: 1000 } },
    chime: { applications: [{ name: 'app', function: 'app' }], from: ['loopback'], ...options.chime },
    routes: [{ to: '*', from: 'loopback', chime: 'app' }],
    limits: { callsPerSecond: 10_000, drainSeconds: 0 },
    log: { level: 'silent' },
    ...options.config,
  })
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults))
  const server = await startServer(checked.config, options.log === undefined ? {} : { log: options.log })
  onTestFinished(() => server.stop())
  const open = async (phoneOptions: PhoneOptions) => {
    const phone = await createPhone({ server: server.sipAddress, user: '+15550123', ...phoneOptions })
    onTestFinished(() => phone.close())
    return phone
  }
  return {
    server,
    endpoint,
    application: checked.config.chime.applications[0]!.id,
    phone: (given = {}) => open(given),
    async line(number, given = {}) {
      const phone = await open({ user: number.slice(1), password: passwordOf(number), ...given })
      await phone.register()
      return phone
    },
    sdk() {
      const client = new ChimeSDKVoiceClient({
        endpoint: server.httpAddress,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'any' },
      })
      onTestFinished(() => client.destroy())
      return client
    },
    records: () => recordsOf(server),
    record: (call) => recordOf(server, call),
  }
}

function passwordOf(number: string): string {
  return `password-of-${number.slice(1)}`
}
