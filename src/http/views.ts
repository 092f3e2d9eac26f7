/** From the heart's values to the API's. */
import type { z } from '@hono/zod-openapi'
import { type Call, firstLeg } from '../call/call.ts'
import type { Ending } from '../call/ending.ts'
import { type Branch, type Leg, phaseOf } from '../call/leg.ts'
import type { LegRecord } from '../call/record.ts'
import type { Delivery, EndResult, RecordView } from '../switchboard/ports.ts'
import type * as schemas from './schemas.ts'

type View<S extends z.ZodType> = z.output<S>

export function liveCallView(call: Call): View<typeof schemas.LiveCall> {
  const first = firstLeg(call)
  return {
    id: call.id,
    state: call.state.name,
    phase: phaseOf(first),
    platform: call.app.platform,
    direction: first.direction,
    from: first.from,
    to: first.to,
    began: call.began,
    answered: first.times.answered ?? null,
    ...(call.state.name === 'ended' && { ending: endingView(call.state.ending) }),
    legs: call.legs.map(liveLegView),
    bridges: [...call.bridges],
    timers: call.timers.map(({ id, due, leg, cause }) => ({ id, due, cause, ...(leg !== undefined && { leg }) })),
  }
}

function liveLegView(leg: Leg): View<typeof schemas.LiveLeg> {
  return {
    id: leg.id,
    role: leg.role,
    direction: leg.direction,
    network: leg.network,
    from: leg.from,
    to: leg.to,
    ids: leg.ids,
    state: leg.state.name,
    began: leg.times.began,
    rang: leg.times.rang ?? null,
    answered: leg.times.answered ?? null,
    ...(leg.state.name === 'ended' && { ending: endingView(leg.state.ending), told: leg.state.told }),
    branches: leg.branches.map(branchView),
  }
}

function branchView({ id, address, state }: Branch) {
  return {
    id,
    address,
    state: state.name,
    ...(state.name === 'ended' && { ending: endingView(state.ending) }),
  }
}

function endingView(ending: Ending): View<typeof schemas.Ending> {
  return ending as View<typeof schemas.Ending>
}

export function recordView(record: RecordView): View<typeof schemas.CallRecord> {
  return {
    ...record,
    ending: endingView(record.ending),
    legs: record.legs.map(legRecordView),
    annex: record.annex.map((entry) =>
      entry.type === 'late' ? { ...entry, ending: endingView(entry.ending) } : { ...entry },
    ),
  }
}

function legRecordView({ sent, sentReason, ...leg }: LegRecord) {
  return {
    ...leg,
    ending: endingView(leg.ending),
    branches: leg.branches.map(branchView),
    late: leg.late.map(endingView),
    ...(sent !== undefined && { sent }),
    ...(sentReason !== undefined && { sentReason }),
  }
}

/** Without the retry policy, which is the platform's business. */
export function deliveryView({ policy, attempts, ...delivery }: Delivery): View<typeof schemas.Delivery> {
  return { ...delivery, attempts: [...attempts] }
}

export function endView({ call, result, ending, sent }: EndResult): View<typeof schemas.EndResult> {
  return {
    call,
    result,
    ...(ending !== undefined && { ending: endingView(ending) }),
    sent: sent.map(({ leg, message, reason }) => ({ leg, message, ...(reason !== undefined && { reason }) })),
  }
}
