import type { Call } from '../call/call.ts'
import { isUnconfirmed } from '../call/leg.ts'
import type { CallRecord } from '../call/record.ts'
import type { Circumstances } from './circumstances.ts'
import type { Hands } from './hands.ts'
import type { Delivery, Disarm } from './ports.ts'

/**
 * What is left of a call when it has ended: its record comes to the disk, and its far ends confirm what they were told, in whatever
 * order. When both are done the call is forgotten. Until the far ends have confirmed, its row stays beside the record, so that the next
 * process can tell them again.
 */
export class Afterlife {
  readonly #house: Circumstances
  readonly #of: Readonly<{ call: Call; hands: Hands }>
  #record: 'awaited' | 'written' = 'awaited'
  #row: 'dropped' | 'kept' = 'dropped'
  #tellings: 'awaited' | 'done' = 'awaited'
  /** What is to be written once the far ends have answered: only of a call of an earlier life. */
  #held: { writes: (() => void)[]; disarm: Disarm } | undefined

  constructor(house: Circumstances, of: Readonly<{ call: Call; hands: Hands }>) {
    this.#house = house
    this.#of = of
  }

  /**
   * The row of a call that is being recovered stays live until its far ends have answered, or for `limit` milliseconds: should the
   * process die again in the middle, those that have not heard are told by the next (durability rule 4).
   */
  holdWriting(limit: number): void {
    const { clock } = this.#house
    this.#held = { writes: [], disarm: clock.alarm(clock.now() + limit, () => this.#writeHeld()) }
  }

  /** Carries it out, or holds it. */
  write(write: () => void): void {
    if (this.#held === undefined) write()
    else this.#held.writes.push(write)
  }

  #writeHeld(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    held.disarm()
    for (const write of held.writes) write()
  }

  settle(record: CallRecord, deliveries: readonly Delivery[]): void {
    this.#house.settling(record.id)
    this.#house.books.settle({
      record,
      deliveries,
      keeps: () => {
        const waits = this.#of.call.legs.some((leg) => isUnconfirmed(leg) && this.#house.retells(leg.network))
        this.#row = waits ? 'kept' : 'dropped'
        return waits
      },
      done: () => {
        this.#record = 'written'
        this.#forget()
      },
    })
  }

  /** A process before this one wrote the record, and kept the row. */
  resume(): void {
    this.#record = 'written'
    this.#row = 'kept'
    this.#house.settling(this.#of.call.id)
  }

  /** No far end is awaited any more. */
  told(): void {
    this.#tellings = 'done'
    this.#writeHeld()
    this.#forget()
  }

  #forget(): void {
    if (this.#tellings !== 'done' || this.#record !== 'written') return
    const { call, hands } = this.#of
    if (this.#row === 'kept') this.#house.books.release(call.id)
    hands.release()
    this.#house.forget(call.id)
  }
}
