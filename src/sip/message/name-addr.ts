import { formatParams, type Params, paramValue, parseParams } from './params.ts'
import { endOfQuoted, quote, unquote } from './scan.ts'

/** A From, To, Contact, Route … value (RFC 3261 §20.10). The URI is kept raw: read it with `parseUri`. */
export class NameAddr {
  readonly display: string | undefined
  /** Between the angle brackets, trimmed; or the whole addr-spec without the header's parameters. */
  readonly uri: string
  /** True if the URI stood in angle brackets; else what follows its first `;` are the header's parameters (§20). */
  readonly bracketed: boolean
  readonly #raw: string
  readonly #paramsAt: number
  #params: Params | undefined
  #tag: string | undefined | null = null

  constructor(raw: string, display: string | undefined, uri: string, bracketed: boolean, paramsAt: number) {
    this.#raw = raw
    this.display = display
    this.uri = uri
    this.bracketed = bracketed
    this.#paramsAt = paramsAt
  }

  /** The value as received. */
  get raw(): string {
    return this.#raw
  }

  /** The header's own parameters, never the URI's. */
  get params(): Params {
    this.#params ??= parseParams(this.#raw, this.#paramsAt)
    return this.#params
  }

  get tag(): string | undefined {
    if (this.#tag === null) this.#tag = this.param('tag') || undefined
    return this.#tag
  }

  /** One parameter without building the map: '' for a bare name, undefined if it is absent. */
  param(name: string): string | undefined {
    return paramValue(this.#raw, this.#paramsAt, name)
  }
}

/** Reads one value; undefined if there is no URI in it, a quoted name does not close, or a bracket does not. */
export function parseNameAddr(raw: string): NameAddr | undefined {
  const text = raw.trim()
  let display: string | undefined
  let open: number
  if (text.charCodeAt(0) === 0x22) {
    const end = endOfQuoted(text, 0)
    if (text.charCodeAt(end - 1) !== 0x22 || end < 2) return undefined
    display = unquote(text.slice(0, end))
    open = text.indexOf('<', end)
    if (open < 0 || text.slice(end, open).trim() !== '') return undefined
  } else {
    open = text.indexOf('<')
    // `sip:a@b;x="<"`: the bracket belongs to a parameter.
    const semicolon = text.indexOf(';')
    if (open > 0 && semicolon >= 0 && semicolon < open && /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) open = -1
    if (open > 0) display = text.slice(0, open).trim() || undefined
  }
  if (open >= 0) {
    const close = text.indexOf('>', open)
    if (close < 0) return undefined
    const uri = text.slice(open + 1, close).trim()
    return uri === '' ? undefined : new NameAddr(text, display, uri, true, close + 1)
  }
  let end = text.indexOf(';')
  if (end < 0) end = text.length
  const uri = text.slice(0, end).trim()
  return uri === '' ? undefined : new NameAddr(text, undefined, uri, false, end)
}

/** Always in angle brackets, so that the URI's parameters stay the URI's. */
export function formatNameAddr(
  value: Readonly<{ display?: string | undefined; uri: string; params?: Params }>,
): string {
  const uri = value.uri.replace(/[<>\r\n\s]/g, '')
  const name = value.display === undefined ? '' : `${quote(value.display)} `
  return `${name}<${uri}>${value.params === undefined ? '' : formatParams(value.params)}`
}
