import { firstLeg, legOf } from '../../call/call.ts'
import type { Leg, LegId } from '../../call/leg.ts'
import type { FunctionResponse, HangupCode, OutgoingEvent, ResponseAction } from '../../dialects/chime/index.ts'
import type { CallControl } from '../../switchboard/ports.ts'
import { sleep } from '../sleep.ts'
import { CallRecordings } from './actions/call-recording.ts'
import { perform } from './actions/index.ts'
import type { Meetings } from './actions/meeting.ts'
import { invalid, type Stage } from './actions/stage.ts'
import { type ChimeApp, readApp } from './app.ts'
import { echoed } from './echo.ts'
import { composeEvent, hangupData } from './event.ts'
import { failureOf } from './failure.ts'
import { hangupReason } from './hangup.ts'
import { invoke } from './invoke.ts'
import { lastWordsId } from './last-words.ts'
import { emptyList, type List, type Outcome, replace, settle, start, typeOf } from './list.ts'
import type { Means } from './means.ts'
import { lives, slotsOf, target } from './participants.ts'
import { SurvivorWatch } from './survivor.ts'
import { limitUnanswered } from './unanswered.ts'

/** What a transaction has to deal with, in the order in which it came. */
type Happening =
  | Readonly<{ type: 'begun' }>
  | Readonly<{ type: 'ringing' | 'answered' }>
  | Readonly<{ type: 'ended'; leg: LegId }>
  | Readonly<{ type: 'settled'; running: Running; outcome: Outcome }>
  | Readonly<{ type: 'update'; args: Readonly<Record<string, string>> }>
  | Readonly<{ type: 'digits'; leg: LegId; digits: string; one: ResponseAction }>

type Running = Readonly<{
  one: ResponseAction
  leg: Leg | undefined
  interrupt: AbortController
  outcome: Promise<Outcome>
}>

type EventType = OutgoingEvent['InvocationEventType']

/** Answers to these are about calls that are not there to act on: whatever comes is harmless. */
const actionsIgnored: ReadonlySet<EventType> = new Set(['NEW_OUTBOUND_CALL', 'RINGING'])

/**
 * One call of a SIP media application: everything that happens to it becomes an event for its function, one at a time, and
 * every answer steers the list of actions, which runs beside. Legs end by the heart alone; here it is only told.
 */
export class Transaction {
  readonly #control: CallControl
  readonly #means: Means
  readonly #meetings: Meetings
  readonly #survivor: SurvivorWatch
  readonly #recordings = new CallRecordings()
  readonly #watching = new Map<LegId, () => void>()
  readonly #mailbox: Happening[] = []
  readonly #seen = new Set<LegId>()
  #wake: () => void = () => {}
  #app: ChimeApp
  #list: List = emptyList
  #running: Running | undefined
  /** The event that the list came in answer to: its leg is the default of an action that names none. */
  #origin: Readonly<{ type: EventType; leg: LegId }>
  #invocations = 0
  /** The last answer could not be used. */
  #trouble: 'none' | 'invalid' = 'none'

  constructor(control: CallControl, means: Means, meetings: Meetings) {
    this.#control = control
    this.#means = means
    this.#meetings = meetings
    this.#survivor = new SurvivorWatch(control, means)
    this.#app = readApp(control.call().app.data)
    this.#origin = { type: 'NEW_INBOUND_CALL', leg: control.call().first }
  }

  /** Runs until the call has ended and the function has heard of it. */
  async run(): Promise<void> {
    const first = firstLeg(this.#control.call())
    this.#post({ type: 'begun' })
    this.#attend(first.id)
    while (!this.#over) {
      const happening = this.#mailbox.shift()
      if (happening !== undefined) {
        await this.#deal(happening)
        continue
      }
      if (this.#startNext()) continue
      this.#survivor.look(this.#app, this.#running !== undefined)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (this.#mailbox.length > 0) resolve()
      })
    }
    for (const stop of this.#watching.values()) stop()
    await this.#recordings.delivered()
  }

  /** UpdateSipMediaApplicationCall. */
  update(args: Readonly<Record<string, string>>): void {
    this.#post({ type: 'update', args })
  }

  get #over(): boolean {
    return this.#control.call().state.name === 'ended' && this.#mailbox.length === 0 && this.#running === undefined
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
    this.#watching.get(leg)?.()
    this.#post({ type: 'ended', leg })
  }

  // -------------------------------------------------------------- what happens

  async #deal(happening: Happening): Promise<void> {
    switch (happening.type) {
      case 'begun':
        return this.#begin()
      case 'ringing':
        if (this.#outgoing && !this.#rang) await this.#tell('RINGING', this.#control.call().first)
        this.#rang = true
        return
      case 'answered':
        if (this.#outgoing) await this.#tell('CALL_ANSWERED', this.#control.call().first)
        return
      case 'ended':
        return this.#hungUp(happening.leg)
      case 'settled':
        return this.#settled(happening.running, happening.outcome)
      case 'update':
        if (this.#control.call().state.name === 'ended') return
        return this.#updated(happening.args)
      case 'digits':
        return this.#digits(happening)
      default:
        return happening satisfies never
    }
  }

  #rang = false

  get #outgoing(): boolean {
    return firstLeg(this.#control.call()).direction === 'out'
  }

  async #begin(): Promise<void> {
    const first = firstLeg(this.#control.call())
    if (first.direction === 'out') {
      const { args } = this.#app
      const data = { Type: 'CallCreateRequest', Parameters: { Arguments: args ?? {} } }
      await this.#tell('NEW_OUTBOUND_CALL', first.id, args === undefined ? {} : { ActionData: data })
      return
    }
    if (!lives(first)) return
    this.#control.ring(first.id)
    limitUnanswered(this.#control, first.id, this.#means.limits.unanswered)
    await this.#tell('NEW_INBOUND_CALL', first.id)
  }

  async #hungUp(leg: LegId): Promise<void> {
    await this.#actionFirst(leg)
    const began = this.#means.clock.now()
    const heard = await this.#tell('HANGUP', leg, { ActionData: hangupData(this.#control.call(), this.#app, leg) })
    this.#remember({ toldOf: [...this.#app.toldOf, leg] })
    if (this.#control.call().state.name === 'live') return
    // It is stored with the record, in case that the process dies before this line.
    const attempt = { at: began, milliseconds: this.#means.clock.now() - began, status: heard ? 200 : null }
    const id = lastWordsId(this.#control.id, leg)
    this.#means.brought(id, { ...attempt, error: heard ? null : 'function' }, heard ? 'delivered' : 'failed')
  }

  /** What was under way on a leg that went is told before its HANGUP, and shows it disconnected. */
  async #actionFirst(leg: LegId): Promise<void> {
    const running = this.#running
    if (running === undefined || running.leg?.id !== leg || typeOf(running.one) === 'Hangup') return
    running.interrupt.abort()
    await this.#settled(running, await this.#soon(running.outcome))
  }

  /** Neither a bucket nor a bot that hangs keeps a HANGUP from its function. */
  async #soon(outcome: Promise<Outcome>): Promise<Outcome> {
    const settled = new AbortController()
    const late: Outcome = { type: 'failed', error: 'SystemException', message: 'the call leg was disconnected' }
    const wait = sleep(this.#means.clock, this.#means.limits.attempt, settled.signal).then(() => late)
    return Promise.race([outcome, wait]).finally(() => settled.abort())
  }

  async #updated(args: Readonly<Record<string, string>>): Promise<void> {
    const running = this.#running
    const before = this.#list.next
    const data = { Type: 'CallUpdateRequest', Parameters: { Arguments: args } }
    await this.#tell('CALL_UPDATE_REQUESTED', this.#control.call().first, { ActionData: data })
    // A list takes over at once: what runs is interrupted.
    if (running !== undefined && running === this.#running && this.#list.next !== before) running.interrupt.abort()
  }

  async #digits({ leg, digits, one }: Extract<Happening, { type: 'digits' }>): Promise<void> {
    const data = {
      Type: 'ReceiveDigits',
      ReceivedDigits: digits,
      Parameters: echoed(one, 'ReceiveDigits', { id: leg }),
    }
    await this.#tell('DIGITS_RECEIVED', leg, { ActionData: data })
  }

  // -------------------------------------------------------------- actions

  /** Whether an action was begun. */
  #startNext(): boolean {
    if (this.#control.call().state.name === 'ended') {
      this.#list = emptyList
      return false
    }
    const list = start(this.#list)
    if (list === this.#list || list.running === null) return false
    this.#list = list
    this.#run(list.running)
    return true
  }

  #run(one: ResponseAction): void {
    const call = this.#control.call()
    const named = one.valid ? (one.action.Parameters as { CallId?: string; ParticipantTag?: string }) : {}
    const leg = target(call, this.#app, named, this.#origin.leg)
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
    void outcome.then((settled) => this.#post({ type: 'settled', running, outcome: settled }))
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
    return {
      control: this.#control,
      means: this.#means,
      leg,
      signal,
      recordings: this.#recordings,
      meetings: this.#meetings,
      joined: (other) => {
        this.#remember({ joined: [...this.#app.joined, other] })
        this.#attend(other)
      },
      received: (digits) => this.#post({ type: 'digits', leg: leg.id, digits, one }),
      watching: (id, stop) => {
        this.#watching.get(id)?.()
        this.#watching.set(id, stop)
      },
      other: () =>
        slotsOf(this.#control.call(), this.#app).find((slot) => slot.leg.id !== leg.id && lives(slot.leg))?.leg,
      warn: (code, message) => this.#warn(code, message),
    }
  }

  async #settled(running: Running, outcome: Outcome): Promise<void> {
    if (this.#running !== running) return
    this.#running = undefined
    const replaced = this.#list.next !== null
    const { list, report } = settle(this.#list, outcome)
    this.#list = list
    const silent = report === null || this.#unsaid(running)
    // A list that was given meanwhile does not wait for what the old one has to say: what a HANGUP is answered with
    // runs, whatever is answered to the ACTION_SUCCESSFUL of the Hangup.
    // A leg that has ended is told of before another can take its place.
    if (replaced && !this.#mailbox.some(({ type }) => type === 'ended')) this.#startNext()
    if (silent) return
    const { one, leg } = running
    const type = typeOf(one)
    const tag = slotsOf(this.#control.call(), this.#app).find((slot) => slot.leg.id === leg?.id)?.tag
    const echo = echoed(
      one,
      type,
      leg === undefined ? undefined : { id: leg.id, ...(tag === undefined ? {} : { tag }) },
    )
    const about = leg?.id ?? this.#control.call().first
    const results = 'results' in outcome ? outcome.results : {}
    const failure = outcome.type === 'failed' ? failureOf(type, outcome) : {}
    await this.#tell(report, about, { ActionData: { Type: type, Parameters: echo, ...failure, ...results } })
  }

  /** After the hangup of the last leg its HANGUP says it all, and nothing comes after the last HANGUP. */
  #unsaid({ one, leg }: Running): boolean {
    const { first } = this.#control.call()
    if ([first, ...this.#app.joined].every((known) => this.#app.toldOf.includes(known))) return true
    if (typeOf(one) !== 'Hangup' || leg === undefined) return false
    return !slotsOf(this.#control.call(), this.#app).some((slot) => lives(slot.leg))
  }

  // -------------------------------------------------------------- the function

  /** Whether the function has answered, whatever it said. */
  async #tell(type: EventType, leg: LegId, more: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
    const { limits } = this.#means
    if (++this.#invocations > limits.invocations) {
      this.#giveUp('app-failed', `more than ${limits.invocations} invocations`)
      // Its last legs are told of all the same: there are two at most.
      if (type !== 'HANGUP') return false
    }
    this.#remember({ sequence: this.#app.sequence + 1 })
    const event = composeEvent(type, this.#control.call(), this.#app, more)
    const [application] = this.#app.applications
    if (application === undefined) {
      this.#giveUp('app-unreachable', 'the call has no SIP media application')
      return false
    }
    const invoked = await invoke(application, event, this.#means, neverAborted)
    switch (invoked.type) {
      case 'answered':
        this.#trouble = 'none'
        this.#steer(type, leg, invoked.response)
        return true
      case 'invalid':
        await this.#unusable(type, leg, invoked.code, invoked.message)
        return true
      case 'unreachable':
        return this.#unreachable(type, leg, invoked.detail)
      case 'aborted':
        return false
    }
  }

  #steer(type: EventType, leg: LegId, { actions, attributes }: FunctionResponse): void {
    if (attributes.name === 'replace') this.#remember({ attributes: attributes.value })
    if (actionsIgnored.has(type)) return
    if (this.#control.call().state.name === 'ended') return
    if (actions.name === 'replace') {
      this.#list = replace(this.#list, actions.list)
      this.#origin = { type, leg }
    } else if (type === 'NEW_INBOUND_CALL') {
      this.#warn('chime.no-actions', 'the actions list is empty: the caller is not answered')
    }
  }

  /** Once it is told so; what comes next must be right. */
  async #unusable(type: EventType, leg: LegId, code: string, message: string): Promise<void> {
    if (this.#control.call().state.name === 'ended') return
    if (actionsIgnored.has(type)) return
    // Published handlers answer a HANGUP with `[]` or nothing.
    if (type === 'HANGUP' && (code === 'chime.response-empty' || code === 'chime.response-type')) return
    this.#warn('chime.response', message)
    if (this.#trouble === 'invalid') return this.#giveUp('app-invalid', message)
    this.#trouble = 'invalid'
    await this.#tell('INVALID_LAMBDA_RESPONSE', leg, {
      ErrorType: errorTypes[code] ?? 'InvalidLambdaResponse',
      ErrorMessage: message,
    })
  }

  async #unreachable(type: EventType, leg: LegId, detail: string): Promise<boolean> {
    const [tried, ...others] = this.#app.applications
    if (type === 'NEW_INBOUND_CALL' && others.length > 0 && this.#control.call().state.name === 'live') {
      this.#warn('chime.next-application', `application ${tried?.id} could not be invoked (${detail}); the next one is`)
      this.#remember({ applications: others, sequence: 0 })
      return this.#tell(type, leg)
    }
    this.#giveUp('app-unreachable', detail)
    return false
  }

  /** Every leg that lives hears 480 (guide, "Timeouts and retries"). */
  #giveUp(cause: 'app-unreachable' | 'app-invalid' | 'app-failed', detail: string): void {
    this.#list = emptyList
    this.#control.end({ cause, actor: 'platform', detail, codes: { platform: 480, sip: 480 } })
  }

  #remember(change: Partial<ChimeApp>): void {
    this.#app = { ...this.#app, ...change }
    this.#control.remember(this.#app)
  }

  #warn(code: string, message: string): void {
    this.#means.warn({ code, place: 'chime', message, call: this.#control.id })
  }
}

const neverAborted = new AbortController().signal

const errorTypes: Readonly<Record<string, string>> = {
  'chime.attributes-too-many': 'TransactionAttributesInvalidMapSize',
  'chime.attributes-too-large': 'TransactionAttributesInvalidMapSize',
}
