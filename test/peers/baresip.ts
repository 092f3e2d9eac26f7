/** baresip: driven over its control port. Sound comes from a file and goes to files; no sound card is needed. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { lives, type Program, startProgram } from './children.ts'
import { freePort } from './places.ts'
import type { Softphone } from './softphone.ts'
import { until, within } from './waiting.ts'

type Event = Readonly<{ type: string; param?: string }>

const sound = 'audio_codecs=PCMU,PCMA;answermode=manual'
const modules = ['g711', 'aufile', 'aubridge', 'sndfile', 'account', 'menu', 'ctrl_tcp']

export class Baresip implements Softphone {
  readonly name = 'baresip'
  readonly port: number
  readonly #folder: string
  readonly #server: string
  readonly #control: number
  #child: Program | undefined
  #socket: Socket | undefined
  #events: Event[] = []
  #output = ''

  private constructor(folder: string, server: string, port: number, control: number) {
    this.#folder = folder
    this.#server = server
    this.port = port
    this.#control = control
  }

  /** @param voice a WAV file of 8 kHz: what it says. @param user whose calls it makes, without proof until it registers. */
  static async start(place: string, server: string, voice: string, { user }: { user: string }): Promise<Baresip> {
    // It takes the next port as well, for TLS.
    const phone = new Baresip(`${place}/baresip-${user}`, server, await freePort({ next: true }), await freePort())
    await phone.#configure(voice)
    try {
      await phone.#run()
    } catch (error) {
      await phone.kill()
      throw error
    }
    phone.#command('uanew', `<sip:${user}@${server}>;regint=0;${sound}`)
    return phone
  }

  async #configure(voice: string): Promise<void> {
    await mkdir(`${this.#folder}/heard`, { recursive: true })
    const config = [
      `sip_listen 127.0.0.1:${this.port}`,
      'call_max_calls 1',
      `audio_path ${this.#folder}`,
      `audio_source aufile,${voice}`,
      'audio_player aubridge,ear',
      'audio_alert aubridge,bell',
      'ausrc_srate 8000',
      'auplay_srate 8000',
      'ausrc_channels 1',
      'auplay_channels 1',
      'rtp_ports 31000-31998',
      `snd_path ${this.#folder}/heard`,
      `ctrl_tcp_listen 127.0.0.1:${this.#control}`,
      'module_path /usr/lib/baresip/modules',
      ...modules.map((name) => `module ${name}.so`),
    ]
    await writeFile(`${this.#folder}/config`, `${config.join('\n')}\n`)
    for (const file of ['accounts', 'contacts']) await writeFile(`${this.#folder}/${file}`, '')
  }

  async #run(): Promise<void> {
    this.#child = startProgram('baresip', ['-f', this.#folder])
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    this.#socket = await until(
      () => `baresip's control port; it said:\n${this.#output}`,
      () => knock(this.#control),
    )
    let rest = ''
    this.#socket.setEncoding('utf8').on('data', (text: string) => {
      rest += text
      // Netstrings: length, colon, JSON, comma.
      for (let match = /^(\d+):/.exec(rest); match !== null; match = /^(\d+):/.exec(rest)) {
        const end = match[0].length + Number(match[1])
        if (rest.length <= end) return
        const value = JSON.parse(rest.slice(match[0].length, end))
        if (value.event === true) this.#events.push(value)
        rest = rest.slice(end + 1)
      }
    })
    this.#socket.on('error', () => {})
  }

  #command(command: string, params = ''): void {
    const text = JSON.stringify({ command, params })
    this.#socket?.write(`${Buffer.byteLength(text)}:${text},`)
  }

  /** The next event of a kind; those before it are forgotten. */
  #next(type: string): Promise<Event> {
    return until(
      () => `${type} of baresip; it said:\n${this.#output.slice(-2000)}`,
      () => {
        const at = this.#events.findIndex((event) => event.type === type)
        if (at < 0) return undefined
        const [event] = this.#events.slice(at)
        this.#events = this.#events.slice(at + 1)
        return event
      },
    )
  }

  async register(user: string, password: string): Promise<void> {
    this.#registerAs(user, password)
    await this.#next('REGISTER_OK')
  }

  /** Registers with a password that is not right; gives what it heard. */
  async refusedToRegister(user: string, password: string): Promise<string> {
    this.#registerAs(user, password)
    return (await this.#next('REGISTER_FAIL')).param ?? ''
  }

  #registerAs(user: string, password: string): void {
    this.#command('uadel', `sip:${user}@${this.#server}`)
    this.#command('uanew', `<sip:${user}@${this.#server}>;auth_pass=${password};regint=600;${sound}`)
    this.#command('uafind', `sip:${user}@${this.#server}`)
  }

  call(to: string): void {
    this.#command('dial', `sip:${to}@${this.#server}`)
  }

  answer(): void {
    this.#command('accept')
  }

  hangup(): void {
    this.#command('hangup')
  }

  hold(): void {
    this.#command('hold')
  }

  resume(): void {
    this.#command('resume')
  }

  async rung(): Promise<void> {
    await this.#next('CALL_INCOMING')
  }

  async talking(): Promise<void> {
    await this.#next('CALL_ESTABLISHED')
  }

  async over(): Promise<string> {
    return (await this.#next('CALL_CLOSED')).param ?? ''
  }

  async heard(): Promise<string[]> {
    const files = (await readdir(`${this.#folder}/heard`)).filter((file) => file.endsWith('-dec.wav')).sort()
    return files.map((file) => `${this.#folder}/heard/${file}`)
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async close(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || !lives(child)) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await within('baresip to end', gone, 5000).catch(() => child.kill('SIGKILL'))
    this.#socket?.destroy()
  }
}

function knock(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}
