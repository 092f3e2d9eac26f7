/** What can go wrong with a customer's function outside of an invocation. The strings are public: docs/errors.md. */
export const functionsErrorCodes = [
  /** It cannot be started or reached; the message says why. */
  'functions.not-started',
  /** Its process ended by itself. */
  'functions.died',
  /** It gave no answer in time, so its process was ended and another takes its place. */
  'functions.timed-out',
] as const
export type FunctionsErrorCode = (typeof functionsErrorCodes)[number]

export class FunctionsError extends Error {
  override readonly name = 'FunctionsError'
  readonly code: FunctionsErrorCode
  constructor(code: FunctionsErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export type FunctionsWarning = Readonly<{ code: FunctionsErrorCode; function: string; detail: string }>
