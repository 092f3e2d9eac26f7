import { callEventType, parseCallEvent } from '../../dialects/matrix/index.ts'
import type { Clock, Memo, MemoryChange, NetworkMemory } from '../../switchboard/ports.ts'
import type { Exchange } from './exchange.ts'
import { letterId } from './names.ts'
import type { Rooms } from './rooms.ts'
import type { Ignored } from './session/state.ts'

export type IntakeOptions = Readonly<{
  exchange: Exchange
  rooms: Rooms
  memory: NetworkMemory
  clock: Clock
  ignored(why: Ignored): void
  /** Somebody spoke in a room that is encrypted: we cannot hear calls there. */
  encrypted(room: string, sender: string): void
  /** An event that cannot be understood; by its id, and what is wrong with it, never its content. */
  quarantined(event: Readonly<{ id: string; type: string; faults: readonly string[] }>): void
  onFault(fault: unknown, doing: string): void
}>

/** What has been seen is remembered this long: milliseconds. Homeservers try again for days, with the newest first in line. */
const remembered = { transaction: 7 * 86_400_000, event: 86_400_000, tombstone: 900_000, quarantine: 7 * 86_400_000 }
const sweepEvery = 3_600_000
/** Event ids held in memory. */
const most = 100_000

/** Of the rest of what is said in rooms nothing concerns calls. */
const roomEvents: ReadonlySet<unknown> = new Set(['m.room.member', 'm.room.encrypted', 'm.room.encryption'])

type JsonObject = Readonly<Record<string, unknown>>

/**
 * Transactions of the homeserver, each handled once: what it says and that it was said are committed together, and only
 * then is it acknowledged. It comes again until then.
 */
export class Intake {
  readonly #options: IntakeOptions
  /** Transactions that are on disk, or what of them is not yet. */
  readonly #transactions = new Map<string, MemoryChange | 'done'>()
  readonly #events = new Set<string>()
  #swept = 0

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  restore(memos: readonly Memo[]): void {
    for (const { kind, key, at, value } of memos) {
      if (kind === 'transaction') this.#transactions.set(key, 'done')
      else if (kind === 'event') this.#events.add(key)
      else if (kind === 'tombstone') {
        const { room, callId, by } = (value ?? {}) as {
          room?: string
          callId?: string
          by?: { user: string; party: string | null }
        }
        if (room !== undefined && callId !== undefined && by !== undefined) {
          this.#options.exchange.tombstones.set(room, callId, 'warned', by, at)
        }
      }
    }
  }

  /** Resolves once it is on disk that it was handled. @throws what the store throws: the homeserver is to come again. */
  async transaction(id: string, events: readonly unknown[]): Promise<void> {
    // A homeserver that was set up anew counts from 1 again: the same number with other events is another transaction.
    const key = letterId(id, ...events.map(idOf))
    const before = this.#transactions.get(key)
    if (before !== undefined) {
      this.#options.ignored('duplicate')
      if (before !== 'done') await this.#commit(key, before)
      return
    }
    // What it does is done in this turn, and what it leaves in memory is committed with it.
    const now = this.#options.clock.now()
    const put: Memo[] = [{ kind: 'transaction', key, at: now, value: null }]
    for (const event of events) this.#guarded(event, now, put)
    this.#options.exchange.settle(now)
    await this.#commit(key, { put, ...this.#sweep(now) })
  }

  /** A disk that refuses is asked again when the homeserver comes again; nothing is done a second time. */
  async #commit(key: string, change: MemoryChange): Promise<void> {
    this.#transactions.set(key, change)
    await this.#options.memory.commit(change)
    this.#transactions.set(key, 'done')
  }

  #sweep(now: number): Pick<MemoryChange, 'forget'> {
    if (now - this.#swept < sweepEvery) return {}
    this.#swept = now
    return { forget: Object.entries(remembered).map(([kind, age]) => ({ kind, before: now - age })) }
  }

  /** An event that breaks us is set aside: the others must not wait behind it. */
  #guarded(event: unknown, now: number, put: Memo[]): void {
    try {
      this.#event(event, now, put)
    } catch (fault) {
      this.#options.onFault(fault, 'an event of the homeserver')
      this.#quarantine(event, ['internal'], now, put)
    }
  }

  #event(event: unknown, now: number, put: Memo[]): void {
    if (!isObject(event)) return this.#quarantine(event, ['not an object'], now, put)
    const call = callEventType(event.type)
    const concerns = call !== null || roomEvents.has(event.type)
    if (!concerns) return
    const id = idOf(event)
    if (id !== '') {
      if (this.#events.has(id)) return this.#options.ignored('duplicate')
      this.#events.add(id)
      for (const oldest of this.#events) {
        if (this.#events.size <= most) break
        this.#events.delete(oldest)
      }
      // Whatever else comes again changes nothing; an invite would ring.
      if (call === 'm.call.invite') put.push({ kind: 'event', key: id, at: now, value: null })
    }
    if (call === null) return this.#roomEvent(event, now)
    const parsed = parseCallEvent(event)
    if (!parsed.ok)
      return this.#quarantine(
        event,
        parsed.faults.map(({ code, place }) => `${code} ${place}`),
        now,
        put,
      )
    const warned = this.#options.exchange.event(parsed.value, now)
    if (warned !== undefined) {
      put.push({ kind: 'tombstone', key: letterId(warned.room, warned.callId, warned.by.user), at: now, value: warned })
    }
  }

  #roomEvent(event: JsonObject, now: number): void {
    const { room_id: room, sender, state_key: user, content } = event
    if (typeof room !== 'string' || typeof sender !== 'string') return this.#options.ignored('malformed')
    if (event.type !== 'm.room.member') return this.#options.encrypted(room, sender)
    if (typeof user !== 'string' || !isObject(content)) return this.#options.ignored('malformed')
    const membership = typeof content.membership === 'string' ? content.membership : ''
    const change = this.#options.rooms.membership(room, user, membership, sender, content.is_direct === true)
    if (change === 'left') this.#options.exchange.left(room, user, now)
  }

  #quarantine(event: unknown, faults: readonly string[], now: number, put: Memo[]): void {
    this.#options.ignored('malformed')
    const id = idOf(event)
    const type = isObject(event) && typeof event.type === 'string' ? event.type.slice(0, 100) : ''
    put.push({ kind: 'quarantine', key: id || letterId(now, put.length), at: now, value: { type, faults } })
    this.#options.quarantined({ id, type, faults })
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function idOf(event: unknown): string {
  return isObject(event) && typeof event.event_id === 'string' ? event.event_id.slice(0, 300) : ''
}
