export const phoneErrorCodes = [
  /** Waited for longer than allowed. */
  'phone.timeout',
  /** The call ended before it came that far. */
  'phone.over',
  /** The verb does not fit the state of the call. */
  'phone.too-late',
  /** Nothing of the sort was heard. */
  'phone.not-heard',
  /** The registration was refused, or nobody answered. */
  'phone.not-registered',
  /** The offer has no sound that the phone understands. */
  'phone.no-media',
  /** The phone was closed. */
  'phone.closed',
] as const

export type PhoneErrorCode = (typeof phoneErrorCodes)[number]

export class PhoneError extends Error {
  readonly code: PhoneErrorCode

  constructor(code: PhoneErrorCode, message: string) {
    super(message)
    this.name = 'PhoneError'
    this.code = code
  }
}
