/** The customers' functions: files that run here, Lambda endpoints, AWS itself. */
export interface Functions {
  /**
   * One attempt; retries are the caller's. Never rejects: failures are values. Invocations of one function may overlap as
   * far as its host can bear it; the rest wait, and their waiting counts into `timeout`.
   * @param name as configured.
   * @param event JSON.
   * @param options.timeout milliseconds, also the deadline that the function is told.
   */
  invoke(name: string, event: unknown, options: FunctionOptions): Promise<FunctionResult>
}

export type FunctionOptions = Readonly<{ timeout: number; requestId: string; signal?: AbortSignal }>

export type FunctionResult =
  /** `value`: the JSON that came back; undefined if nothing did. */
  | Readonly<{ ok: true; value: unknown; milliseconds: number }>
  | Readonly<{
      ok: false
      error: /** No answer within the time. */
        | 'timeout'
        /** It threw, rejected, or its process died. `detail` holds what it said. */
        | 'function'
        /** Its host could not be reached or started. */
        | 'unreachable'
        | 'throttled'
        | 'denied'
        /** What came back is no JSON. */
        | 'not-json'
        | 'too-large'
        | 'aborted'
      detail: string
      milliseconds: number
    }>
