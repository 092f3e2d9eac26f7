import type { Call, CallId } from '../call/call.ts'
import type { Annex, Notice } from '../call/effect.ts'
import type { Instant } from '../call/ending.ts'

/** What happened to a call, as it happens. `call` is the immutable state after it: keeping it costs nothing. */
export type LiveEvent =
  | Readonly<{ type: 'notice'; at: Instant; call: Call; notice: Notice }>
  /** Learnt beside a standing record. `network` carries the leg that it is about. */
  | Readonly<{ type: 'annex'; at: Instant; call: CallId; network: string; entry: Annex }>

export type Observer = (event: LiveEvent) => void

/** Those who only watch. One that throws is reported, and cannot break a teardown or another watcher. */
export class Feed {
  #observers: Observer[] = []
  readonly #onFault: (fault: unknown) => void

  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault
  }

  subscribe(observer: Observer): () => void {
    this.#observers = [...this.#observers, observer]
    return () => {
      this.#observers = this.#observers.filter((other) => other !== observer)
    }
  }

  emit(event: LiveEvent): void {
    for (const observer of this.#observers) {
      try {
        observer(event)
      } catch (fault) {
        this.#onFault(fault)
      }
    }
  }
}
