/** Outgoing web requests to customers' addresses, guarded against SSRF. */
export interface WebClient {
  /** Never rejects for what the far end does: failures are values. */
  fetch(request: WebRequest): Promise<WebResult>
}

export type WebRequest = Readonly<{
  url: string
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body?: string
  connectTimeout: number
  readTimeout: number
  totalTimeout: number
  /** Bytes; a longer body is `too-large`. */
  maxBytes: number
  /** 0 to refuse all. */
  maxRedirects: number
  /** Headers made anew for each hop of a redirect (signatures cover the URL). */
  sign?: (url: string) => Readonly<Record<string, string>>
  signal?: AbortSignal
}>

export type WebResult =
  | Readonly<{
      ok: true
      status: number
      headers: Readonly<Record<string, string>>
      body: Uint8Array
      url: string
      milliseconds: number
    }>
  | Readonly<{
      ok: false
      error:
        | 'connect'
        | 'timeout'
        | 'tls'
        | 'dns'
        | 'refused-address'
        | 'too-large'
        | 'redirects'
        | 'bad-url'
        | 'closed'
        | 'aborted'
      detail: string
      milliseconds: number
    }>
