/** Errors as AWS clients understand them: the class in a header, code and message in the body. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type ControlErrorName, controlError } from '../../dialects/chime/index.ts'
import type { SignatureError } from './signature.ts'

/** Thrown by the handlers of the control API. */
export class AwsError extends Error {
  readonly error: ControlErrorName

  constructor(error: ControlErrorName, message: string) {
    super(message)
    this.name = 'AwsError'
    this.error = error
  }
}

export function errorResponse(c: Context, { error, message }: AwsError): Response {
  const { status, headers, body } = controlError(error, message)
  return c.json(body, status as ContentfulStatusCode, headers)
}

/** As AWS's front end answers whom it does not let in, whatever the service: always 403. */
export function signatureResponse(c: Context, error: SignatureError, message: string): Response {
  return c.json({ Code: error.replace(/Exception$/, ''), Message: message }, 403, { 'x-amzn-ErrorType': error })
}
