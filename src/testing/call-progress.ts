import type { Told } from '../sip/index.ts'
import { PhoneError } from './phone-error.ts'

/** How a call ended, as its phone saw it. */
export type CallEnd = Readonly<{
  /** `nobody`: no answer came at all, or the network failed. */
  by: 'us' | 'them' | 'nobody'
  /**
   * `BYE` and `CANCEL` as sent or received, `refusal` a final response 300–699, `expired` the INVITE's own time ran out,
   * `no-response` nothing came back (RFC 3261 timer B, or no way there), `loss` an answered call that could not live on.
   */
  how: 'BYE' | 'CANCEL' | 'refusal' | 'expired' | 'no-response' | 'loss'
  /** Of a refusal. */
  status?: number
  phrase?: string
  /** Reason values of the message that ended it. */
  reasons: readonly string[]
  /** What became of our own message. */
  told?: Told
  detail?: string
}>

export type PhoneCallState =
  | Readonly<{ name: 'calling' }>
  | Readonly<{ name: 'ringing' }>
  | Readonly<{ name: 'early' }>
  | Readonly<{ name: 'answered'; at: number }>
  /** We ended it, and wait for the far end's word. */
  | Readonly<{ name: 'ending' }>
  | Readonly<{ name: 'ended'; end: CallEnd }>

type Stage = PhoneCallState['name']

const order: readonly Stage[] = ['calling', 'ringing', 'early', 'answered', 'ending', 'ended']

type Milestone = 'ringing' | 'answered' | 'ended'

/** How far a call has come, and who waits for it to come further. It never goes back. */
export class CallProgress {
  #state: PhoneCallState = { name: 'calling' }
  #listeners: ((state: PhoneCallState) => void)[] = []

  get state(): PhoneCallState {
    return this.#state
  }

  get end(): CallEnd | undefined {
    return this.#state.name === 'ended' ? this.#state.end : undefined
  }

  onState(listener: (state: PhoneCallState) => void): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  precedes(stage: Stage): boolean {
    return order.indexOf(this.#state.name) < order.indexOf(stage)
  }

  move(state: PhoneCallState): void {
    this.#state = state
    for (const listener of this.#listeners) listener(state)
  }

  /** Milliseconds `within`. @throws PhoneError `phone.over`, `phone.timeout`. */
  async reached(stage: Milestone, within: number): Promise<void> {
    if (this.#has(stage)) return
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: PhoneError) => {
        clearTimeout(timer)
        off()
        if (error === undefined) resolve()
        else reject(error)
      }
      const off = this.onState(({ name }) => {
        if (this.#has(stage)) settle()
        else if (name === 'ended') settle(this.#tooLate(stage))
      })
      const timer = setTimeout(() => {
        settle(new PhoneError('phone.timeout', `the call is ${this.#state.name}, not ${stage}, after ${within} ms`))
      }, within)
      if (this.#state.name === 'ended') settle(this.#tooLate(stage))
    })
  }

  #has(stage: Milestone): boolean {
    const { name } = this.#state
    return stage === 'ended' || name === 'ended' || name === 'ending'
      ? name === stage
      : order.indexOf(name) >= order.indexOf(stage)
  }

  #tooLate(stage: Milestone): PhoneError {
    const { by, how, status } = this.end!
    return new PhoneError('phone.over', `the call ended before it was ${stage}: ${how} ${status ?? ''} by ${by}`)
  }
}
