/** Values as the heart would make them. */
import type { Call } from '../../src/call/call.ts'
import type { Ending } from '../../src/call/ending.ts'
import type { Leg } from '../../src/call/leg.ts'
import type { CallRecord, LegRecord } from '../../src/call/record.ts'
import type { Timer } from '../../src/call/timer.ts'
import type { Delivery, LiveRow } from '../../src/switchboard/ports.ts'

/** With a fraction, as a monotonic clock has. */
export const t0 = 1_790_000_000_000.125

export function ending(over: Partial<Ending> = {}): Ending {
  return { cause: 'hangup', actor: 'caller', phase: 'answered', at: t0 + 1000, ...over }
}

function leg(id: string): Leg {
  return {
    id: `${id}-a`,
    role: 'caller',
    direction: 'in',
    network: 'sip',
    from: '+14155550100',
    to: '+14155550199',
    state: { name: 'answered', at: t0 + 500, ack: 'seen' },
    times: { began: t0, answered: t0 + 500 },
    branches: [],
    ids: { 'call-id': `${id}@there` },
    late: [],
  }
}

export function liveRow(id: string, over: Partial<Call> = {}): LiveRow {
  const call: Call = {
    id,
    began: t0,
    state: { name: 'live' },
    app: { platform: 'vobiz', data: { answer: 'http://app.test/answer' } },
    first: `${id}-a`,
    legs: [leg(id)],
    bridges: [],
    timers: [],
    ...over,
  }
  return { call, wires: [{ leg: `${id}-a`, wire: { tag: 'näme', seq: 1 } }] }
}

export function timer(id: string, due: number): Timer {
  return { id, due, cause: 'scheduled', until: 'any' }
}

export function legRecord(id: string, over: Partial<LegRecord> = {}): LegRecord {
  return {
    id,
    role: 'caller',
    direction: 'in',
    network: 'sip',
    from: '+14155550100',
    to: '+14155550199',
    ids: {},
    began: t0,
    rang: null,
    answered: null,
    ended: t0 + 1000,
    talk: 0,
    ending: ending(),
    branches: [],
    late: [],
    ...over,
  }
}

export function callRecord(id: string, over: Partial<CallRecord> = {}): CallRecord {
  return {
    id,
    platform: 'vobiz',
    app: {},
    direction: 'in',
    from: '+14155550100',
    to: '+14155550199',
    began: t0,
    answered: null,
    ended: t0 + 1000,
    talk: 0,
    ending: ending(),
    legs: [legRecord(`${id}-a`)],
    ...over,
  }
}

export function delivery(id: string, call: string, over: Partial<Delivery> = {}): Delivery {
  return {
    id,
    kind: 'hangup',
    url: 'http://app.test/hangup?x=1',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'CallUUID=c-1&HangupCause=NORMAL_CLEARING',
    policy: { connectTimeout: 2000, readTimeout: 5000, totalTimeout: 6000, backoff: [1000, 2000], retryOn: ['5xx'] },
    call,
    platform: 'vobiz',
    state: 'pending',
    created: t0,
    next: t0,
    attempts: [],
    ...over,
  }
}
