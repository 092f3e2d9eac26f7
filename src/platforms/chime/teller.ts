import type { LegId } from '../../call/leg.ts'
import type { FunctionResponse, OutgoingEvent, ResponseAction } from '../../dialects/chime/index.ts'
import type { CallControl } from '../../switchboard/ports.ts'
import { composeEvent } from './event.ts'
import { type Invoked, invoke } from './invoke.ts'
import { amendments } from './last-words.ts'
import { typeOf } from './list.ts'
import type { Means } from './means.ts'
import type { Memory } from './memory.ts'

export type EventType = OutgoingEvent['InvocationEventType']

/** The event that a list of actions came in answer to: its leg is the default of an action that names none. */
export type Origin = Readonly<{ type: EventType; leg: LegId }>

/** Whom the function's answers steer. */
export interface Steered {
  replace(actions: readonly ResponseAction[], origin: Origin): void
  drop(): void
}

/** Answers to these are about calls that are not there to act on: whatever comes is harmless. */
const actionsIgnored: ReadonlySet<EventType> = new Set(['NEW_OUTBOUND_CALL', 'RINGING'])

const neverAborted = new AbortController().signal

const errorTypes: Readonly<Record<string, string>> = {
  'chime.attributes-too-many': 'TransactionAttributesInvalidMapSize',
  'chime.attributes-too-large': 'TransactionAttributesInvalidMapSize',
}

/** Tells the function of one call what happens, and hears its answer: one event at a time, as its owner calls. */
export class Teller {
  readonly #control: CallControl
  readonly #means: Means
  readonly #memory: Memory
  readonly #steered: Steered
  #invocations = 0
  /** The last answer could not be used. */
  #trouble: 'none' | 'invalid' = 'none'

  constructor(control: CallControl, means: Means, memory: Memory, steered: Steered) {
    this.#control = control
    this.#means = means
    this.#memory = memory
    this.#steered = steered
  }

  /** Whether the function has answered, whatever it said. */
  async tell(type: EventType, leg: LegId, more: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
    const { limits } = this.#means
    if (++this.#invocations > limits.invocations) {
      this.#giveUp('app-failed', `more than ${limits.invocations} invocations`)
      // Its last legs are told of all the same: there are two at most.
      if (type !== 'HANGUP') return false
    }
    if (this.#memory.joining !== undefined) await this.#memory.joining
    const number = this.#memory.app.sequence + 1
    void this.#memory.change(type === 'HANGUP' ? { sequence: number, telling: leg } : { sequence: number })
    // After a crash a HANGUP keeps its number, and none has that of what was told before.
    if (type !== 'HANGUP') this.#means.numbered(this.#control.id, number)
    const event = composeEvent(type, this.#control.call(), this.#memory.app, more)
    const [application] = this.#memory.app.applications
    if (application === undefined) {
      this.#giveUp('app-unreachable', 'the call has no SIP media application')
      return false
    }
    const began = this.#means.clock.now()
    const { sequence } = this.#memory.app
    const invoking = invoke(application, event, this.#means, neverAborted)
    if (type !== 'HANGUP') this.#amend()
    const invoked = await invoking
    const about = (more.ActionData as { Type?: string } | undefined)?.Type
    this.#means.handed?.({
      application: application.id,
      call: this.#control.id,
      sequence,
      event: type,
      leg,
      ...(about === undefined ? {} : { about }),
      answered: answeredWith(invoked),
      milliseconds: this.#means.clock.now() - began,
    })
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

  #warn(code: string, message: string): void {
    this.#means.warn({ code, place: 'chime', message, call: this.#control.id })
  }

  #steer(type: EventType, leg: LegId, { actions, attributes }: FunctionResponse): void {
    if (attributes.name === 'replace') {
      void this.#memory.change({ attributes: attributes.value })
      this.#amend()
    }
    if (actionsIgnored.has(type)) return
    if (this.#control.call().state.name === 'ended') return
    if (actions.name === 'replace') this.#steered.replace(actions.list, { type, leg })
    else if (type === 'NEW_INBOUND_CALL') {
      this.#warn('chime.no-actions', 'the actions list is empty: the caller is not answered')
    }
  }

  /** HANGUPs are stored when the call ends. What is told after that has a number too, and its answer may set attributes. */
  #amend(): void {
    if (this.#control.call().state.name !== 'ended') return
    for (const { id, body } of amendments(this.#control.call(), this.#memory.app)) this.#means.amended(id, body)
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
    await this.tell('INVALID_LAMBDA_RESPONSE', leg, {
      ErrorType: errorTypes[code] ?? 'InvalidLambdaResponse',
      ErrorMessage: message,
    })
  }

  async #unreachable(type: EventType, leg: LegId, detail: string): Promise<boolean> {
    const [tried, ...others] = this.#memory.app.applications
    if (type === 'NEW_INBOUND_CALL' && others.length > 0 && this.#control.call().state.name === 'live') {
      this.#warn('chime.next-application', `application ${tried?.id} could not be invoked (${detail}); the next one is`)
      void this.#memory.change({ applications: others, sequence: 0 })
      return this.tell(type, leg)
    }
    this.#giveUp('app-unreachable', detail)
    return false
  }

  /** Every leg that lives hears 480 (guide, "Timeouts and retries"). */
  #giveUp(cause: 'app-unreachable' | 'app-invalid' | 'app-failed', detail: string): void {
    this.#steered.drop()
    this.#control.end({ cause, actor: 'platform', detail, codes: { platform: 480, sip: 480 } })
  }
}

function answeredWith(invoked: Invoked): string {
  if (invoked.type !== 'answered') return invoked.type
  const { actions } = invoked.response
  return actions.name === 'replace' ? actions.list.map(typeOf).join(' ') : actions.name
}
