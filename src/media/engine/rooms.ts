import { Room } from '../room/room.ts'
import type { EngineSettings, Report } from './messages.ts'
import { SeatStream } from './seat-stream.ts'
import type { Chance } from './stream.ts'
import type { Ticker } from './ticker.ts'

export type RoomMeans = Readonly<{
  settings: EngineSettings
  ticker: Ticker
  chance: Chance
  report(report: Report): void
}>

/** The rooms of this thread, by name. */
export class Rooms {
  readonly #means: RoomMeans
  readonly #rooms = new Map<string, Room>()

  constructor(means: RoomMeans) {
    this.#means = means
  }

  seat(session: number, name: string): SeatStream {
    let room = this.#rooms.get(name)
    if (room === undefined) {
      room = new Room(this.#means.ticker)
      this.#rooms.set(name, room)
    }
    const entered = room
    return new SeatStream(session, entered, this.#means, () => {
      if (entered.empty) this.#rooms.delete(name)
    })
  }
}
