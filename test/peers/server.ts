/** The server as people start it: a process of its own, with a configuration file and a store on disk. */
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { z } from '@hono/zod-openapi'
import { request } from 'undici'
import type * as schemas from '../../src/http/schemas.ts'
import { lives, type Program, startProgram } from './children.ts'
import { folder, freePort } from './places.ts'
import { pause, until, within } from './waiting.ts'

export type CallRecord = z.output<typeof schemas.CallRecord>
export type LiveCall = z.output<typeof schemas.LiveCall>
export type Placed = z.output<typeof schemas.Placed>
type Page<T> = Readonly<{ items: T[]; next: string | null }>

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export type Settings = Readonly<Record<string, unknown>> & Readonly<{ sip?: Readonly<Record<string, unknown>> }>

export class Server {
  readonly #folder: Awaited<ReturnType<typeof folder>>
  readonly sipPort: number
  #process: Program | undefined
  #exited: Promise<number | null> = Promise.resolve(null)
  #url = ''
  /** What it said on standard error: its log. */
  log = ''

  private constructor(place: Awaited<ReturnType<typeof folder>>, sipPort: number) {
    this.#folder = place
    this.sipPort = sipPort
  }

  /** Listens on free ports of the loopback; `settings` is the rest of the configuration. */
  static async start(settings: Settings): Promise<Server> {
    const server = new Server(await folder(), await freePort())
    await server.#configure(settings)
    await server.run()
    return server
  }

  async #configure(settings: Settings): Promise<void> {
    const here = { host: '127.0.0.1', port: this.sipPort }
    const config = {
      data: { path: `${this.#folder.path}/onhook.db` },
      http: { port: 0 },
      delivery: { allowPrivate: ['127.0.0.0/8'] },
      log: { level: 'info' },
      ...settings,
      sip: {
        listen: [
          { transport: 'udp', ...here },
          { transport: 'tcp', ...here },
        ],
        ...settings.sip,
      },
    }
    await writeFile(this.configFile, JSON.stringify(config))
  }

  get configFile(): string {
    return `${this.#folder.path}/onhook.config.json`
  }

  /** 200, or 503 while it starts and stops. */
  async readiness(): Promise<number> {
    return (await this.#ask('GET', '/readyz')).status
  }

  get url(): string {
    return this.#url
  }

  get sipAddress(): string {
    return `127.0.0.1:${this.sipPort}`
  }

  /** Again, after its process ended: the same configuration, the same store. */
  async run(): Promise<void> {
    const child = startProgram(process.execPath, [main, 'serve', '--json', '--config', this.configFile])
    this.#process = child
    this.#exited = new Promise((resolve) => child.once('exit', resolve))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    const ready = new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        // The log goes the same way.
        if (line.startsWith('{"sip":')) resolve(line)
        else this.log += `${line}\n`
      })
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}\n${this.log}`)))
    })
    const where = JSON.parse(await within('the server to start', ready, 30_000)) as { http: string }
    this.#url = where.http
  }

  /** Sends a signal, and gives the exit code. */
  async signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL', limit = 30_000): Promise<number | null> {
    this.#process?.kill(name)
    return within('the server to exit', this.#exited, limit)
  }

  /** Does nothing at all for a while, as on a machine that stalls: neither answers nor ends. */
  async stall(milliseconds: number): Promise<void> {
    this.#process?.kill('SIGSTOP')
    await pause(milliseconds)
    this.#process?.kill('SIGCONT')
  }

  /** Ends the process, if it lives, and takes its folder away. */
  async remove(): Promise<void> {
    if (this.#process !== undefined && lives(this.#process)) {
      await this.signal('SIGINT', 10_000).catch(() => this.signal('SIGKILL'))
    }
    await this.#folder.remove()
  }

  /** One connection for each: one that is kept may be closed at the very moment when it is used again. */
  async #ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const sent =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const { statusCode: status, body: received } = await request(this.#url + path, { method, reset: true, ...sent })
    return { status, text: await received.text() }
  }

  async get<T>(path: string): Promise<T> {
    const { status, text } = await this.#ask('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
    return JSON.parse(text) as T
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const { status, text } = await this.#ask('POST', path, body)
    if (status < 200 || status > 299) throw new Error(`POST ${path}: ${status} ${text}`)
    return JSON.parse(text) as T
  }

  place(body: Readonly<Record<string, unknown>>): Promise<Placed> {
    return this.post('/api/calls', body)
  }

  async live(): Promise<LiveCall[]> {
    return (await this.get<Page<LiveCall>>('/api/calls?limit=1000')).items
  }

  /** Every record, newest first. */
  async records(): Promise<CallRecord[]> {
    const all: CallRecord[] = []
    for (let cursor = ''; ; ) {
      const page = await this.get<Page<CallRecord>>(`/api/records?limit=1000${cursor}`)
      all.push(...page.items)
      if (page.next === null) return all
      cursor = `&cursor=${encodeURIComponent(page.next)}`
    }
  }

  /** The records whose legs had this Call-ID: one, if all is well. Waits for the first. */
  async recordsOf(callId: string, limit?: number): Promise<CallRecord[]> {
    const has = (record: CallRecord) => record.legs.some(({ ids }) => ids['call-id'] === callId)
    return until(
      `the record of ${callId}`,
      async () => {
        const found = (await this.records()).filter(has)
        return found.length > 0 && found
      },
      limit,
    )
  }

  record(id: string, limit?: number): Promise<CallRecord> {
    return until(
      `the record ${id}`,
      async () => {
        const { status, text } = await this.#ask('GET', `/api/records/${id}`)
        return status === 200 && (JSON.parse(text) as CallRecord)
      },
      limit,
    )
  }

  /** The sum of a metric over all of its labels. */
  async metric(name: string): Promise<number> {
    const { text } = await this.#ask('GET', '/metrics')
    let sum = 0
    for (const line of text.split('\n')) {
      const [series = '', value] = line.split(' ')
      if (series === name || series.startsWith(`${name}{`)) sum += Number(value)
    }
    return sum
  }
}
