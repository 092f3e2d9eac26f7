/** A device of a Matrix user, as the tests hold it: the same whether it runs in Node or in a browser. */
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { lives, type Program, startProgram } from '../children.ts'
import { until, within } from '../waiting.ts'
import type { Driver, Heard, ShownCall } from './driver.ts'
import type { Account, Synapse } from './synapse.ts'

type Buttons = Pick<
  Driver,
  | 'place'
  | 'begin'
  | 'answer'
  | 'reject'
  | 'hangup'
  | 'hold'
  | 'mute'
  | 'press'
  | 'restartIce'
  | 'cut'
  | 'createRoom'
  | 'knows'
  | 'join'
  | 'leave'
>

/** How to reach a driver that lives elsewhere. */
export type Line = Readonly<{
  ask(method: string, args: readonly unknown[]): Promise<unknown>
  /** As a power cut does. */
  kill(): Promise<void>
  close(): Promise<void>
  log(): string
}>

export class Device {
  readonly account: Account
  readonly #line: Line

  constructor(account: Account, line: Line) {
    this.account = account
    this.#line = line
  }

  get userId(): string {
    return this.account.userId
  }

  get log(): string {
    return this.#line.log()
  }

  async do<B extends keyof Buttons>(
    button: B,
    ...args: Parameters<Buttons[B]>
  ): Promise<Awaited<ReturnType<Buttons[B]>>> {
    return (await this.#line.ask(button, args)) as Awaited<ReturnType<Buttons[B]>>
  }

  async calls(): Promise<ShownCall[]> {
    return (await this.#line.ask('calls', [])) as ShownCall[]
  }

  async events(): Promise<ReturnType<Driver['events']>> {
    return (await this.#line.ask('events', [])) as ReturnType<Driver['events']>
  }

  async call(callId: string): Promise<ShownCall> {
    const shown = (await this.calls()).find((each) => each.callId === callId)
    if (shown === undefined) throw new Error(`${this.userId} knows no call ${callId}`)
    return shown
  }

  /** The call that rings, and was not seen by this before. */
  async ringing(limit?: number): Promise<ShownCall> {
    return until(
      () => `${this.userId} to be rung\n${this.log.slice(-4000)}`,
      async () => (await this.calls()).find(({ rang, state }) => rang && state === 'ringing'),
      limit,
    )
  }

  async state(callId: string, wanted: string, limit?: number): Promise<ShownCall> {
    let last: ShownCall | undefined
    return until(
      () => `${this.userId} to show ${wanted}: ${JSON.stringify(last)}\n${this.log.slice(-4000)}`,
      async () => {
        last = await this.call(callId)
        return last.state === wanted && last
      },
      limit,
    )
  }

  ended(callId: string, limit?: number): Promise<ShownCall> {
    return this.state(callId, 'ended', limit)
  }

  async heard(callId: string): Promise<Heard> {
    return (await this.#line.ask('heard', [callId])) as Heard
  }

  /** Resolves when a tone of about that pitch comes out of the loudspeaker. */
  async hears(callId: string, hertz: number, limit?: number): Promise<Heard> {
    let last: Heard | undefined
    return until(
      () => `${this.userId} to hear ${hertz} Hz: ${JSON.stringify(last)}`,
      async () => {
        last = await this.heard(callId)
        return last.loudness > 0.02 && Math.abs(last.hertz - hertz) < 0.05 * hertz && last
      },
      limit,
    )
  }

  async silence(callId: string, limit?: number): Promise<void> {
    await until(`${this.userId} to hear nothing`, async () => (await this.heard(callId)).loudness < 0.005, limit)
  }

  kill(): Promise<void> {
    return this.#line.kill()
  }

  close(): Promise<void> {
    return this.#line.close()
  }
}

const clientProcess = fileURLToPath(new URL('client-process.ts', import.meta.url))

/** A device with libwebrtc below it, whose microphone hears a tone. */
export async function nodeDevice(
  synapse: Synapse,
  account: Account,
  { hertz = 0, relayOnly = false } = {},
): Promise<Device> {
  const child = startProgram(process.execPath, [clientProcess, `${hertz}`])
  const line = processLine(child)
  const { userId, accessToken, deviceId } = account
  await within(
    `${userId} to start`,
    line.ask('start', [{ baseUrl: synapse.url, userId, accessToken, deviceId, relayOnly }]),
    60_000,
  )
  return new Device(account, line)
}

function processLine(child: Program): Line {
  let next = 0
  let log = ''
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the client's process ended\n${log.slice(-4000)}`))
    waiting.clear()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-200_000)
  })
  createInterface(child.stdout).on('line', (text) => {
    const { id, result, error } = JSON.parse(text) as { id: number; result?: unknown; error?: string }
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(result)
    else asked?.reject(new Error(`${error}\n${log.slice(-4000)}`))
  })
  const kill = async () => {
    if (lives(child)) child.kill('SIGKILL')
    await gone
  }
  return {
    ask: (method, args) =>
      new Promise((resolve, reject) => {
        if (!lives(child)) return reject(new Error("the client's process has ended"))
        const id = next++
        waiting.set(id, { resolve, reject })
        child.stdin.write(`${JSON.stringify({ id, method, args })}\n`)
      }),
    kill,
    close: kill,
    log: () => log,
  }
}
