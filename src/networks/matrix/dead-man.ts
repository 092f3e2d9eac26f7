import type { Clock, Disarm } from '../../switchboard/ports.ts'
import { fuse, heldAsk, holdAsk, listHeldAsk, readHeld } from './held-events.ts'
import type { Ask, Homeserver, Reply, Saying } from './homeserver.ts'
import { insist } from './insist.ts'

/** Milliseconds between two words from us. */
const heartbeat = 12_000

export type DeadMan = Readonly<{
  /** The homeserver's name of what it holds; undefined where there is nothing. */
  id(): string | undefined
  /** The call has its end: nothing of this will be said. */
  defuse(): void
}>

/**
 * A hangup, or a reject, that the homeserver holds and sends if we fall silent (MSC4140). Where it has no such thing, or is not set up
 * to allow it, it is not asked again for as long as we live.
 */
export class DeadMen {
  readonly #homeserver: Homeserver
  readonly #clock: Clock
  #support: 'unknown' | 'there' | 'none' = 'unknown'

  constructor(homeserver: Homeserver, clock: Clock) {
    this.#homeserver = homeserver
    this.#clock = clock
  }

  /**
   * A homeserver that does not know the delay would send the hangup at once: it must have said that it does. Older ones
   * say so among their versions, newer ones among what a user may do, with the longest delay.
   */
  async #supported(as: string): Promise<boolean> {
    if (this.#support !== 'unknown') return this.#support === 'there'
    const versions = await this.#homeserver.ask({ method: 'GET', path: '/_matrix/client/versions' })
    if (versions.result !== 'ok') return false
    const features = versions.body.unstable_features as Record<string, unknown> | undefined
    if (features?.['org.matrix.msc4140'] !== true) {
      const reply = await this.#homeserver.ask({ method: 'GET', path: '/_matrix/client/v3/capabilities', as })
      if (reply.result === 'away' || reply.result === 'limited') return false
      if (reply.result === 'refused' || longestDelay(reply.body) < fuse) {
        this.#support = 'none'
        return false
      }
    }
    this.#support = 'there'
    return true
  }

  set(hangup: Saying, held: () => void): DeadMan {
    let id: string | undefined
    let state: 'armed' | 'defused' = 'armed'
    const defused = () => state === 'defused'
    let disarm: Disarm | undefined
    const beat = () => {
      disarm = this.#clock.alarm(this.#clock.now() + heartbeat, () => {
        if (defused() || id === undefined) return
        void this.#homeserver.ask(heldAsk(id, hangup.as, 'restart')).then(({ result }) => {
          // Refused: the homeserver has it no longer.
          if (result !== 'refused' && !defused()) beat()
        })
      })
    }
    const arm = async () => {
      if (!(await this.#supported(hangup.as)) || defused()) return
      // What it is called must be known to take it back, also after the call's end.
      const ask = holdAsk(hangup)
      // An attempt that was limited was certainly not taken, but one before it may have been.
      let perhaps = false
      // For as long as it may matter: what was taken is said a fuse later.
      let until = this.#clock.now() + fuse
      const reply = await insist(this.#homeserver, this.#clock, ask, (failure, next) => {
        if (failure.result === 'away' && failure.arrived === 'uncertain') {
          perhaps = true
          until = this.#clock.now() + fuse
        }
        return next > until || (defused() && !perhaps)
      })
      if (reply.result === 'refused') this.#support = 'none'
      const delay = reply.result === 'ok' ? reply.body.delay_id : undefined
      if (typeof delay !== 'string') return
      id = delay
      if (defused()) return this.cancel(delay, hangup.as)
      held()
      beat()
    }
    void arm()
    return {
      id: () => id,
      defuse: () => {
        if (state === 'defused') return
        state = 'defused'
        disarm?.()
        if (id !== undefined) this.cancel(id, hangup.as)
      },
    }
  }

  /** Takes it back, also one that an earlier life left behind. Tried until it is done: said later, it would end a call that goes on. */
  cancel(id: string, as: string): void {
    void this.#insist(heldAsk(id, as, 'cancel'))
  }

  /** Takes back whatever an earlier life left for a call that has heard its ending. */
  async cancelAll(room: string, as: string, callId: string): Promise<void> {
    if (this.#support === 'none') return
    const reply = await this.#insist(listHeldAsk(as))
    if (reply.result !== 'ok') return
    for (const { room_id, content, delay_id } of readHeld(reply.body)) {
      if (room_id === room && content?.call_id === callId && typeof delay_id === 'string') this.cancel(delay_id, as)
    }
  }

  /** For as long as it may matter: after that it has been said. */
  #insist(ask: Ask): Promise<Reply> {
    const end = this.#clock.now() + fuse
    return insist(this.#homeserver, this.#clock, ask, (_, next) => next > end)
  }
}

/** Milliseconds; 0 where it holds nothing. */
function longestDelay(body: Record<string, unknown>): number {
  const capabilities = body.capabilities as Record<string, { max_delay_ms?: unknown } | undefined> | undefined
  const longest = capabilities?.['org.matrix.msc4140.delayed_events']?.max_delay_ms
  return typeof longest === 'number' ? longest : 0
}
