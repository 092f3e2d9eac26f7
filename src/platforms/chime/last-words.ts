import { type Call, legOf } from '../../call/call.ts'
import type { Notice } from '../../call/effect.ts'
import type { LegId } from '../../call/leg.ts'
import type { CallRecord } from '../../call/record.ts'
import type { DeliverySeed, RetryPolicy } from '../../switchboard/ports.ts'
import { readApp } from './app.ts'
import { composeEvent, hangupData } from './event.ts'

/** As often and as long as a function that is being redeployed may need. */
const policy: RetryPolicy = {
  connectTimeout: 5_000,
  readTimeout: 20_000,
  totalTimeout: 20_000,
  backoff: [1_000, 5_000, 30_000, 300_000],
  retryOn: ['connect', 'read', '5xx'],
}

/** Milliseconds that the script has to bring them itself: invocations that are under way, and those of the last legs. */
const lease = 120_000

/** The delivery that holds the HANGUP of a leg. */
export function lastWordsId(call: string, leg: LegId): string {
  return `${call}:hangup:${leg}`
}

/**
 * The HANGUPs that the function has not had when a call ends. They are stored with the record, so that no crash can lose them: as
 * long as the process lives the script brings them, in their turn; a call that was found live after a restart has no script
 * any more, so theirs go out at once.
 */
export function lastWords(notice: Notice, call: Call, record: CallRecord | undefined): readonly DeliverySeed[] {
  if (notice.type !== 'call-ended' || record === undefined) return []
  const app = readApp(call.app.data)
  const [application] = app.applications
  if (application === undefined) return []
  const recovered = record.legs.some(({ ending }) => ending.cause === 'restarted')
  const untold = [call.first, ...app.joined].filter(
    (leg) => legOf(call, leg) !== undefined && !app.toldOf.includes(leg),
  )
  return untold.map((leg, n) =>
    seedOf(
      lastWordsId(call.id, leg),
      application.function,
      recovered ? {} : { after: lease },
      new Late(() => {
        const then = { ...app, sequence: app.sequence + 1 + n }
        return JSON.stringify(composeEvent('HANGUP', call, then, { ActionData: hangupData(call, app, leg) }))
      }),
    ),
  )
}

function seedOf(id: string, name: string, when: Pick<DeliverySeed, 'after'>, event: Late): DeliverySeed {
  return {
    id,
    kind: 'hangup',
    url: `function:${name}`,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    get body() {
      return event.text
    },
    policy,
    ...when,
  }
}

/** Composed when it is written down, once: the script, which tells the function the same at once, does not wait for it. */
class Late {
  #compose: (() => string) | undefined
  #text = ''

  constructor(compose: () => string) {
    this.#compose = compose
  }

  get text(): string {
    if (this.#compose !== undefined) {
      this.#text = this.#compose()
      // What it was composed from is no longer needed.
      this.#compose = undefined
    }
    return this.#text
  }
}
