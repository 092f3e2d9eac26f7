import type { CallId } from '../call/call.ts'
import type { Reason } from '../call/input.ts'
import { Callers } from './callers.ts'
import type { SwitchboardOptions } from './options.ts'
import { Pace } from './pace.ts'
import type { Offer, Routing } from './ports.ts'

type AdmissionOptions = Pick<SwitchboardOptions, 'clock' | 'router' | 'onShed' | 'limits'>

/** The door for new calls: what the house itself cannot take is refused before any route is asked. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #pace: Pace
  readonly #callers: Callers
  #state: 'open' | 'draining' = 'open'

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#pace = new Pace(options.limits.callsPerSecond)
    this.#callers = new Callers(options.limits.callsPerCaller)
  }

  get draining(): boolean {
    return this.#state === 'draining'
  }

  drain(): void {
    this.#state = 'draining'
  }

  /** The call is forgotten: its caller may have another. */
  over(call: CallId): void {
    this.#callers.over(call)
  }

  /** @param live how many calls there are now. */
  admit(call: CallId, offer: Offer, live: number): Routing {
    const { limits, onShed, clock, router } = this.#options
    if (this.#state === 'draining') {
      onShed?.('draining')
      return refuse('shutdown', 'the server takes no new calls')
    }
    if (live >= limits.calls) {
      onShed?.('calls')
      return refuse('congestion', 'too many live calls')
    }
    if (!this.#pace.admits(clock.now())) {
      onShed?.('rate')
      return refuse('congestion', 'too many new calls a second')
    }
    if (!this.#callers.admits(offer)) {
      onShed?.('caller')
      return refuse('account-limit', 'too many live calls of this caller')
    }
    this.#callers.begin(call, offer)
    return router.route(offer)
  }
}

function refuse(cause: Reason['cause'], detail: string): Routing {
  return { type: 'refuse', reason: { cause, actor: 'platform', detail } }
}
