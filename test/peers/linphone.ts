/** linphonec: driven through its standard input. Sound comes from a file and goes to a file; no sound card is needed. */
import { access, mkdir, writeFile } from 'node:fs/promises'
import { lives, type Program, startProgram } from './children.ts'
import { freePort } from './places.ts'
import { type Softphone, Transcript } from './softphone.ts'
import { pause, until, within } from './waiting.ts'

export class Linphone implements Softphone {
  readonly name = 'linphonec'
  readonly port: number
  readonly #folder: string
  readonly #server: string
  readonly #said = new Transcript()
  #child: Program | undefined

  private constructor(folder: string, server: string, port: number) {
    this.#folder = folder
    this.#server = server
    this.port = port
  }

  /** @param voice a WAV file of 8 kHz: what it says. @param user whose calls it makes. */
  static async start(place: string, server: string, voice: string, { user }: { user: string }): Promise<Linphone> {
    const phone = new Linphone(`${place}/linphone-${user}`, server, await freePort())
    await mkdir(`${phone.#folder}/.local/share/linphone`, { recursive: true })
    const config = [
      ...['[sip]', `sip_port=${phone.port}`, 'sip_tcp_port=0', 'sip_tls_port=0', 'guess_hostname=0'],
      ...[`contact=<sip:${user}@127.0.0.1>`, 'inc_timeout=120'],
      ...['[rtp]', `audio_rtp_port=${await freePort()}`],
      ...['[misc]', 'max_calls=1'],
      ...['[sound]', 'echocancellation=0'],
    ]
    await writeFile(`${phone.#folder}/linphonerc`, `${config.join('\n')}\n`)
    try {
      await phone.#run(voice)
    } catch (error) {
      await phone.kill()
      throw error
    }
    return phone
  }

  async #run(voice: string): Promise<void> {
    const home = { HOME: this.#folder, XDG_DATA_HOME: `${this.#folder}/.local/share`, XDG_CONFIG_HOME: this.#folder }
    this.#child = startProgram('stdbuf', ['-o0', 'linphonec', '-S', '-c', `${this.#folder}/linphonerc`], home)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#said.add(text))
    }
    // What is typed before it listens is lost, and it does not say when it does.
    await until(
      () => `linphonec to listen; it said:\n${this.#said.text}`,
      async () => {
        this.#command('soundcard use files')
        await pause(200)
        return this.#said.next(/Using wav files/)
      },
    )
    this.#command(`play ${voice}`)
    this.#command(`record ${this.#folder}/heard.wav`)
  }

  #command(line: string): void {
    this.#child?.stdin?.write(`${line}\n`)
  }

  #next(pattern: RegExp): Promise<RegExpExecArray> {
    return until(
      () => `${pattern} of linphonec; it said:\n${this.#said.text.slice(-2000)}`,
      () => this.#said.next(pattern),
    )
  }

  async register(user: string, password: string): Promise<void> {
    this.#command(`register sip:${user}@${this.#server} sip:${this.#server} ${password}`)
    await until(
      () => `linphonec to register; it said:\n${this.#said.text}`,
      async () => {
        this.#command('status register')
        await pause(200)
        return this.#said.next(/registered, identity/)
      },
    )
  }

  call(to: string): void {
    this.#command(`call sip:${to}@${this.#server}`)
  }

  answer(): void {
    this.#command('answer')
  }

  hangup(): void {
    this.#command('terminate')
  }

  hold(): void {
    this.#command('pause')
  }

  resume(): void {
    this.#command('resume')
  }

  async rung(): Promise<void> {
    await this.#next(/Receiving new incoming call/)
  }

  async talking(): Promise<void> {
    await this.#next(/Media streams established/)
  }

  async over(): Promise<string> {
    return (await this.#next(/Call \d+ with \S+ (ended \(.*\)|error)/))[1] ?? ''
  }

  async heard(): Promise<string[]> {
    const file = `${this.#folder}/heard.wav`
    return access(file).then(
      () => [file],
      () => [],
    )
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || !lives(child)) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child === undefined || !lives(child)) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    this.#command('quit')
    child.stdin?.end()
    await within('linphonec to end', gone, 8000).catch(() => this.kill())
  }
}
