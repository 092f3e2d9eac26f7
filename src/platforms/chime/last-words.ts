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
  return untold.map((leg, n) => {
    const event = composeEvent(
      'HANGUP',
      call,
      { ...app, sequence: app.sequence + 1 + n },
      { ActionData: hangupData(call, app, leg) },
    )
    return {
      id: lastWordsId(call.id, leg),
      kind: 'hangup',
      url: `function:${application.function}`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(event),
      policy,
      ...(recovered ? {} : { after: lease }),
    }
  })
}
