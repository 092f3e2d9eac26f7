import type { Leg, LegId } from '../../call/leg.ts'
import type { HangupCode, ResponseAction } from '../../dialects/chime/index.ts'
import type { CallControl } from '../../switchboard/ports.ts'
import { sleep } from '../sleep.ts'
import { CallRecordings } from './actions/call-recording.ts'
import { perform } from './actions/index.ts'
import type { Meetings } from './actions/meeting.ts'
import { invalid, type Stage } from './actions/stage.ts'
import { failureOf } from './failure.ts'
import { hangupReason } from './hangup.ts'
import { emptyList, type List, type Outcome, type Report, replace, settle, start, typeOf } from './list.ts'
import type { Means } from './means.ts'
import type { Memory } from './memory.ts'
import { lives, slotsOf, target } from './participants.ts'
import type { Origin, Steered } from './teller.ts'

/** An action under way. */
export type Running = Readonly<{
  one: ResponseAction
  leg: Leg | undefined
  interrupt: AbortController
  outcome: Promise<Outcome>
}>

/** What is to be told of an action. */
export type Told = Readonly<{
  report: Exclude<Report, null>
  one: ResponseAction
  leg: LegId | undefined
  results: Readonly<Record<string, unknown>>
}>

/** What the runner needs of its transaction. */
export type Owner = Readonly<{
  settled(running: Running, outcome: Outcome): void
  /** A leg that the function is told of from now on. */
  joined(leg: LegId): void
  digits(leg: LegId, digits: string, one: ResponseAction): void
  /** A leg has ended that the function has not been told of. */
  hangupWaits(): boolean
}>

/** Made once: an exception made at a leg's end notes its whole stack before the function hears of it. */
const cut = new DOMException('the leg of the action has gone', 'AbortError')

/** Works off the list of actions of one call: one runs at a time, each on its leg. */
export class ActionRunner implements Steered {
  readonly #control: CallControl
  readonly #means: Means
  readonly #meetings: Meetings
  readonly #memory: Memory
  readonly #owner: Owner
  readonly #recordings = new CallRecordings()
  readonly #watching = new Map<LegId, () => void>()
  #list: List = emptyList
  #running: Running | undefined
  #origin: Origin
  /** The list has been replaced, and nothing of the new one has begun. */
  #fresh = false

  constructor(control: CallControl, means: Means, meetings: Meetings, memory: Memory, owner: Owner) {
    this.#control = control
    this.#means = means
    this.#meetings = meetings
    this.#memory = memory
    this.#owner = owner
    this.#origin = { type: 'NEW_INBOUND_CALL', leg: control.call().first }
  }

  get running(): Running | undefined {
    return this.#running
  }

  /** What replaces the list once the running action is done: another one, if another list came meanwhile. */
  get next(): List['next'] {
    return this.#list.next
  }

  replace(actions: readonly ResponseAction[], origin: Origin): void {
    this.#list = replace(this.#list, actions)
    this.#fresh = true
    this.#origin = origin
  }

  drop(): void {
    this.#list = emptyList
  }

  /** Nobody listens for keys on that leg any more. */
  unwatch(leg: LegId): void {
    this.#watching.get(leg)?.()
  }

  /** The call is over. Resolves when its recordings are in their buckets. */
  close(): Promise<void> {
    for (const stop of this.#watching.values()) stop()
    return this.#recordings.delivered()
  }

  /** Whether an action was begun. */
  startNext(): boolean {
    if (this.#control.call().state.name === 'ended') {
      this.#list = emptyList
      return false
    }
    const list = start(this.#list)
    if (list === this.#list || list.running === null) return false
    this.#list = list
    this.#fresh = false
    this.#run(list.running)
    return true
  }

  /** A list that was given just now begins, unless something runs, or a leg that has ended is to be told of first. */
  startFresh(): void {
    if (this.#fresh && this.#running === undefined && !this.#owner.hangupWaits()) this.startNext()
  }

  /** An action is over: what there is to tell of it, if anything. */
  settle(running: Running, outcome: Outcome): Told | undefined {
    if (this.#running !== running) return undefined
    this.#running = undefined
    const replaced = this.#list.next !== null
    const { list, report } = settle(this.#list, outcome)
    this.#list = list
    const silent = report === null || this.#unsaid(running)
    // A list that was given meanwhile does not wait for what the old one has to say: what a HANGUP is answered with
    // runs, whatever is answered to the ACTION_SUCCESSFUL of the Hangup.
    // A leg that has ended is told of before another can take its place.
    if (replaced && !this.#owner.hangupWaits()) this.startNext()
    if (silent) return undefined
    const { one, leg } = running
    const results = 'results' in outcome ? outcome.results : {}
    const failure = outcome.type === 'failed' ? failureOf(typeOf(one), outcome) : {}
    return { report, one, leg: leg?.id, results: { ...failure, ...results } }
  }

  /** Ends what runs on a leg that went. Neither a bucket nor a bot that hangs keeps a HANGUP from its function. */
  async cutShort(leg: LegId): Promise<Told | undefined> {
    const running = this.#running
    if (running === undefined || running.leg?.id !== leg || typeOf(running.one) === 'Hangup') return undefined
    running.interrupt.abort(cut)
    const late: Outcome = { type: 'failed', error: 'SystemException', message: 'the call leg was disconnected' }
    return this.settle(running, (await this.#outcomeOf(running)) ?? late)
  }

  /** Ends what runs, for the list of an update. What cannot be interrupted goes on, and the list waits for its end. */
  async interrupt(running: Running): Promise<Told | undefined> {
    running.interrupt.abort()
    const outcome = await this.#outcomeOf(running, this.#control.ended)
    return outcome === undefined ? undefined : this.settle(running, outcome)
  }

  /** Undefined if it does not come in time, or something else comes first. */
  async #outcomeOf(running: Running, ...others: readonly Promise<unknown>[]): Promise<Outcome | undefined> {
    const settled = new AbortController()
    const late = sleep(this.#means.clock, this.#means.limits.attempt, settled.signal)
    const none = Promise.race([...others, late]).then(() => undefined)
    return Promise.race([running.outcome, none]).finally(() => settled.abort(cut))
  }

  #run(one: ResponseAction): void {
    const named = one.valid ? (one.action.Parameters as { CallId?: string; ParticipantTag?: string }) : {}
    const leg = target(this.#control.call(), this.#memory.app, named, this.#origin.leg)
    const interrupt = new AbortController()
    const outcome = this.#outcome(one, leg, interrupt).catch(
      (error: unknown): Outcome => ({
        type: 'failed',
        error: 'SystemException',
        message: error instanceof Error ? error.message : String(error),
      }),
    )
    const running: Running = { one, leg, interrupt, outcome }
    this.#running = running
    void outcome.then((settled) => this.#owner.settled(running, settled))
  }

  async #outcome(one: ResponseAction, leg: Leg | undefined, interrupt: AbortController): Promise<Outcome> {
    if (!one.valid) {
      const [fault] = one.faults
      const missing = fault?.code === 'chime.missing'
      return {
        type: 'failed',
        error: missing ? 'MissingRequiredActionParameter' : 'InvalidActionParameter',
        message: one.faults
          .map(({ place, message }) => `${place.replace(/^.*Parameters\.?/, '')}: ${message}`)
          .join('; '),
      }
    }
    if (leg === undefined) return invalid('CallId or ParticipantTag parameter for action is invalid')
    const { action } = one
    if (action.Type === 'Hangup') {
      const code = (action.Parameters.SipResponseCode ?? 0) as HangupCode
      if (lives(leg)) this.#hangUp(code, leg)
      return { type: 'done' }
    }
    if (!lives(leg)) return invalid('the call leg is disconnected')
    const signal = AbortSignal.any([interrupt.signal, this.#control.legSignal(leg.id)])
    return perform(action, this.#stage(one, leg, signal))
  }

  #hangUp(code: HangupCode, leg: Leg): void {
    const reason = hangupReason(code, leg, this.#means.hangupStatus)
    const updated = this.#origin.type === 'CALL_UPDATE_REQUESTED'
    this.#control.end(updated ? { ...reason, detail: `${reason.detail}, in answer to an update` } : reason, leg.id)
  }

  #stage(one: ResponseAction, leg: Leg, signal: AbortSignal): Stage {
    const control = this.#control
    return {
      control,
      means: this.#means,
      leg,
      signal,
      recordings: this.#recordings,
      meetings: this.#meetings,
      joined: (other) => this.#owner.joined(other),
      received: (digits) => this.#owner.digits(leg.id, digits, one),
      watching: (id, stop) => {
        this.#watching.get(id)?.()
        this.#watching.set(id, stop)
      },
      other: () =>
        slotsOf(control.call(), this.#memory.app).find((slot) => slot.leg.id !== leg.id && lives(slot.leg))?.leg,
      warn: (code, message) => this.#means.warn({ code, place: 'chime', message, call: control.id }),
    }
  }

  /** After the hangup of the last leg its HANGUP says it all, and nothing comes after the last HANGUP. */
  #unsaid({ one, leg }: Running): boolean {
    const { app } = this.#memory
    if ([this.#control.call().first, ...app.joined].every((known) => app.toldOf.includes(known))) return true
    if (typeOf(one) !== 'Hangup' || leg === undefined) return false
    return !slotsOf(this.#control.call(), app).some((slot) => lives(slot.leg))
  }
}
