/** The shapes of Onhook's own API. One schema gives the check, the type and the OpenAPI document. */
import { z } from '@hono/zod-openapi'
import { causeNames } from '../call/causes.ts'
import { actors, dialectNames, phases } from '../call/ending.ts'

const instant = z.number().openapi({ description: 'Milliseconds since the Unix epoch.', example: 1_794_000_000_000 })
const milliseconds = z.number().openapi({ description: 'Milliseconds.' })
const words = z.record(z.string(), z.string())

export const Cause = z
  .enum(causeNames as [(typeof causeNames)[number], ...(typeof causeNames)[number][]])
  .openapi('Cause', { description: 'Why it ended: docs/causes.md.' })

export const Ending = z
  .object({
    cause: Cause,
    actor: z.enum(actors).openapi({ description: 'Who decided.' }),
    phase: z.enum(phases).openapi({ description: 'How far it had come.' }),
    at: instant,
    detail: z.string().optional(),
    codes: z
      .object({
        sip: z.number().optional(),
        q850: z.number().optional(),
        text: z.string().optional(),
        platform: z.union([z.number(), z.string()]).optional(),
      })
      .optional(),
    raw: z
      .object({ dialect: z.enum(dialectNames), value: z.unknown() })
      .optional()
      .openapi({ description: 'What was heard, verbatim.' }),
    survivor: z
      .string()
      .optional()
      .openapi({ description: 'Of a call that was superseded: the id of the call that goes on in its place.' }),
  })
  .openapi('Ending')

const legState = z.enum(['queued', 'offered', 'ringing', 'early', 'answered', 'ended'])
const told = z.enum(['pending', 'delivered', 'unconfirmed', 'local-only', 'not-needed'])

const Branch = z
  .object({
    id: z.string(),
    address: z.string(),
    state: z.enum(['offered', 'ringing', 'won', 'ended']),
    ending: Ending.optional(),
  })
  .openapi('Branch', { description: 'One device of a leg that is being asked.' })

const legIdentity = {
  id: z.string(),
  role: z.enum(['caller', 'callee']),
  direction: z.enum(['in', 'out']),
  network: z.string(),
  from: z.string(),
  to: z.string(),
  ids: words.openapi({ description: 'Identifiers on its network.', example: { 'call-id': 'a84b4c76e66710' } }),
}

export const LiveLeg = z
  .object({
    ...legIdentity,
    state: legState,
    began: instant,
    rang: instant.nullable(),
    answered: instant.nullable(),
    ending: Ending.optional(),
    told: told.optional(),
    branches: z.array(Branch),
  })
  .openapi('LiveLeg')

export const LiveCall = z
  .object({
    id: z.string(),
    state: z.enum(['live', 'ended']),
    phase: z.enum(phases).openapi({ description: 'How far its first leg has come.' }),
    platform: z.string(),
    direction: z.enum(['in', 'out']),
    from: z.string(),
    to: z.string(),
    began: instant,
    answered: instant.nullable(),
    ending: Ending.optional(),
    legs: z.array(LiveLeg),
    bridges: z.array(
      z.object({ first: z.string(), second: z.string(), rule: z.enum(['together', 'caller-survives', 'independent']) }),
    ),
    timers: z
      .array(z.object({ id: z.string(), due: instant, leg: z.string().optional(), cause: Cause }))
      .openapi({ description: 'What will end it, and when.' }),
  })
  .openapi('LiveCall')

const LegRecord = z
  .object({
    ...legIdentity,
    began: instant,
    rang: instant.nullable(),
    answered: instant.nullable(),
    ended: instant,
    talk: milliseconds,
    ending: Ending,
    branches: z.array(Branch),
    late: z.array(Ending).openapi({ description: 'Terminal facts that came after the ending.' }),
    sent: z.string().optional().openapi({ description: 'What was put on the wire to end it.', example: 'BYE' }),
    sentReason: z
      .string()
      .optional()
      .openapi({ description: 'Why, as that message said it.', example: 'Q.850;cause=16' }),
  })
  .openapi('LegRecord')

const Annex = z
  .object({
    type: z.enum(['late', 'told']),
    at: instant,
    leg: z.string(),
    ending: Ending.optional(),
    outcome: z.enum(['delivered', 'unconfirmed', 'local-only']).optional(),
  })
  .openapi('Annex', { description: 'Learnt after the record stood; the record itself never changes.' })

export const CallRecord = z
  .object({
    id: z.string(),
    platform: z.string(),
    app: z.record(z.string(), z.unknown()),
    direction: z.enum(['in', 'out']),
    from: z.string(),
    to: z.string(),
    began: instant,
    answered: instant.nullable(),
    ended: instant,
    talk: milliseconds.openapi({ description: 'Answer to end of the first leg; 0 if never answered.' }),
    ending: Ending,
    legs: z.array(LegRecord),
    annex: z.array(Annex),
  })
  .openapi('CallRecord')

export const Delivery = z
  .object({
    id: z.string(),
    call: z.string(),
    platform: z.string(),
    kind: z.string(),
    state: z.enum(['pending', 'delivered', 'failed']),
    url: z.string(),
    method: z.enum(['GET', 'POST']),
    headers: words,
    body: z.string(),
    created: instant,
    next: instant.nullable().openapi({ description: 'When it is tried next.' }),
    attempts: z.array(
      z.object({ at: instant, milliseconds, status: z.number().nullable(), error: z.string().nullable() }),
    ),
  })
  .openapi('Delivery')

export const CallOrRecord = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('live'), call: LiveCall }),
    z.object({ state: z.literal('ended'), record: CallRecord }),
  ])
  .openapi('CallOrRecord')

export const EndResult = z
  .object({
    call: z.string(),
    result: z.enum(['ended', 'already-ended', 'unknown']),
    ending: Ending.optional(),
    sent: z
      .array(z.object({ leg: z.string(), message: z.string().nullable(), reason: z.string().optional() }))
      .openapi({ description: 'What went on the wire, per leg.' }),
  })
  .openapi('EndResult')

export const EndBody = z
  .strictObject({
    cause: Cause.default('hangup'),
    detail: z.string().max(500).optional(),
    leg: z.string().max(128).optional().openapi({ description: 'End this leg only.' }),
  })
  .openapi('EndBody')

const address = z.string().min(1).max(255)

/** What both the list and a bulk end understand. */
export const callFilter = {
  platform: z.string().max(64).optional(),
  network: z.string().max(64).optional(),
  phase: z.enum(phases).optional(),
  direction: z.enum(['in', 'out']).optional(),
  from: address.optional().openapi({ description: 'Exact, or with * for any characters.' }),
  to: address.optional().openapi({ description: 'Exact, or with * for any characters.' }),
}

export const EndManyBody = z
  .strictObject({
    calls: z.array(z.string().max(128)).max(10_000).optional().openapi({ description: 'These calls.' }),
    filter: z
      .strictObject({ ...callFilter, olderThanSeconds: z.number().min(0).optional() })
      .optional()
      .openapi({ description: 'Every live call that fits.' }),
    all: z.literal(true).optional().openapi({ description: 'Every live call.' }),
    cause: Cause.default('hangup'),
    detail: z.string().max(500).optional(),
    dryRun: z.boolean().default(false).openapi({ description: 'Say what would end, and end nothing.' }),
  })
  .openapi('EndManyBody', { description: 'Exactly one of calls, filter and all.' })

export const EndManyResult = z
  .object({
    dryRun: z.boolean(),
    counts: z.record(z.enum(['would-end', 'ended', 'already-ended', 'unknown']), z.number()),
    results: z.array(
      z.object({
        call: z.string(),
        result: z.enum(['would-end', 'ended', 'already-ended', 'unknown']),
        from: z.string().optional(),
        to: z.string().optional(),
        ending: Ending.optional(),
        sent: EndResult.shape.sent,
      }),
    ),
  })
  .openapi('EndManyResult')

/** What leaves in an INVITE as it stands: nothing that the protocol reads, and no second line. */
const ownHeaders = z
  .record(
    z.string().regex(/^X-[\w-]{1,64}$/i, 'expected a header of your own: X- and up to 64 letters, digits, _ and -'),
    z
      .string()
      .max(1024)
      .regex(/^[^\r\n\0]*$/, 'expected one line'),
  )
  .openapi({ type: 'object', description: 'Headers of your own, `X-…`, for the INVITE.', example: { 'X-Order': '7' } })

export const PlaceBody = z
  .strictObject({
    to: address.openapi({ description: 'Number, registered user, or sip: address.' }),
    from: address.optional(),
    fromName: z.string().max(128).optional(),
    trunk: z.string().max(64).optional(),
    app: z
      .looseObject({ platform: z.string() })
      .optional()
      .openapi({ description: 'What runs on it: an app as in the configuration’s routes.' }),
    route: address.optional().openapi({ description: 'Or: the number whose route says what runs on it.' }),
    ringSeconds: z.int().min(1).max(600).optional(),
    durationSeconds: z.int().min(1).max(86_400).optional(),
    headers: ownHeaders.optional(),
  })
  .openapi('PlaceBody')

export const Placed = z
  .object({ call: z.string(), leg: z.string(), to: z.string(), trunk: z.string().nullable() })
  .openapi('Placed')

export const ProblemBody = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.string().openapi({ description: 'Stable: docs/errors.md.', example: 'call.unknown' }),
    detail: z.string().optional(),
    faults: z.array(z.object({ place: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

/** A moment as milliseconds since the epoch, or in ISO 8601. */
export const moment = z
  .string()
  .transform((text, context) => {
    const at = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text)
    if (Number.isFinite(at)) return at
    context.addIssue({ code: 'custom', message: 'expected milliseconds since the epoch, or ISO 8601' })
    return z.NEVER
  })
  .openapi({
    type: 'string',
    description: 'Milliseconds since the epoch, or ISO 8601.',
    example: '2026-11-20T10:00:00Z',
  })

export const paging = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(512).optional().openapi({ description: '`next` of the page before.' }),
}

/** Header of every POST. */
export const idempotency = z.object({
  'idempotency-key': z.string().max(255).optional().openapi({
    description: 'The same key with the same body gives the first answer again, and does nothing twice.',
  }),
})

export function pageOf<S extends z.ZodType>(item: S, name: string) {
  return z
    .object({
      items: z.array(item),
      next: z.string().nullable().openapi({ description: 'Cursor of the next page; null after the last.' }),
    })
    .openapi(name)
}
