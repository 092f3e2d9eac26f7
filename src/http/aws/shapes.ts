/** Bodies of the operations that set applications and rules up, as the service model of `client-chime-sdk-voice` has them. */
import { z } from 'zod'
import type { ChimeDirectory, ListedApplication, ListedRule } from '../../config/chime-directory.ts'
import { AwsError } from './error.ts'

const applicationName = z.string().regex(/^[\w .-]{1,256}$/, 'expected 1 to 256 letters, digits, blanks, or any of _.-')
const endpoints = z
  .array(z.object({ LambdaArn: z.string().regex(/^arn:aws[\w-]*:[a-z]+:\S+$/, 'expected the ARN of a function') }))
  .length(1)
const targets = z
  .array(
    z.object({
      SipMediaApplicationId: z.string().min(1),
      Priority: z.int().min(1).default(1),
      AwsRegion: z.string().optional(),
    }),
  )
  .min(1)
  .max(25)

export const createApplication = z.object({
  AwsRegion: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region'),
  Name: applicationName,
  Endpoints: endpoints,
})
export const updateApplication = z.object({ Name: applicationName.nullish(), Endpoints: endpoints.nullish() })
export const logging = z.object({
  SipMediaApplicationLoggingConfiguration: z
    .object({ EnableSipMediaApplicationMessageLogs: z.boolean().nullish() })
    .nullish(),
})
export const createRule = z.object({
  Name: applicationName,
  TriggerType: z.enum(['ToPhoneNumber', 'RequestUriHostname']),
  TriggerValue: z.string().min(1).max(253),
  Disabled: z.boolean().nullish(),
  TargetApplications: targets,
})
export const updateRule = z.object({
  Name: applicationName,
  Disabled: z.boolean().nullish(),
  TargetApplications: targets.nullish(),
})
export const page = z.object({
  'max-results': z.coerce.number().int().min(1).max(100).default(100),
  'next-token': z.string().optional(),
})

/** @throws AwsError BadRequest that names each place. */
export function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
  throw new AwsError('BadRequestException', faults.join('; '))
}

/** @throws AwsError BadRequest if the body is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AwsError('BadRequestException', 'the body is not JSON')
  }
}

/** Priorities put in order, the first first. */
export function byPriority(wanted: z.output<typeof targets>): readonly string[] {
  return [...wanted].sort((a, b) => a.Priority - b.Priority).map(({ SipMediaApplicationId: id }) => id)
}

const moment = (at: number) => new Date(at).toISOString()

export function applicationBody(application: ListedApplication, directory: ChimeDirectory, account: string) {
  const { id, name, region, created, updated } = application
  return {
    SipMediaApplicationId: id,
    SipMediaApplicationArn: `arn:aws:chime:${region}:${account}:sma/${id}`,
    AwsRegion: region,
    Name: name,
    Endpoints: [{ LambdaArn: directory.arnOf(application) }],
    CreatedTimestamp: moment(created),
    UpdatedTimestamp: moment(updated),
  }
}

export function ruleBody(rule: ListedRule, directory: ChimeDirectory) {
  const { id, name, trigger, applications, state, created, updated } = rule
  return {
    SipRuleId: id,
    Name: name,
    Disabled: state === 'disabled',
    TriggerType: trigger.kind === 'number' ? 'ToPhoneNumber' : 'RequestUriHostname',
    TriggerValue: trigger.value,
    TargetApplications: applications.map((application, at) => ({
      SipMediaApplicationId: application,
      Priority: at + 1,
      ...regionOf(directory.application(application)),
    })),
    CreatedTimestamp: moment(created),
    UpdatedTimestamp: moment(updated),
  }
}

function regionOf(application: ListedApplication | undefined): { AwsRegion?: string } {
  return application === undefined ? {} : { AwsRegion: application.region }
}

export function numberBody({ id, trigger, created, updated }: ListedRule) {
  return {
    PhoneNumberId: trigger.value.replace(/^\+/, ''),
    E164PhoneNumber: trigger.value,
    Type: 'Local',
    ProductType: 'SipMediaApplicationDialIn',
    Status: 'Assigned',
    Capabilities: {
      InboundCall: true,
      OutboundCall: true,
      InboundSMS: false,
      OutboundSMS: false,
      InboundMMS: false,
      OutboundMMS: false,
    },
    Associations: [{ Value: id, Name: 'SipRuleId', AssociatedTimestamp: moment(created) }],
    CreatedTimestamp: moment(created),
    UpdatedTimestamp: moment(updated),
  }
}

/** One page of a list. The token names the last item shown. @throws AwsError BadRequest for a token of no list. */
export function pageOf<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  query: Readonly<Record<string, string>>,
): Readonly<{ items: readonly T[]; next: Readonly<{ NextToken?: string }> }> {
  const { 'max-results': limit, 'next-token': token } = read(page, query)
  const last = token === undefined ? undefined : Buffer.from(token, 'base64url').toString()
  const from = last === undefined ? 0 : items.findIndex((item) => idOf(item) === last) + 1
  if (last !== undefined && from === 0) throw new AwsError('BadRequestException', 'NextToken is not of this list')
  const shown = items.slice(from, from + limit)
  const more = from + limit < items.length
  return {
    items: shown,
    next: more ? { NextToken: Buffer.from(idOf(shown.at(-1)!)).toString('base64url') } : {},
  }
}
