import type { Instant } from '../../../call/ending.ts'
import type { SendKind } from '../session/state.ts'

/** One event to be sent. Its id is the transaction id: sent twice, it is said once. */
export type Letter = Readonly<{
  id: string
  room: string
  /** The ghost that says it. */
  as: string
  /** `call_id`, or empty where it belongs to no call. */
  call: string
  kind: SendKind | 'notice'
  type: string
  content: Readonly<Record<string, unknown>>
  born: Instant
  /** The homeserver's name of an event that it holds and that says the same (MSC4140): it is asked to say that one. */
  held?: string
  /** The same, of an event that it may hold, or have said by itself: under our name of it. */
  heldAs?: string
}>

/** `uncertain`: an attempt may have arrived. */
export type Waiting = { readonly letter: Letter; attempt: 'none' | 'uncertain' }

/** What is said first: an ending waits for nothing but the word that it ends. */
const rank: Readonly<Record<Letter['kind'], number>> = {
  ending: 0,
  refusal: 0,
  select: 0,
  answer: 1,
  invite: 1,
  negotiate: 2,
  candidates: 3,
  notice: 4,
}

/** Has no meaning once its call is over. */
const dies: ReadonlySet<Letter['kind']> = new Set(['candidates', 'negotiate'])

/** How many ended calls of a room are remembered, so that what their media still finds is not sent. */
const endedLimit = 32

/** What becomes of letters that are not sent after all. */
export type Dropped = Readonly<{ letter: Letter; why: 'over' | 'never-left' }>

/**
 * What is to be said in one room, in the order in which it must be heard: one event is under way at a time. Pure but for
 * its own state.
 */
export class RoomQueue {
  #waiting: Waiting[] = []
  #flying: Waiting | undefined
  #ended: string[] = []

  get size(): number {
    return this.#waiting.length + (this.#flying === undefined ? 0 : 1)
  }

  /** When the oldest of them was put in. */
  get oldest(): Instant | undefined {
    let oldest = this.#flying?.letter.born
    for (const { letter } of this.#waiting) oldest = Math.min(oldest ?? letter.born, letter.born)
    return oldest
  }

  /** Puts one in. Returns what need not be sent any more, which may be the letter itself. */
  put(letter: Letter): Dropped[] {
    const { call, kind } = letter
    if (call !== '' && dies.has(kind) && this.#ended.includes(call)) return [{ letter, why: 'over' }]
    if (kind !== 'ending') {
      this.#waiting.push({ letter, attempt: 'none' })
      return []
    }
    this.#end(call)
    const dropped = this.#drop((each) => each.letter.call === call && dies.has(each.letter.kind), 'over')
    const invite = this.#waiting.find((each) => each.letter.call === call && each.letter.kind === 'invite')
    if (invite !== undefined) {
      const never = invite.attempt === 'none'
      dropped.push(...this.#drop((each) => each === invite, never ? 'never-left' : 'over'))
      // Nobody has heard of the call: its end is no news.
      if (never) return [...dropped, { letter, why: 'never-left' }]
    }
    this.#waiting.push({ letter, attempt: 'none' })
    return dropped
  }

  /** The far end has ended a call: what was to be said of it is of no use, unless it is the choice that its other devices wait for. */
  over(call: string): Dropped[] {
    this.#end(call)
    return this.#drop(
      ({ letter }) => letter.call === call && letter.kind !== 'select' && letter.kind !== 'ending',
      'over',
    )
  }

  #end(call: string): void {
    if (!this.#ended.includes(call)) this.#ended = [...this.#ended.slice(1 - endedLimit), call]
  }

  /** Whether nobody can have heard of a call of ours: its invite waits, and no attempt has been made. */
  unheard(call: string): boolean {
    return this.#waiting.some(
      ({ letter, attempt }) => letter.call === call && letter.kind === 'invite' && attempt === 'none',
    )
  }

  /** The next to be sent; undefined while one is under way, or none waits. */
  next(): Letter | undefined {
    if (this.#flying !== undefined) return undefined
    let best: Waiting | undefined
    for (const each of this.#waiting) {
      if (best === undefined || rank[each.letter.kind] < rank[best.letter.kind]) best = each
    }
    if (best === undefined) return undefined
    // Nothing of a call is said before the word that begins it.
    const { call } = best.letter
    const first = this.#waiting.find(
      ({ letter }) => letter.call === call && (letter.kind === 'invite' || letter.kind === 'answer'),
    )
    const chosen = call !== '' && first !== undefined ? first : best
    this.#waiting = this.#waiting.filter((each) => each !== chosen)
    this.#flying = chosen
    return chosen.letter
  }

  /** It was sent, or never will be. Returns what need not be sent because of that. */
  landed(letter: Letter, outcome: 'sent' | 'refused'): Dropped[] {
    this.#flying = undefined
    if (letter.kind !== 'invite' || outcome === 'sent') return []
    return this.#drop((each) => each.letter.call === letter.call, 'never-left')
  }

  /** It is to be tried again, unless its call has ended meanwhile. */
  returned(letter: Letter, arrived: 'no' | 'uncertain'): Dropped[] {
    const before = this.#flying?.attempt ?? 'none'
    this.#flying = undefined
    const attempt = arrived === 'uncertain' ? 'uncertain' : before
    const { call, kind } = letter
    if (call !== '' && this.#ended.includes(call)) {
      if (dies.has(kind)) return [{ letter, why: 'over' }]
      // Our own end of it needs the answer before it: whose answer it was not is not heard. Theirs does not.
      const ours = this.#waiting.some((each) => each.letter.call === call && each.letter.kind === 'ending')
      if (kind === 'answer' && !ours) return [{ letter, why: 'over' }]
      if (kind === 'invite') {
        if (attempt === 'uncertain') return [{ letter, why: 'over' }]
        const rest = this.#drop((each) => each.letter.call === call, 'never-left')
        return [{ letter, why: 'never-left' }, ...rest]
      }
    }
    this.#waiting.unshift({ letter, attempt })
    return []
  }

  /** Takes out what has waited too long. */
  expire(isOver: (letter: Letter) => boolean): Letter[] {
    return this.#drop((each) => isOver(each.letter), 'over').map(({ letter }) => letter)
  }

  #drop(which: (each: Waiting) => boolean, why: Dropped['why']): Dropped[] {
    const dropped = this.#waiting.filter(which)
    if (dropped.length > 0) this.#waiting = this.#waiting.filter((each) => !dropped.includes(each))
    return dropped.map(({ letter }) => ({ letter, why }))
  }
}
