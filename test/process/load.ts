import { type IncomingCall, type PhoneCall, summaryOf } from '../../src/testing/index.ts'
import type { Chance } from './chance.ts'

/** What the app says when that number is called, and how long the caller stands it. */
const tone = '<Play loop="0">{app}/tone.wav</Play>'
export const documents = {
  hold: tone,
  ring: '<Wait length="60"/>',
  busy: '<Hangup reason="busy"/>',
  rejected: '<Hangup reason="rejected"/>',
  short: '<Play>{app}/tone.wav</Play><Hangup/>',
  early: '<PreAnswer><Play>{app}/tone.wav</Play></PreAnswer><Hangup reason="busy"/>',
  schedule: `<Hangup schedule="1"/>${tone}`,
} as const

export type Number = keyof typeof documents | 'direct'

const numbers: readonly [Number, ...Number[]] = [
  'hold',
  'hold',
  'ring',
  'busy',
  'rejected',
  'short',
  'early',
  'schedule',
  'direct',
]

/** One call of the load, from whichever side it came. `label` is what its record can be found by. */
export type Loaded = Readonly<{ label: string; by: 'call-id' | 'to'; call: PhoneCall }>

/**
 * Callers and callees on one phone: they call, answer, refuse, hang up and give up at random moments, and never stop
 * listening.
 */
export class Load {
  readonly calls: Loaded[] = []
  readonly #dial: (number: Number) => Promise<PhoneCall>
  readonly #chance: Chance
  readonly #place: (user: string) => Promise<unknown>
  #placed = 0
  #state: 'running' | 'stopped' = 'stopped'
  #rhythm: NodeJS.Timeout | undefined

  /** @param place asks the server's API to call that user of the phone */
  constructor(dial: (number: Number) => Promise<PhoneCall>, chance: Chance, place: (user: string) => Promise<unknown>) {
    this.#dial = dial
    this.#chance = chance
    this.#place = place
  }

  /** A new call every so many milliseconds. */
  start(every: number): void {
    this.#state = 'running'
    this.#rhythm = setInterval(() => this.one(), every)
  }

  stop(): void {
    this.#state = 'stopped'
    clearInterval(this.#rhythm)
  }

  one(): void {
    if (this.#chance.next() < 0.15) this.#place(`out-${this.#chance.seed}-${this.#placed++}`).catch(() => {})
    else void this.#call(this.#chance.oneOf(numbers))
  }

  async #call(number: Number): Promise<void> {
    const call = await this.#dial(number)
    this.calls.push({ label: call.callId, by: 'call-id', call })
    if (this.#chance.next() < 0.6) this.#after(this.#chance.between(1, 1500), () => call.hangup())
  }

  /** For the phone's `onCall`: rings, and then one of the things that callees do. */
  called(call: IncomingCall): void {
    const user = /sip:([^@]+)@/.exec(call.request.uri)?.[1] ?? ''
    if (user.startsWith('out-')) this.calls.push({ label: user, by: 'to', call })
    const act = this.#chance.oneOf(['answer', 'answer', 'busy', 'decline', 'nothing', 'silence'])
    if (act !== 'silence') call.ring()
    this.#after(this.#chance.between(1, 400), () => {
      if (act === 'answer') void call.answer().catch(() => {})
      else if (act === 'busy') call.busy()
      else if (act === 'decline') call.decline()
    })
    if (this.#chance.next() < 0.5) this.#after(this.#chance.between(400, 1500), () => call.hangup())
  }

  /** People do what they do, whether the server lives or not; but once the load is stopped they only listen. */
  #after(milliseconds: number, act: () => void): void {
    setTimeout(() => {
      if (this.#state === 'running') act()
    }, milliseconds)
  }
}

/** Whether the server let the far end believe that it had the call: every response but a 100, or an INVITE of its own. */
export function wasAccepted({ call, by }: Loaded): boolean {
  return (
    by === 'to' ||
    call.trace.some(({ direction, status, method }) => direction === 'in' && method === 'INVITE' && (status ?? 0) > 100)
  )
}

/** Whether a caller of the load has heard its call answered. */
export function heardAnswer({ call, by }: Loaded): boolean {
  return (
    by === 'call-id' &&
    call.trace.some(({ direction, status, method }) => direction === 'in' && method === 'INVITE' && status === 200)
  )
}

/** Whether it still believes in its call. Who refused it does not, even if nobody acknowledged that. */
export function waits({ call }: Loaded): boolean {
  const refused = call.trace.some(
    ({ direction, status, method }) => direction === 'out' && method === 'INVITE' && (status ?? 0) >= 300,
  )
  return call.state.name !== 'ended' && !refused
}

export function story({ label, call }: Loaded): string {
  const wire = call.trace.map((entry) => `${entry.direction === 'out' ? '→' : '←'}${summaryOf(entry)}`)
  return `${label} ${call.state.name} ${call.trace[0]?.uri ?? ''}: ${wire.join(' ')}`
}
