import type { Parsed } from '../dialect.ts'
import {
  isObject,
  type JsonObject,
  map,
  maybe,
  Notes,
  need,
  object,
  type ReadOf,
  readShape,
  text,
  type WriteOf,
  writeShape,
} from '../shape.ts'

/**
 * Bodies and errors of the control API (CreateSipMediaApplicationCall, UpdateSipMediaApplicationCall), as the service
 * model of the SDK `client-chime-sdk-voice` has them.
 */

const phoneNumber = text({ pattern: /^\+?[1-9]\d{1,14}$/, what: 'a phone number' })

const createCall = object({
  FromPhoneNumber: need(phoneNumber),
  ToPhoneNumber: need(phoneNumber),
  /** Put on the INVITE; functions do not see them. */
  SipHeaders: maybe(map(text(), { max: 20 })),
  /** Handed to the function as `ActionData.Parameters.Arguments` of NEW_OUTBOUND_CALL. */
  ArgumentsMap: maybe(map(text(), { max: 20 })),
})
const updateCall = object({ Arguments: need(map(text(), { max: 20 })) })
const callReply = object({ SipMediaApplicationCall: need(object({ TransactionId: need(text()) })) })

export type CreateCallRequest = ReadOf<typeof createCall>
export type UpdateCallRequest = ReadOf<typeof updateCall>
export type CallReply = ReadOf<typeof callReply>

/**
 * Reads the body of CreateSipMediaApplicationCall; whatever the service would answer with BadRequest is a fault.
 * Faults: `chime.json`, `chime.missing`, `chime.wrong-type`, `chime.value`.
 *
 * @example
 * const parsed = parseCreateCall('{"FromPhoneNumber":"+15550100","ToPhoneNumber":"+15550101"}')
 * parsed.ok && parsed.value.ToPhoneNumber // '+15550101'
 */
export function parseCreateCall(input: unknown): Parsed<CreateCallRequest> {
  return strictly(readShape(createCall, input, new Notes('chime')))
}

/**
 * Reads the body of UpdateSipMediaApplicationCall, 0 to 20 pairs.
 *
 * @example
 * const parsed = parseUpdateCall({ Arguments: { leave: 'now' } })
 * parsed.ok && parsed.value.Arguments.leave // 'now'
 */
export function parseUpdateCall(input: unknown): Parsed<UpdateCallRequest> {
  return strictly(readShape(updateCall, input, new Notes('chime')))
}

/**
 * Reads the reply of both operations.
 *
 * @example
 * const parsed = parseCallReply('{"SipMediaApplicationCall":{"TransactionId":"t"}}')
 * parsed.ok && parsed.value.SipMediaApplicationCall.TransactionId // 't'
 */
export function parseCallReply(input: unknown): Parsed<CallReply> {
  return readShape(callReply, input, new Notes('chime'))
}

/**
 * Writes the body of CreateSipMediaApplicationCall. Faults as in `parseCreateCall`, and `chime.unknown-key`.
 *
 * @example
 * serialiseCreateCall({ FromPhoneNumber: '+15550100', ToPhoneNumber: 'nobody' }).ok // false
 */
export function serialiseCreateCall(request: WriteOf<typeof createCall>): Parsed<JsonObject> {
  return writeShape(createCall, request, new Notes('chime'))
}

/**
 * Writes the body of UpdateSipMediaApplicationCall.
 *
 * @example
 * serialiseUpdateCall({ Arguments: { leave: 'now' } }).ok // true
 */
export function serialiseUpdateCall(request: WriteOf<typeof updateCall>): Parsed<JsonObject> {
  return writeShape(updateCall, request, new Notes('chime'))
}

/**
 * The body of a 201 of Create and of a 202 of Update.
 *
 * @example
 * callReplyBody('t') // { SipMediaApplicationCall: { TransactionId: 't' } }
 */
export function callReplyBody(transactionId: string): CallReply {
  return { SipMediaApplicationCall: { TransactionId: transactionId } }
}

function strictly<T>(parsed: Parsed<T>): Parsed<T> {
  return parsed.ok && parsed.warnings.length > 0 ? { ok: false, faults: parsed.warnings } : parsed
}

/** Errors that the service model declares: HTTP status, and the `Code` of the body. */
export const controlErrors = {
  AccessDeniedException: { status: 403, code: 'AccessDenied' },
  BadRequestException: { status: 400, code: 'BadRequest' },
  ConflictException: { status: 409, code: 'Conflict' },
  ForbiddenException: { status: 403, code: 'Forbidden' },
  NotFoundException: { status: 404, code: 'NotFound' },
  ResourceLimitExceededException: { status: 400, code: 'ResourceLimitExceeded' },
  ServiceFailureException: { status: 500, code: 'ServiceFailure' },
  ServiceUnavailableException: { status: 503, code: 'ServiceUnavailable' },
  ThrottledClientException: { status: 429, code: 'Throttled' },
  UnauthorizedClientException: { status: 401, code: 'Unauthorized' },
} as const satisfies Record<string, Readonly<{ status: number; code: string }>>

export type ControlErrorName = keyof typeof controlErrors

export type ControlError = Readonly<{
  status: number
  /** Clients take the error's class from this header; without it, from `Code`, which names no class of theirs. */
  headers: Readonly<{ 'x-amzn-ErrorType': ControlErrorName }>
  body: Readonly<{ Code: string; Message: string }>
}>

/**
 * An error reply of the control API: status, header and body.
 *
 * @example
 * controlError('NotFoundException', 'no such call') // { status: 404, headers: { 'x-amzn-ErrorType': 'NotFoundException' }, body: { Code: 'NotFound', Message: 'no such call' } }
 */
export function controlError(name: ControlErrorName, message: string): ControlError {
  const { status, code } = controlErrors[name]
  return { status, headers: { 'x-amzn-ErrorType': name }, body: { Code: code, Message: message } }
}

/**
 * Which error a reply is: by its header (which may carry a namespace and a URL), else by its body's code, else by status.
 *
 * @example
 * readControlError({ status: 404, body: { Code: 'NotFound', Message: 'gone' } })
 * // { name: 'NotFoundException', code: 'NotFound', message: 'gone' }
 */
export function readControlError(
  reply: Readonly<{ status: number; errorType?: string; body?: unknown }>,
): Readonly<{ name: ControlErrorName | null; code: string | null; message: string | null }> {
  const body = isObject(reply.body) ? reply.body : {}
  const field = (...keys: string[]) =>
    keys.map((key) => body[key]).find((value) => typeof value === 'string') as string | undefined
  const code = field('Code', 'code', '__type') ?? null
  const message = field('Message', 'message') ?? null
  const given = (reply.errorType ?? code ?? '').split(':')[0]?.split('#').at(-1) ?? ''
  const names = Object.keys(controlErrors) as ControlErrorName[]
  const name =
    names.find((known) => known === given || controlErrors[known].code === given) ??
    names.find((known) => controlErrors[known].status === reply.status) ??
    null
  return { name, code, message }
}
