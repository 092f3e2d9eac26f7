import type { Clock, Disarm } from '../../switchboard/ports.ts'
import { type Ask, type Homeserver, part, type Reply } from './homeserver.ts'
import { insist } from './insist.ts'

/** Milliseconds: after so long without a word from us the homeserver says our hangup itself; we speak up this often. */
const fuse = 45_000
const heartbeat = 12_000

const manage = '/_matrix/client/unstable/org.matrix.msc4140/delayed_events'

/** Where a held event is managed: `restart`, `cancel` or `send` in the body's `action`. 404: it was sent, or taken back. */
export const heldEventPath = (id: string): string => `${manage}/${part(id)}`

/** An event that the homeserver holds, by the homeserver's name of it. */
export type Held = Readonly<{ id: string; type: EndingType }>

/** One that it may hold, or may have held and said, by our name of it. */
export type MaybeHeld = Readonly<{ txn: string; type: EndingType }>

type ToHold = Readonly<{ room: string; as: string; txn: string; type: string; content: unknown }>

/** Has it hold an event. The same name each time: it is held once, also if the one before us asked, and is told by its id. */
export const holdAsk = ({ room, as, txn, type, content }: ToHold): Ask => ({
  method: 'PUT',
  path: `/_matrix/client/v3/rooms/${part(room)}/send/${part(type)}/${part(txn)}`,
  query: { 'org.matrix.msc4140.delay': String(fuse) },
  as,
  body: content,
})

/** Who has not answered yet refuses, since clients ignore a hangup of somebody whom they have not chosen. */
export type EndingType = 'm.call.hangup' | 'm.call.reject'

export type DeadMan = Readonly<{
  /** What the homeserver holds; undefined where there is nothing. */
  held(): Held | undefined
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

  set(
    hangup: Readonly<{ room: string; as: string; txn: string; type: EndingType; content: unknown }>,
    held: () => void,
  ): DeadMan {
    let id: string | undefined
    let state: 'armed' | 'defused' = 'armed'
    const defused = () => state === 'defused'
    let disarm: Disarm | undefined
    const beat = () => {
      disarm = this.#clock.alarm(this.#clock.now() + heartbeat, () => {
        if (defused() || id === undefined) return
        void this.#homeserver.ask(manageAsk(id, hangup.as, 'restart')).then(({ result }) => {
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
      held: () => (id === undefined ? undefined : { id, type: hangup.type }),
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
    void this.#insist(manageAsk(id, as, 'cancel'))
  }

  /**
   * Takes back what an earlier life left for a call and did not know of yet when it died: the homeserver's answer had not come, or
   * was not on disk.
   *
   * @param known its name of what that life did know of: it stays.
   */
  async cancelUnknown(room: string, as: string, callId: string, known: string | undefined): Promise<void> {
    if (this.#support === 'none') return
    const reply = await this.#insist({ method: 'GET', path: manage, as })
    if (reply.result !== 'ok') return
    for (const held of heldEvents(reply.body)) {
      if (held.room_id !== room || held.content?.call_id !== callId || held.delay_id === known) continue
      if (typeof held.delay_id === 'string') this.cancel(held.delay_id, as)
    }
  }

  /** For as long as it may matter: after that it has been said. */
  #insist(ask: Ask): Promise<Reply> {
    const end = this.#clock.now() + fuse
    return insist(this.#homeserver, this.#clock, ask, (_, next) => next > end)
  }
}

const manageAsk = (id: string, as: string, action: 'restart' | 'cancel'): Ask => ({
  method: 'POST',
  path: heldEventPath(id),
  as,
  body: { action },
})

type HeldEvent = { delay_id?: unknown; room_id?: unknown; content?: { call_id?: unknown } }

/** Synapse lists them as `delayed_events`; the proposal's later text as `scheduled`. */
function heldEvents(body: Record<string, unknown>): HeldEvent[] {
  return [body.delayed_events, body.scheduled].flatMap((each) => (Array.isArray(each) ? each : []))
}

/** Milliseconds; 0 where it holds nothing. */
function longestDelay(body: Record<string, unknown>): number {
  const capabilities = body.capabilities as Record<string, { max_delay_ms?: unknown } | undefined> | undefined
  const longest = capabilities?.['org.matrix.msc4140.delayed_events']?.max_delay_ms
  return typeof longest === 'number' ? longest : 0
}
