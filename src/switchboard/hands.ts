import type { Call } from '../call/call.ts'
import { isLive, isUnconfirmed, type LegId, type View } from '../call/leg.ts'
import type { CallRecord } from '../call/record.ts'
import type { EndResult, LegHandle, Sent, Wire } from './ports.ts'

/** Of an outgoing leg, it can also place the offer. */
type Hand = LegHandle & { offer?(): void }

/** A call's hands on its legs, and what each of them put on the wire when its leg was told. */
export class Hands {
  readonly #guard: (code: () => void) => void
  readonly #hands = new Map<LegId, Hand>()
  /** Made when the first leg is told. */
  #sent: Map<LegId, Sent> | undefined

  constructor(guard: (code: () => void) => void) {
    this.#guard = guard
  }

  add(leg: LegId, hand: Hand): void {
    this.#hands.set(leg, hand)
  }

  /** Of an earlier life. False if the network could not make it. */
  revive(leg: LegId, make: () => LegHandle): boolean {
    this.#guard(() => this.#hands.set(leg, make()))
    return this.#hands.has(leg)
  }

  on(leg: LegId): Hand | undefined {
    return this.#hands.get(leg)
  }

  offer(leg: LegId): void {
    this.#guard(() => this.#hands.get(leg)?.offer?.())
  }

  /** False if nobody takes the word: there is no hand, or it failed. Then nobody reports what became of it either. */
  tell(leg: LegId, view: View): boolean {
    const hand = this.#hands.get(leg)
    let sent: Sent | undefined
    this.#guard(() => {
      sent = hand?.tell(view)
    })
    this.#sent ??= new Map()
    this.#sent.set(leg, sent ?? { message: null })
    return sent !== undefined
  }

  /** What the networks must remember of the legs that live, or have not confirmed that they do not. */
  wires(call: Call): Wire[] {
    const wires: Wire[] = []
    for (const leg of call.legs) {
      if (isLive(leg) || isUnconfirmed(leg)) wires.push({ leg: leg.id, wire: this.#hands.get(leg.id)?.wire() })
    }
    return wires
  }

  /** What went out, for whoever asks who ended the call. */
  sent(call: Call): EndResult['sent'] {
    return call.legs.flatMap((leg) => {
      const put = this.#sent?.get(leg.id)
      return put === undefined ? [] : [{ leg: leg.id, ...put }]
    })
  }

  /** The record with what went out to each leg. */
  withSent(record: CallRecord): CallRecord {
    const legs = record.legs.map((leg) => {
      const { message, reason } = this.#sent?.get(leg.id) ?? { message: null }
      if (message === null) return leg
      return reason === undefined ? { ...leg, sent: message } : { ...leg, sent: message, sentReason: reason }
    })
    return { ...record, legs }
  }

  release(): void {
    for (const hand of this.#hands.values()) hand.release()
  }
}
