import type { Instant } from '../../../call/ending.ts'
import type { Clock, Disarm, NetworkMemory } from '../../../switchboard/ports.ts'
import { heldAsk, holdAsk } from '../held-events.ts'
import { type Homeserver, type Reply, sayAsk } from '../homeserver.ts'
import { type Letter, RoomQueue } from './room-queue.ts'

/**
 * `sent`: the homeserver has it. `never-left`: its call ended before anybody could hear of it. `over`: of no use any more.
 * `refused`: the homeserver will not have it. `expired`: it could not be said in time.
 */
export type Outcome = 'sent' | 'never-left' | 'over' | 'refused' | 'expired'

export type Settled = (outcome: Outcome, detail: string) => void

export type OutboxOptions = Readonly<{
  homeserver: Homeserver
  clock: Clock
  memory: NetworkMemory
  onSettled(letter: Letter, outcome: Outcome, detail: string): void
  onFault(fault: unknown, doing: string): void
}>

const outbox = 'outbox'

/** Milliseconds for which a letter is worth sending. Who still talks to us hears of the end, however late. */
const patience: Readonly<Record<Letter['kind'], number>> = {
  invite: 60_000,
  answer: 60_000,
  candidates: 60_000,
  negotiate: 15_000,
  select: 60_000,
  refusal: 600_000,
  ending: 600_000,
  notice: 86_400_000,
}

/** Must be said even by the next life of this process. The rest dies with its call, which that life ends. */
const survives: ReadonlySet<Letter['kind']> = new Set(['ending', 'refusal', 'select', 'notice'])

const backoff = { first: 250, longest: 15_000 } as const

/**
 * Everything that is said in rooms. Nobody waits for it: a letter is put in, and what became of it is told later. A
 * homeserver that is away is tried again until it is back; one that limits us is obeyed.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #rooms = new Map<string, RoomQueue>()
  readonly #listeners = new Map<string, Settled>()
  readonly #known = new Set<string>()
  /** When a room, or (under `''`) the homeserver, may be tried again. */
  readonly #pauses = new Map<string, Disarm>()
  #wait: number = backoff.first
  #state: 'open' | 'closed' = 'open'

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Whether the homeserver answers, as far as the last attempt knows. */
  get reachable(): boolean {
    return !this.#pauses.has('')
  }

  get size(): number {
    return this.#known.size
  }

  /** Milliseconds that the oldest letter has waited. */
  lag(now: Instant): number {
    let oldest = now
    for (const queue of this.#rooms.values()) oldest = Math.min(oldest, queue.oldest ?? now)
    return now - oldest
  }

  /** Puts one in, and begins to send it within this turn. The same id twice is one letter. */
  put(letter: Letter, settled?: Settled): void {
    if (settled !== undefined) this.#listeners.set(letter.id, settled)
    if (this.#known.has(letter.id)) return
    this.#known.add(letter.id)
    let queue = this.#rooms.get(letter.room)
    if (queue === undefined) {
      queue = new RoomQueue()
      this.#rooms.set(letter.room, queue)
    }
    const dropped = queue.put(letter)
    const kept = !dropped.some((each) => each.letter === letter)
    if (kept && survives.has(letter.kind)) {
      this.#remember({ put: [{ kind: outbox, key: letter.id, at: letter.born, value: letter }] })
    }
    this.#pump(letter.room)
    for (const each of dropped) this.#settle(each.letter, each.why, '')
  }

  /** Whether nobody can have heard of a call of ours: the invite has not left. */
  unheard(room: string, call: string): boolean {
    return this.#rooms.get(room)?.unheard(call) ?? false
  }

  /** The far end has ended a call: nothing more is to be said of it. */
  over(room: string, call: string): void {
    for (const { letter, why } of this.#rooms.get(room)?.over(call) ?? []) this.#settle(letter, why, '')
  }

  /** What an earlier life had not said. */
  restore(letters: readonly Letter[], settled: (letter: Letter) => void): void {
    for (const letter of letters) this.put(letter, () => settled(letter))
  }

  #pump(room: string): void {
    const queue = this.#rooms.get(room)
    if (queue === undefined || this.#state === 'closed' || this.#pauses.has('') || this.#pauses.has(room)) return
    const now = this.#options.clock.now()
    for (const letter of queue.expire(({ kind, born }) => now - born > patience[kind])) {
      this.#settle(letter, 'expired', 'it could not be said in time')
    }
    const letter = queue.next()
    if (letter !== undefined) void this.#send(queue, letter)
    else if (queue.size === 0) this.#rooms.delete(room)
  }

  async #send(queue: RoomQueue, letter: Letter): Promise<void> {
    const { room } = letter
    const reply = await this.#say(letter)
    if (this.#state === 'closed') return
    switch (reply.result) {
      case 'ok':
      case 'refused': {
        this.#wait = backoff.first
        const outcome = reply.result === 'ok' ? 'sent' : 'refused'
        const dropped = queue.landed(letter, outcome)
        this.#settle(letter, outcome, reply.result === 'ok' ? '' : `${reply.status} ${reply.code}`)
        for (const each of dropped) this.#settle(each.letter, each.why, '')
        break
      }
      case 'limited':
        for (const each of queue.returned(letter, 'no')) this.#settle(each.letter, each.why, '')
        this.#pause(room, reply.after)
        break
      case 'away':
        for (const each of queue.returned(letter, reply.arrived)) this.#settle(each.letter, each.why, '')
        if (this.#pauses.has('')) break
        this.#pause('', this.#wait)
        this.#wait = Math.min(this.#wait * 2, backoff.longest)
        break
      default:
        reply satisfies never
    }
    this.#pump(room)
  }

  async #say(letter: Letter): Promise<Reply> {
    const { as, held, heldAs } = letter
    if (held !== undefined) return (await this.#sayHeld(held, as)) ?? this.#sayOurselves(letter)
    if (heldAs !== undefined) return (await this.#sayPerhapsHeld(letter, heldAs)) ?? this.#sayOurselves(letter)
    return this.#sayOurselves(letter)
  }

  #sayOurselves(letter: Letter): Promise<Reply> {
    return this.#options.homeserver.ask(sayAsk({ ...letter, txn: letter.id }))
  }

  /** @returns undefined if the homeserver will not. */
  async #sayHeld(held: string, as: string): Promise<Reply | undefined> {
    const reply = await this.#options.homeserver.ask(heldAsk(held, as, 'send'))
    if (reply.result !== 'refused') return reply
    // It has been said while we were away: said again, it would be said twice.
    return reply.status === 404 ? { result: 'ok', body: {} } : undefined
  }

  /** To have it held again under the same name gives the id of the one that was, or is, held; where there was none, there is now. */
  async #sayPerhapsHeld(letter: Letter, txn: string): Promise<Reply | undefined> {
    const reply = await this.#options.homeserver.ask(holdAsk({ ...letter, txn }))
    if (reply.result === 'refused') return undefined
    const delay = reply.result === 'ok' ? reply.body.delay_id : undefined
    // Without an id: it is away, or limits us, or knows of no delay and has said it.
    return typeof delay === 'string' ? this.#sayHeld(delay, letter.as) : reply
  }

  #pause(what: string, milliseconds: number): void {
    const { clock } = this.#options
    const disarm = clock.alarm(clock.now() + milliseconds, () => {
      this.#pauses.delete(what)
      for (const room of what === '' ? [...this.#rooms.keys()] : [what]) this.#pump(room)
    })
    this.#pauses.set(what, disarm)
  }

  #settle(letter: Letter, outcome: Outcome, detail: string): void {
    this.#known.delete(letter.id)
    if (survives.has(letter.kind)) this.#remember({ drop: [{ kind: outbox, key: letter.id }] })
    const listener = this.#listeners.get(letter.id)
    this.#listeners.delete(letter.id)
    try {
      this.#options.onSettled(letter, outcome, detail)
      listener?.(outcome, detail)
    } catch (fault) {
      // Whoever is told and fails at it does not keep the rest from being sent.
      this.#options.onFault(fault, 'telling what became of an event')
    }
  }

  #remember(change: Parameters<NetworkMemory['commit']>[0]): void {
    this.#options.memory.commit(change).catch((fault) => this.#options.onFault(fault, 'remembering what is to be sent'))
  }

  close(): void {
    this.#state = 'closed'
    for (const disarm of this.#pauses.values()) disarm()
    this.#pauses.clear()
  }
}
