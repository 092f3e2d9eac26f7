import { type Call, type CallId, legOf } from '../../call/call.ts'
import type { Notice } from '../../call/effect.ts'
import type { LegId } from '../../call/leg.ts'
import type { CallRecord } from '../../call/record.ts'
import type { Delivery, DeliverySeed, RetryPolicy } from '../../switchboard/ports.ts'
import { type ChimeApp, readApp } from './app.ts'
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
 *
 * @param numberBefore the number that a process before this one has told last
 */
export function lastWords(
  notice: Notice,
  call: Call,
  record: CallRecord | undefined,
  numberBefore: (call: CallId) => number,
): readonly DeliverySeed[] {
  if (notice.type !== 'call-ended' || record === undefined) return []
  const app = readApp(call.app.data)
  const [application] = app.applications
  if (application === undefined) return []
  const recovered = record.legs.some(({ ending }) => ending.cause === 'restarted')
  // The first event is on its way when the call is on disk, and its number comes there later.
  const told = recovered ? Math.max(1, app.sequence, numberBefore(call.id)) : app.sequence
  return numbered(call, app, told).map(({ leg, sequence }) =>
    seedOf(
      lastWordsId(call.id, leg),
      application.function,
      recovered ? {} : { after: lease },
      new Late(() => bodyOf(call, { ...app, sequence }, leg)),
    ),
  )
}

/** What the stored HANGUPs are to say from now on: a function was told more of a call that had ended. */
export function amendments(call: Call, app: ChimeApp): readonly Readonly<{ id: string; body: string }>[] {
  return numbered(call, app, app.sequence)
    .filter(({ leg }) => leg !== app.telling)
    .map(({ leg, sequence }) => ({ id: lastWordsId(call.id, leg), body: bodyOf(call, { ...app, sequence }, leg) }))
}

/**
 * The process died while a function was told more of a call that had ended, and before its stored HANGUPs were amended: they get the
 * numbers after that.
 *
 * @param pending deliveries of one call
 */
export function renumbered(
  pending: readonly Delivery[],
  told: number,
): readonly Readonly<{ id: string; body: string }>[] {
  const hangups = pending
    .filter(({ kind }) => kind === 'hangup')
    .map(({ id, body }) => ({ id, event: JSON.parse(body) as { Sequence: number } }))
  const behind = told + 1 - Math.min(...hangups.map(({ event }) => event.Sequence))
  if (hangups.length === 0 || behind <= 0) return []
  return hangups.map(({ id, event }) => ({
    id,
    body: JSON.stringify({ ...event, Sequence: event.Sequence + behind }),
  }))
}

/** Legs whose HANGUP is due, and their numbers: one that is being told keeps its own, the others follow as they ended. */
function numbered(call: Call, app: ChimeApp, told: number): readonly Readonly<{ leg: LegId; sequence: number }>[] {
  const place = (leg: LegId) => (app.ended.includes(leg) ? app.ended.indexOf(leg) : app.ended.length)
  const untold = [call.first, ...app.joined].filter(
    (leg) => legOf(call, leg) !== undefined && !app.toldOf.includes(leg),
  )
  const under = untold.filter((leg) => leg === app.telling).map((leg) => ({ leg, sequence: app.sequence }))
  const due = untold.filter((leg) => leg !== app.telling).sort((a, b) => place(a) - place(b))
  return [...under, ...due.map((leg, n) => ({ leg, sequence: told + 1 + n }))]
}

function bodyOf(call: Call, app: ChimeApp, leg: LegId): string {
  return JSON.stringify(composeEvent('HANGUP', call, app, { ActionData: hangupData(call, app, leg) }))
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
