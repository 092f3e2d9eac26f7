/**
 * The control API of Amazon Chime's PSTN audio, at AWS's own paths: unmodified AWS clients reach it by their endpoint's
 * address alone (`AWS_ENDPOINT_URL_CHIME_SDK_VOICE`). docs/dialects/chime.md.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import type { ChimeApplication } from '../../config/chime-config.ts'
import type { ChimeDirectory } from '../../config/chime-directory.ts'
import type { ControlErrorName, CreateCallRequest } from '../../dialects/chime/index.ts'
import type { Clock, Ids } from '../../switchboard/ports.ts'
import type { ApiEnv } from '../access.ts'
import { type Audit, createAudit } from '../audit.ts'
import { addApplications } from './applications.ts'
import { addCalls } from './calls.ts'
import { awsEntry, type EntryOptions } from './entry.ts'
import { AwsError, errorResponse } from './error.ts'
import { onceEach } from './retries.ts'
import { addRules } from './rules.ts'

/** The engine's own verbs. */
export interface Desk {
  /** Resolves once the call is durable and its offer may leave. */
  create(
    application: ChimeApplication,
    request: CreateCallRequest,
  ): Promise<
    Readonly<{ ok: true; transactionId: string }> | Readonly<{ ok: false; error: ControlErrorName; message: string }>
  >
  /** `unknown`: no such call of that application, or it has ended. The handler runs later. */
  update(application: string, transaction: string, args: Readonly<Record<string, string>>): 'accepted' | 'unknown'
}

export type ChimeFace = Readonly<{
  desk: Desk
  directory: ChimeDirectory
  /** 12 digits, for ARNs. */
  account: string
  clock: Clock
  ids: Ids
  audit: Audit
}>

export type ChimeFaceOptions = Omit<ChimeFace, 'audit'> & EntryOptions & Readonly<{ log: Logger }>

/** Bytes of a request's body; numbers and two maps of 20 pairs need far less. */
const bodyLimitBytes = 262_144

/** Each with all below it; a pattern matches its own beginning too, and everything here must run once. */
const paths = [
  '/sip-media-applications/*',
  '/sip-rules/*',
  '/phone-numbers/*',
  // Nothing of these is done here; their clients hear so in their own words.
  '/phone-number-orders/*',
  '/voice-connectors/*',
  '/voice-connector-groups/*',
  '/voice-profiles/*',
  '/voice-profile-domains/*',
]

export function createChimeFace(options: ChimeFaceOptions): Hono<ApiEnv> {
  const { log, clock } = options
  const app = new Hono<ApiEnv>()
  const face: ChimeFace = { ...options, audit: createAudit(log) }
  const tooLarge = new AwsError('BadRequestException', 'the body is too large')
  const chain = [
    bodyLimit({ maxSize: bodyLimitBytes, onError: (c) => errorResponse(c, tooLarge) }),
    awsEntry(options),
    onceEach(clock),
  ]
  for (const path of paths) app.use(path, ...chain)
  addApplications(app, face)
  addCalls(app, face)
  addRules(app, face)
  for (const path of paths) {
    app.all(path, (c) => errorResponse(c, new AwsError('NotFoundException', 'there is no such operation')))
  }
  app.onError((error, c) => {
    if (error instanceof AwsError) return errorResponse(c, error)
    log.error({ err: error, path: c.req.path }, 'a request of an AWS client failed')
    return errorResponse(c, new AwsError('ServiceFailureException', 'the server failed'))
  })
  return app
}
