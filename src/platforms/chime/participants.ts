import { type Call, legOf } from '../../call/call.ts'
import type { Leg, LegId } from '../../call/leg.ts'
import type { ParticipantTag } from '../../dialects/chime/index.ts'
import type { ChimeApp } from './app.ts'

export type Slot = Readonly<{ tag: ParticipantTag; leg: Leg }>

/**
 * Who a function is told of: the first leg, and the one that was last bridged to it or joined a meeting for it. A leg that
 * has ended keeps its place while the other lives, and loses it to the next one that joins. LEG-A stands first.
 */
export function slotsOf(call: Call, app: Pick<ChimeApp, 'joined'>): readonly Slot[] {
  let a = legOf(call, call.first)
  let b: Leg | undefined
  for (const id of app.joined) {
    const leg = legOf(call, id)
    if (leg === undefined) continue
    // What joined took the place of one that had ended by then: the second, unless only the first had.
    if (b === undefined || began(leg) >= over(b)) b = leg
    else if (a !== undefined && began(leg) >= over(a)) a = leg
    else b = leg
  }
  return [
    ...(a === undefined ? [] : [{ tag: 'LEG-A', leg: a } as const]),
    ...(b === undefined ? [] : [{ tag: 'LEG-B', leg: b } as const]),
  ]
}

const began = (leg: Leg) => leg.times.began
const over = (leg: Leg) => (leg.state.name === 'ended' ? leg.state.ending.at : Number.POSITIVE_INFINITY)

export const lives = (leg: Leg) => leg.state.name !== 'ended'
export const isConnected = (leg: Leg) => leg.state.name === 'answered'

/** `Status` as events have it: absent before the answer. */
function statusOf(leg: Leg): { Status?: 'Connected' | 'Disconnected' } {
  if (!lives(leg)) return { Status: 'Disconnected' }
  return isConnected(leg) ? { Status: 'Connected' } : {}
}

/** `CallDetails` of an event about this call as it now is. */
export function callDetails(call: Call, app: ChimeApp) {
  const application = app.applications[0]
  return {
    TransactionId: call.id,
    ...(app.attributes === undefined ? {} : { TransactionAttributes: app.attributes }),
    AwsAccountId: app.account,
    AwsRegion: application?.region ?? 'us-east-1',
    ...(app.rule === undefined ? {} : { SipRuleId: app.rule }),
    SipMediaApplicationId: application?.id ?? '',
    Participants: slotsOf(call, app).map(({ tag, leg }) => ({
      CallId: leg.id,
      ParticipantTag: tag,
      To: meeting(leg) ? meetingNumber : numberOf(leg.to),
      From: meeting(leg) ? 'SMA' : numberOf(leg.from),
      Direction: leg.direction === 'in' ? ('Inbound' as const) : ('Outbound' as const),
      StartTimeInMilliseconds: String(Math.floor(leg.times.began)),
      ...statusOf(leg),
      ...(leg.id === call.first && Object.keys(app.headers).length > 0 ? { SipHeaders: app.headers } : {}),
    })),
  }
}

export const meeting = (leg: Leg) => leg.network === 'room'

/** What AWS's own events show for the leg into a meeting; a published handler looks for it. */
const meetingNumber = '+17035550122'

/** `+15550100` of `sip:+15550100@host`, `15550100` or `tel:+15550100`; a name stays what it is. */
export function numberOf(address: string): string {
  const user = /^(?:sips?:|tel:)?([^@;]+)/i.exec(address)?.[1] ?? address
  return /^\d{7,15}$/.test(user) ? `+${user}` : user
}

/** The leg that an action is for, or why there is none. */
export function target(
  call: Call,
  app: ChimeApp,
  named: Readonly<{ CallId?: string | undefined; ParticipantTag?: string | undefined }>,
  invoked: LegId,
): Leg | undefined {
  const slots = slotsOf(call, app)
  if (named.CallId !== undefined) {
    const known = named.CallId === call.first || app.joined.includes(named.CallId)
    return known ? legOf(call, named.CallId) : undefined
  }
  if (named.ParticipantTag !== undefined) return slots.find(({ tag }) => tag === named.ParticipantTag)?.leg
  const own = legOf(call, invoked)
  // The answer to the hangup of one leg speaks of the other.
  if (own !== undefined && !lives(own)) return slots.find(({ leg }) => lives(leg))?.leg ?? own
  return own
}
