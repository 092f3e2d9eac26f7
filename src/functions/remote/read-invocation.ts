/** What an endpoint answered to an invocation, told apart by status, header and shape: not all of them say a fault the same way. */
import { type FunctionFault, failed, type Outcome } from '../instance.ts'
import { faultOf, objectOf } from '../runtime/fault.ts'

export type Invocation = Readonly<{
  status: number
  /** `X-Amz-Function-Error`. */
  functionError?: string | undefined
  /** `x-amzn-ErrorType`, or the name of an SDK's exception. */
  errorType?: string | undefined
  text: string
}>

/** By what AWS calls it: some of these come with a status that says something else. */
const byType: readonly (readonly [type: RegExp, fault: FunctionFault])[] = [
  [/TooManyRequests|Throttl|SlowDown|ConcurrentInvocationLimit/i, 'throttled'],
  [
    /AccessDenied|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|InvalidClientTokenId|IncompleteSignature|MissingAuthenticationToken|CredentialsProvider|NotAuthorized/i,
    'denied',
  ],
  [/RequestTooLarge|RequestEntityTooLarge|ResponseSizeTooLarge/i, 'too-large'],
]

const byStatus: Readonly<Record<number, FunctionFault>> = {
  401: 'denied',
  403: 'denied',
  408: 'timeout',
  413: 'too-large',
  429: 'throttled',
  504: 'timeout',
}

/** As AWS and its emulator put it, with a moment and a request's ID before it or not. */
const ranOut = /Task timed out after [\d.]+ seconds/

/** The emulator's own words when the function's process ended. */
const exited = /^(RequestId: \S+ Error: |Runtime(\.ExitError| exited))/

export function readInvocation({ status, functionError, errorType, text }: Invocation): Outcome {
  if (status < 200 || status > 299) {
    const known = byType.find(([type]) => errorType !== undefined && type.test(errorType))?.[1]
    const said = [errorType, messageOf(text)].filter((part) => part).join(': ')
    return failed(known ?? byStatus[status] ?? 'unreachable', `answered ${status}${said === '' ? '' : ` ${said}`}`)
  }
  const fault = objectOf(text)
  const unhandled = functionError !== undefined && functionError !== ''
  // Emulators leave the header out; but an answer of a SIP media application always has a SchemaVersion.
  const shaped =
    fault !== undefined &&
    (typeof fault.errorType === 'string' || typeof fault.errorMessage === 'string') &&
    !('SchemaVersion' in fault)
  if (unhandled || shaped) return functionFault(text)
  if (text.trim() === '') return failed('function', 'an empty answer: its process ended')
  if (isJson(text)) return { ok: true, text }
  if (ranOut.test(text)) return failed('timeout', text.trim())
  if (exited.test(text)) return failed('function', text.trim())
  return failed('not-json', `what came back is no JSON: ${text.length} characters`)
}

function functionFault(text: string): Outcome {
  const detail = faultOf(text)
  if (ranOut.test(detail) || /^Sandbox\.Timedout/.test(detail)) return failed('timeout', detail)
  if (/ResponseSizeTooLarge/.test(detail)) return failed('too-large', detail)
  return failed('function', detail)
}

function messageOf(text: string): string {
  const { message, Message, errorMessage } = objectOf(text) ?? {}
  return [message, Message, errorMessage].find((one): one is string => typeof one === 'string') ?? ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
