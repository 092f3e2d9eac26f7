import { type Call, legOf } from '../call/call.ts'
import type { Notice } from '../call/effect.ts'
import type { Ending } from '../call/ending.ts'
import type { LegId } from '../call/leg.ts'
import type { LegEvent } from './ports.ts'

export type LegListener = (event: LegEvent) => void

/** Those who wait for what becomes of a call: its script, and whoever dialled a leg. Nothing is made before it is asked for. */
export class Waiters {
  readonly #live: Readonly<{ call: Call }>
  readonly #guard: (code: () => void) => void
  #abort: AbortController | undefined
  #over: PromiseWithResolvers<Ending> | undefined
  #legAborts: Map<LegId, AbortController> | undefined
  #listeners: Map<LegId, Set<LegListener>> | undefined

  constructor(live: Readonly<{ call: Call }>, guard: (code: () => void) => void) {
    this.#live = live
    this.#guard = guard
  }

  get signal(): AbortSignal {
    this.#abort ??= abortedIf(this.#ending())
    return this.#abort.signal
  }

  get ended(): Promise<Ending> {
    if (this.#over === undefined) {
      this.#over = Promise.withResolvers<Ending>()
      const ending = this.#ending()
      if (ending !== undefined) this.#over.resolve(ending)
    }
    return this.#over.promise
  }

  legSignal(id: LegId): AbortSignal {
    this.#legAborts ??= new Map()
    let abort = this.#legAborts.get(id)
    if (abort === undefined) {
      const state = legOf(this.#live.call, id)?.state
      abort = abortedIf(state?.name === 'ended' ? state.ending : undefined)
      this.#legAborts.set(id, abort)
    }
    return abort.signal
  }

  onLeg(leg: LegId, listener: LegListener): () => void {
    this.#listeners ??= new Map()
    const listeners = this.#listeners.get(leg) ?? new Set()
    this.#listeners.set(leg, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  hear(notice: Notice): void {
    switch (notice.type) {
      case 'leg-ringing':
        return this.#emit(notice.leg, { type: 'ringing' })
      case 'leg-early':
        return this.#emit(notice.leg, { type: 'early' })
      case 'leg-answered':
        return this.#emit(notice.leg, { type: 'answered' })
      case 'leg-ended': {
        this.#legAborts?.get(notice.leg)?.abort(notice.ending)
        const leg = legOf(this.#live.call, notice.leg)
        return leg === undefined ? undefined : this.#emit(notice.leg, { type: 'ended', leg })
      }
      case 'call-ended':
        this.#abort?.abort(notice.ending)
        this.#over?.resolve(notice.ending)
        return
      case 'leg-added':
      case 'branch-ended':
        return
      default:
        return notice satisfies never
    }
  }

  #emit(leg: LegId, event: LegEvent): void {
    const listeners = this.#listeners?.get(leg)
    if (listeners === undefined) return
    for (const listener of [...listeners]) this.#guard(() => listener(event))
  }

  #ending(): Ending | undefined {
    const { state } = this.#live.call
    return state.name === 'ended' ? state.ending : undefined
  }
}

function abortedIf(ending: Ending | undefined): AbortController {
  const abort = new AbortController()
  if (ending !== undefined) abort.abort(ending)
  return abort
}
