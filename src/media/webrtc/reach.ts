import type { PeerState } from '../face.ts'
import type { IceState } from './ice.ts'

/** Milliseconds without a sign of life until the far end counts as out of reach; consent is asked for every 5 s. */
export const quiet = 8000
/** Milliseconds from the far end's goodbye in DTLS to `failed`: the signalling shall have its say first. */
export const grace = 10_000

export type Ways = Readonly<{
  /** The way that is used, and the one that a restart is looking for. */
  agent: IceState | null
  next: IceState | null
  keys: 'none' | 'agreed'
}>

type Association = { name: 'sound' } | { name: 'failed' } | { name: 'left'; at: number }

/** What ICE, DTLS and silence together mean. Pure: time comes from outside, in monotonic milliseconds. */
export class Reach {
  #association: Association = { name: 'sound' }
  #aliveAt = 0
  #answers = 0

  /** A new association is begun. */
  begin(): void {
    this.#association = { name: 'sound' }
  }

  get isBroken(): boolean {
    return this.#association.name !== 'sound'
  }

  /** DTLS failed, or the far end said goodbye in it. */
  broke(how: 'failed' | 'left', at: number): void {
    this.#association = how === 'left' ? { name: 'left', at } : { name: 'failed' }
  }

  /** Something came that only the far end can have sent. */
  alive(at: number): void {
    this.#aliveAt = at
  }

  /** @param answers to ICE's questions so far. */
  answered(answers: number, at: number): void {
    if (answers !== this.#answers) this.#aliveAt = at
    this.#answers = answers
  }

  /** null: nothing new, or still under way. */
  judge({ agent, next, keys }: Ways, at: number): PeerState | null {
    if (this.#association.name === 'failed') return 'failed'
    if (agent === null || agent === 'new' || agent === 'checking') return null
    if (agent === 'failed') return next === 'checking' ? null : 'failed'
    if (this.#association.name === 'left') return at - this.#association.at >= grace ? 'failed' : 'disconnected'
    if (keys === 'none') return null
    return at - this.#aliveAt >= quiet ? 'disconnected' : 'connected'
  }
}
