/** Synapse, a homeserver that nobody here wrote, with a configuration and a store of its own. */
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { lives, type Program, startProgram } from '../children.ts'
import { freePort } from '../places.ts'
import { synapseRoot } from '../programs.ts'
import { until, within } from '../waiting.ts'

export type Account = Readonly<{ userId: string; accessToken: string; deviceId: string; password: string }>

/** Events that the homeserver sends by itself after a while (MSC4140), or not. */
export type SynapseOptions = Readonly<{
  /** Registration files of application services: YAML, or JSON, which is YAML too. */
  appServices?: readonly string[]
  delayedEvents?: boolean
  /** The TURN servers that it names to its users, and the secret that it shares with them. */
  turn?: Readonly<{ uris: readonly string[]; secret: string }>
  /** Messages that a user may send in a row, and how many more each second; without it nothing limits anybody. */
  messages?: Limit
}>

export type Limit = Readonly<{ per_second: number; burst_count: number }>

const unlimited = { per_second: 100_000, burst_count: 100_000 }

export class Synapse {
  readonly #root: string
  /** As seen from outside the root, and from inside. */
  readonly #folder: string
  readonly #home: string
  readonly port: number
  readonly #secret = randomBytes(16).toString('hex')
  #admin: Promise<Account> | undefined
  #process: Program | undefined
  /** What it said: its log. */
  log = ''

  private constructor(root: string, folder: string, port: number) {
    this.#root = root
    this.#folder = folder
    this.#home = root === '/' ? folder : folder.slice(root.length)
    this.port = port
  }

  static readonly serverName = 'localhost'

  static async start(options: SynapseOptions = {}, port?: number): Promise<Synapse> {
    const root = synapseRoot()
    if (root === undefined) throw new Error('Synapse is not installed')
    const folder = await mkdtemp(join(root, 'tmp', 'onhook-synapse-'))
    const synapse = new Synapse(root, folder, port ?? (await freePort()))
    try {
      await synapse.#configure(options)
      await synapse.run()
    } catch (error) {
      await synapse.remove()
      throw error
    }
    return synapse
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async #configure({
    appServices = [],
    delayedEvents = true,
    turn,
    messages = unlimited,
  }: SynapseOptions): Promise<void> {
    const registrations = await Promise.all(
      appServices.map(async (text, index) => {
        await writeFile(join(this.#folder, `service-${index}.yaml`), text)
        return join(this.#home, `service-${index}.yaml`)
      }),
    )
    const config = {
      server_name: Synapse.serverName,
      public_baseurl: this.url,
      pid_file: join(this.#home, 'pid'),
      listeners: [{ port: this.port, type: 'http', bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] }],
      database: { name: 'sqlite3', args: { database: join(this.#home, 'homeserver.db') } },
      media_store_path: join(this.#home, 'media'),
      signing_key_path: join(this.#home, 'signing.key'),
      log_config: join(this.#home, 'log.yaml'),
      macaroon_secret_key: randomBytes(16).toString('hex'),
      form_secret: randomBytes(16).toString('hex'),
      trusted_key_servers: [],
      report_stats: false,
      enable_registration: true,
      registration_shared_secret: this.#secret,
      enable_registration_without_verification: true,
      bcrypt_rounds: 4,
      presence: { enabled: false },
      app_service_config_files: registrations,
      ...(delayedEvents ? { max_event_delay_duration: '24h' } : {}),
      ...(turn === undefined ? {} : { turn_uris: turn.uris, turn_shared_secret: turn.secret }),
      rc_message: messages,
      rc_registration: unlimited,
      rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
      rc_joins: { local: unlimited, remote: unlimited },
      rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
      rc_room_creation: unlimited,
      rc_delayed_event_mgmt: unlimited,
    }
    const log = {
      version: 1,
      handlers: { console: { class: 'logging.StreamHandler' } },
      root: { level: 'WARNING', handlers: ['console'] },
      disable_existing_loggers: false,
    }
    // A key of the form that it writes itself.
    const key = `ed25519 a_test ${randomBytes(32).toString('base64').replace(/=+$/, '')}\n`
    await Promise.all([
      writeFile(join(this.#folder, 'homeserver.yaml'), JSON.stringify(config)),
      writeFile(join(this.#folder, 'log.yaml'), JSON.stringify(log)),
      writeFile(join(this.#folder, 'signing.key'), key),
    ])
  }

  /** Starts it, also again after it was killed: the same port, the same store. */
  async run(): Promise<void> {
    const command = ['python3', '-m', 'synapse.app.homeserver', '-c', join(this.#home, 'homeserver.yaml')]
    const child =
      this.#root === '/'
        ? startProgram(command[0]!, command.slice(1))
        : startProgram('/usr/sbin/chroot', [this.#root, ...command])
    this.#process = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log += text
      })
    }
    await until(
      () => `Synapse to start\n${this.log}`,
      async () => {
        if (!lives(child)) throw new Error(`Synapse ended\n${this.log}`)
        return (await this.#status('/health')) === 200
      },
      60_000,
    )
  }

  async #status(path: string): Promise<number | undefined> {
    try {
      const { statusCode, body } = await request(this.url + path, { reset: true })
      await body.dump()
      return statusCode
    } catch {
      return undefined
    }
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || !lives(child)) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await within('Synapse to be gone', gone)
  }

  async remove(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** A new user, with a first device. */
  async register(name: string): Promise<Account> {
    const password = randomBytes(8).toString('hex')
    return this.#account(password, '/_matrix/client/v3/register', {
      username: name,
      password,
      auth: { type: 'm.login.dummy' },
    })
  }

  /** Another device of a user. */
  async login({ userId, password }: Account): Promise<Account> {
    return this.#account(password, '/_matrix/client/v3/login', {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: userId },
      password,
    })
  }

  /** Nothing limits this user, whatever limits the others. */
  async unlimit(userId: string): Promise<void> {
    this.#admin ??= this.#registerAdmin()
    const path = `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/override_ratelimit`
    await this.#ask('POST', path, { messages_per_second: 0, burst_count: 0 }, (await this.#admin).accessToken)
  }

  async #registerAdmin(): Promise<Account> {
    const path = '/_synapse/admin/v1/register'
    const { nonce } = await this.#ask('GET', path)
    const [username, password] = ['admin', randomBytes(8).toString('hex')]
    const signed = [nonce, username, password, 'admin'].join('\0')
    const mac = createHmac('sha1', this.#secret).update(signed).digest('hex')
    return this.#account(password, path, { nonce, username, password, admin: true, mac })
  }

  async #account(password: string, path: string, body: unknown): Promise<Account> {
    const { user_id, access_token, device_id } = await this.#ask('POST', path, body)
    return { userId: user_id!, accessToken: access_token!, deviceId: device_id!, password }
  }

  async #ask(method: 'GET' | 'POST', path: string, body?: unknown, token?: string): Promise<Record<string, string>> {
    const { statusCode, body: answer } = await request(this.url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      reset: true,
    })
    const text = await answer.text()
    if (statusCode !== 200) throw new Error(`${method} ${path}: ${statusCode} ${text}`)
    return JSON.parse(text) as Record<string, string>
  }
}
