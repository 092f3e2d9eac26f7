import { firstLeg, legOf } from '../../call/call.ts'
import type { LegId } from '../../call/leg.ts'
import type { ResponseAction } from '../../dialects/chime/index.ts'
import type { CallControl } from '../../switchboard/ports.ts'
import type { Meetings } from './actions/meeting.ts'
import { echoed } from './echo.ts'
import { hangupData } from './event.ts'
import { lastWordsId } from './last-words.ts'
import { type Outcome, typeOf } from './list.ts'
import type { Means } from './means.ts'
import { Memory } from './memory.ts'
import { lives, slotsOf } from './participants.ts'
import { ActionRunner, type Running, type Told } from './runner.ts'
import { SurvivorWatch } from './survivor.ts'
import { Teller } from './teller.ts'
import { limitUnanswered } from './unanswered.ts'

/** What a transaction has to deal with, in the order in which it came. */
type Happening =
  | Readonly<{ type: 'begun' }>
  | Readonly<{ type: 'ringing' | 'answered' }>
  | Readonly<{ type: 'ended'; leg: LegId }>
  | Readonly<{ type: 'settled'; running: Running; outcome: Outcome }>
  | Readonly<{ type: 'update'; args: Readonly<Record<string, string>> }>
  | Readonly<{ type: 'digits'; leg: LegId; digits: string; one: ResponseAction }>

/**
 * One call of a SIP media application: everything that happens to it becomes an event for its function, one at a time, and
 * every answer steers the list of actions, which runs beside. Legs end by the heart alone; here it is only told.
 */
export class Transaction {
  readonly #control: CallControl
  readonly #means: Means
  readonly #memory: Memory
  readonly #actions: ActionRunner
  readonly #teller: Teller
  readonly #survivor: SurvivorWatch
  readonly #mailbox: Happening[] = []
  readonly #seen = new Set<LegId>()
  #wake: () => void = () => {}
  #rang = false

  constructor(control: CallControl, means: Means, meetings: Meetings) {
    this.#control = control
    this.#means = means
    this.#memory = new Memory(control)
    this.#survivor = new SurvivorWatch(control, means)
    this.#actions = new ActionRunner(control, means, meetings, this.#memory, {
      settled: (running, outcome) => this.#post({ type: 'settled', running, outcome }),
      joined: (leg) => {
        this.#memory.join(leg)
        this.#attend(leg)
      },
      digits: (leg, digits, one) => this.#post({ type: 'digits', leg, digits, one }),
      hangupWaits: () => this.#mailbox.some(({ type }) => type === 'ended'),
    })
    this.#teller = new Teller(control, means, this.#memory, this.#actions)
  }

  /** Runs until the call has ended and the function has heard of it. */
  async run(): Promise<void> {
    this.#post({ type: 'begun' })
    this.#attend(this.#control.call().first)
    while (!this.#over) {
      const happening = this.#take()
      if (happening !== undefined) {
        await this.#deal(happening)
        // A list that came in answer begins before anything else is told: no other answer takes its place.
        this.#actions.startFresh()
        continue
      }
      if (this.#actions.startNext()) continue
      this.#survivor.look(this.#memory.app, this.#actions.running !== undefined)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (this.#mailbox.length > 0) resolve()
      })
    }
    await this.#actions.close()
  }

  /** UpdateSipMediaApplicationCall. */
  update(args: Readonly<Record<string, string>>): void {
    this.#post({ type: 'update', args })
  }

  get #over(): boolean {
    const ended = this.#control.call().state.name === 'ended'
    return ended && this.#mailbox.length === 0 && this.#actions.running === undefined
  }

  get #outgoing(): boolean {
    return firstLeg(this.#control.call()).direction === 'out'
  }

  /** The next in turn; but no update goes before a hangup. */
  #take(): Happening | undefined {
    const waits = this.#mailbox.some(({ type }) => type === 'ended')
    const index = waits ? this.#mailbox.findIndex(({ type }) => type !== 'update') : 0
    return this.#mailbox.splice(index, 1)[0]
  }

  #post(happening: Happening): void {
    this.#mailbox.push(happening)
    this.#wake()
  }

  /** Follows a leg that the function knows, or will. */
  #attend(leg: LegId): void {
    this.#control.onLeg(leg, (event) => {
      if (event.type === 'ended') this.#ended(leg)
      else if (leg === this.#control.call().first && event.type !== 'early') this.#post({ type: event.type })
      else if (leg === this.#control.call().first) this.#post({ type: 'ringing' })
    })
    const state = legOf(this.#control.call(), leg)?.state.name
    if (state === 'ended') this.#ended(leg)
  }

  #ended(leg: LegId): void {
    if (this.#seen.has(leg)) return
    this.#seen.add(leg)
    this.#actions.unwatch(leg)
    if (this.#control.call().state.name === 'live')
      void this.#memory.change({ ended: [...this.#memory.app.ended, leg] })
    this.#post({ type: 'ended', leg })
  }

  async #deal(happening: Happening): Promise<void> {
    switch (happening.type) {
      case 'begun':
        return this.#begin()
      case 'ringing':
        if (this.#outgoing && !this.#rang) await this.#teller.tell('RINGING', this.#control.call().first)
        this.#rang = true
        return
      case 'answered':
        if (this.#outgoing) await this.#teller.tell('CALL_ANSWERED', this.#control.call().first)
        return
      case 'ended':
        return this.#hungUp(happening.leg)
      case 'settled':
        return this.#report(this.#actions.settle(happening.running, happening.outcome))
      case 'update':
        if (this.#control.call().state.name === 'ended') return
        return this.#updated(happening.args)
      case 'digits':
        // Nobody is left to act on, and the last HANGUPs do not wait for it.
        if (this.#control.call().state.name === 'ended') return
        return this.#digits(happening)
      default:
        return happening satisfies never
    }
  }

  async #begin(): Promise<void> {
    const first = firstLeg(this.#control.call())
    if (first.direction === 'out') {
      const { args } = this.#memory.app
      const data = { Type: 'CallCreateRequest', Parameters: { Arguments: args ?? {} } }
      await this.#teller.tell('NEW_OUTBOUND_CALL', first.id, args === undefined ? {} : { ActionData: data })
      return
    }
    if (!lives(first)) return
    this.#control.ring(first.id)
    limitUnanswered(this.#control, first.id, this.#means.limits.unanswered)
    await this.#teller.tell('NEW_INBOUND_CALL', first.id)
  }

  /** What was under way on a leg that went is told before its HANGUP, and shows it disconnected. */
  async #hungUp(leg: LegId): Promise<void> {
    await this.#report(await this.#actions.cutShort(leg))
    const began = this.#means.clock.now()
    const data = hangupData(this.#control.call(), this.#memory.app, leg)
    const heard = await this.#teller.tell('HANGUP', leg, { ActionData: data })
    void this.#memory.change({ toldOf: [...this.#memory.app.toldOf, leg] })
    if (this.#control.call().state.name === 'live') return
    // It is stored with the record, in case that the process dies before this line.
    const attempt = { at: began, milliseconds: this.#means.clock.now() - began, status: heard ? 200 : null }
    const id = lastWordsId(this.#control.id, leg)
    if (!heard) {
      const message = `the function was not told of the HANGUP of leg ${leg}; \`onhook replay ${id}\` tells it again`
      this.#means.warn({ code: 'chime.hangup-untold', place: 'chime', message, call: this.#control.id })
    }
    this.#means.brought(id, { ...attempt, error: heard ? null : 'function' }, heard ? 'delivered' : 'failed')
  }

  async #updated(args: Readonly<Record<string, string>>): Promise<void> {
    const { running, next } = this.#actions
    const data = { Type: 'CallUpdateRequest', Parameters: { Arguments: args } }
    await this.#teller.tell('CALL_UPDATE_REQUESTED', this.#control.call().first, { ActionData: data })
    // A list takes over at once: what runs is interrupted.
    if (running === undefined || running !== this.#actions.running || this.#actions.next === next) return
    await this.#report(await this.#actions.interrupt(running))
  }

  async #digits({ leg, digits, one }: Extract<Happening, { type: 'digits' }>): Promise<void> {
    const data = {
      Type: 'ReceiveDigits',
      ReceivedDigits: digits,
      Parameters: echoed(one, 'ReceiveDigits', { id: leg }),
    }
    await this.#teller.tell('DIGITS_RECEIVED', leg, { ActionData: data })
  }

  async #report(told: Told | undefined): Promise<void> {
    if (told === undefined) return
    const { report, one, leg, results } = told
    const call = this.#control.call()
    const type = typeOf(one)
    const tag = slotsOf(call, this.#memory.app).find((slot) => slot.leg.id === leg)?.tag
    const echo = echoed(one, type, leg === undefined ? undefined : { id: leg, ...(tag === undefined ? {} : { tag }) })
    await this.#teller.tell(report, leg ?? call.first, { ActionData: { Type: type, Parameters: echo, ...results } })
  }
}
