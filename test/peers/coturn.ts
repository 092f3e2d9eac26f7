/** coturn, a TURN server that nobody here wrote, on the loopback. */
import { type Program, startProgram } from './children.ts'
import { folder, freePort } from './places.ts'
import { until } from './waiting.ts'

export type CoturnOptions = Readonly<{
  /** How it knows its users: one by name, or all that a secret signed. */
  users: Readonly<{ name: string; password: string }> | Readonly<{ secret: string }>
  /** Where its relays are: what comes from there came through it. */
  relay?: string
}>

export class Coturn {
  readonly port: number
  readonly #process: Program
  readonly #remove: () => Promise<void>
  /** What it said: its log. */
  log = ''

  private constructor(port: number, process: Program, remove: () => Promise<void>) {
    this.port = port
    this.#process = process
    this.#remove = remove
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
  }

  static async start({ users, relay = '127.0.0.1' }: CoturnOptions): Promise<Coturn> {
    const [port, relays, place] = [await freePort(), await freePort(), await folder()]
    const settings = {
      'listening-ip': '127.0.0.1',
      'relay-ip': relay,
      'listening-port': port,
      'min-port': relays,
      'max-port': relays + 100,
      realm: 'onhook.test',
      userdb: `${place.path}/users`,
      pidfile: `${place.path}/pid`,
      'log-file': 'stdout',
      ...('secret' in users
        ? { 'static-auth-secret': users.secret }
        : { user: `${users.name}:${users.password}`, 'lt-cred-mech': undefined }),
    }
    const flags = ['-n', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--verbose']
    const named = Object.entries(settings).map(([name, value]) =>
      value === undefined ? `--${name}` : `--${name}=${value}`,
    )
    const server = new Coturn(port, startProgram('turnserver', [...flags, ...named]), place.remove)
    await until('coturn to listen', () => /listener opened on.*127\.0\.0\.1/i.test(server.log))
    return server
  }

  url(transport: 'udp' | 'tcp'): string {
    return `turn:127.0.0.1:${this.port}?transport=${transport}`
  }

  /** Who was given a relay, in order: the session, and the name that it said. */
  get allocations(): { session: string; user: string }[] {
    const given = /session (\d+): .*user <([^>]*)>: incoming packet ALLOCATE processed, success/g
    return [...this.log.matchAll(given)].map(([, session, user]) => ({ session: session!, user: user! }))
  }

  /** How many relays are given out now. */
  get open(): number {
    return this.allocations.filter(({ session }) => !this.log.includes(`session ${session}: closed`)).length
  }

  async remove(): Promise<void> {
    this.#process.kill()
    await this.#remove()
  }
}
