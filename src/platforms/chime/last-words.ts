import { type Call, legOf } from '../../call/call.ts'
import type { Notice } from '../../call/effect.ts'
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

/**
 * The HANGUPs that a crash kept from a function. A call that is found live after a restart has no script any more, so its events are
 * stored with its record, and delivered until the function has taken them.
 */
export function lastWords(notice: Notice, call: Call): readonly DeliverySeed[] {
  if (notice.type !== 'leg-ended' || notice.ending.cause !== 'restarted') return []
  const app = readApp(call.app.data)
  const [application] = app.applications
  const known = [call.first, ...app.joined].filter((leg) => legOf(call, leg)?.state.name === 'ended')
  if (application === undefined || !known.includes(notice.leg) || app.toldOf.includes(notice.leg)) return []
  // Legs are told of in their order, so the place in it is the number.
  const untold = [call.first, ...app.joined].filter((leg) => !app.toldOf.includes(leg))
  const sequence = app.sequence + 1 + untold.indexOf(notice.leg)
  const event = composeEvent('HANGUP', call, { ...app, sequence }, { ActionData: hangupData(call, app, notice.leg) })
  return [
    {
      id: `${call.id}:hangup:${notice.leg}`,
      kind: 'hangup',
      url: `function:${application.function}`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(event),
      policy,
    },
  ]
}
