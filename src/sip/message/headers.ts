import type { CSeq } from './cseq.ts'
import { type HeaderName, headerName, isNamed } from './header-names.ts'
import type { NameAddr } from './name-addr.ts'
import { isToken, splitList } from './scan.ts'
import type { Via } from './via.ts'

/**
 * The header fields of one message, in order.
 *
 * A parsed message keeps its head as one string (one character per byte) and four numbers per line; nothing is cut out,
 * unfolded or decoded before somebody asks for it. The first change turns the lines into a plain list.
 *
 * Values go in and come out as text. Inside they are held byte for byte, so what we copy from a request into its response is
 * what we received, valid UTF-8 or not.
 */
export class Headers {
  /** Typed values read so far; dropped at every change. Only `accessors.ts` looks inside. */
  memo: HeaderMemo | undefined
  #lines: Lines | undefined
  #names: string[] = []
  #values: string[] = []
  /** At most one line of a parsed head may be replaced (the top Via, on receipt) without turning it into a list. */
  #replacedAt = -1
  #replacement = ''

  /** Used by the parser: `index` holds name start, name end, field number and value end of each line of `head`. */
  static indexed(head: string, index: number[], ascii: boolean): Headers {
    const headers = new Headers()
    headers.#lines = { head, index, ascii }
    return headers
  }

  get length(): number {
    return this.#lines === undefined ? this.#names.length : this.#lines.index.length / stride
  }

  /** The first line's value, unfolded and trimmed. A list is not split. */
  get(name: string | HeaderName): string | undefined {
    const i = this.#find(rowOf(name), 0)
    return i < 0 ? undefined : this.#text(i)
  }

  /** Every value: the lines in order, and lists (Via, Route, Contact, Allow …) split at their commas. */
  all(name: string | HeaderName): string[] {
    const wanted = rowOf(name)
    const values: string[] = []
    for (let i = this.#find(wanted, 0); i >= 0; i = this.#find(wanted, i + 1)) {
      const value = this.#text(i)
      if (wanted.list) for (const part of splitList(value)) values.push(part)
      else values.push(value)
    }
    return values
  }

  has(name: string | HeaderName): boolean {
    return this.#find(rowOf(name), 0) >= 0
  }

  /** How many lines carry this field. */
  count(name: string | HeaderName): number {
    const wanted = rowOf(name)
    let lines = 0
    for (let i = this.#find(wanted, 0); i >= 0; i = this.#find(wanted, i + 1)) lines++
    return lines
  }

  /** Replaces every line of this field by one. It keeps the place of the first. This and every adding method throw `HeaderNameError`. */
  set(name: string, value: string): this {
    const wanted = writable(name)
    this.#list()
    const first = this.#find(wanted, 0)
    if (first < 0) return this.append(name, value)
    this.#values[first] = encode(value)
    for (let i = this.#find(wanted, first + 1); i >= 0; i = this.#find(wanted, i)) this.#remove(i)
    return this
  }

  append(name: string, value: string): this {
    this.#list()
    this.#names.push(writable(name).name)
    this.#values.push(encode(value))
    return this
  }

  /** Puts a line before the first of the same field, or before everything. */
  prepend(name: string, value: string): this {
    const wanted = writable(name)
    this.#list()
    const at = Math.max(0, this.#find(wanted, 0))
    this.#names.splice(at, 0, wanted.name)
    this.#values.splice(at, 0, encode(value))
    return this
  }

  /** Replaces the first line of this field and nothing else; cheap once per parsed message. No effect if it is absent. */
  replaceFirst(name: string | HeaderName, value: string): this {
    const i = this.#find(rowOf(name), 0)
    if (i < 0) return this
    this.memo = undefined
    if (this.#lines !== undefined && (this.#replacedAt < 0 || this.#replacedAt === i)) {
      this.#replacedAt = i
      this.#replacement = encode(value)
      return this
    }
    this.#list()
    this.#values[i] = encode(value)
    return this
  }

  delete(name: string): this {
    const wanted = headerName(name)
    if (this.#find(wanted, 0) < 0) return this
    this.#list()
    for (let i = this.#find(wanted, 0); i >= 0; i = this.#find(wanted, i)) this.#remove(i)
    return this
  }

  /** Appends every line of `name` in `from`, byte for byte, under our own spelling of the name. */
  copy(from: Headers, name: string | HeaderName): this {
    const wanted = rowOf(name)
    this.#list()
    for (let i = from.#find(wanted, 0); i >= 0; i = from.#find(wanted, i + 1)) {
      this.#names.push(wanted.name)
      this.#values.push(from.#wire(i))
    }
    return this
  }

  clone(): Headers {
    const copy = new Headers()
    copy.#lines = this.#lines
    copy.#replacedAt = this.#replacedAt
    copy.#replacement = this.#replacement
    copy.#names = this.#names.slice()
    copy.#values = this.#values.slice()
    return copy
  }

  /** Line by line: the name as received (or our spelling of it), and the value as text. */
  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    for (let i = 0; i < this.length; i++) yield [this.#name(i), this.#text(i)]
  }

  /** The lines whose name, as received, passes the test: name and value as text. */
  matching(test: (name: string) => boolean): (readonly [name: string, value: string])[] {
    const lines: (readonly [string, string])[] = []
    for (let i = 0; i < this.length; i++) {
      const name = this.#name(i)
      if (test(name)) lines.push([name, this.#text(i)])
    }
    return lines
  }

  /** `Name: value CRLF` for every line but Content-Length, one character per byte: write it as latin1. */
  toWire(): string {
    let text = ''
    const length = this.length
    for (let i = 0; i < length; i++) {
      const name = this.#name(i)
      if ((name.length === 14 || name.length === 1) && headerName(name).key === 'content-length') continue
      text += `${name}: ${this.#wire(i)}\r\n`
    }
    return text
  }

  #find(wanted: HeaderName, from: number): number {
    const { key, compact } = wanted
    const lines = this.#lines
    if (lines === undefined) {
      for (let i = from; i < this.#names.length; i++) {
        const name = this.#names[i] as string
        if (name === wanted.name || matches(name, 0, name.length, key, compact)) return i
      }
      return -1
    }
    const { head, index } = lines
    const { id } = wanted
    for (let i = from, at = from * stride; at < index.length; i++, at += stride) {
      if (index[at + 2] !== id) continue
      if (id !== 0 || matches(head, index[at] as number, index[at + 1] as number, key, compact)) return i
    }
    return -1
  }

  #name(i: number): string {
    const lines = this.#lines
    if (lines === undefined) return this.#names[i] as string
    return lines.head.slice(lines.index[i * stride], lines.index[i * stride + 1])
  }

  #wire(i: number): string {
    const lines = this.#lines
    if (lines === undefined) return this.#values[i] as string
    if (i === this.#replacedAt) return this.#replacement
    const { head, index } = lines
    const end = index[i * stride + 3] as number
    let start = index[i * stride + 1] as number
    while (head.charCodeAt(start) !== 0x3a) start++
    start++
    while (start < end && head.charCodeAt(start) <= 0x20) start++
    const value = head.slice(start, end)
    return value.indexOf('\n') < 0 && value.indexOf('\r') < 0 ? value : unfold(value)
  }

  #text(i: number): string {
    const wire = this.#wire(i)
    return this.#lines?.ascii === true && i !== this.#replacedAt ? wire : decode(wire)
  }

  #list(): void {
    this.memo = undefined
    if (this.#lines === undefined) return
    const names: string[] = []
    const values: string[] = []
    const length = this.length
    for (let i = 0; i < length; i++) {
      names.push(this.#name(i))
      values.push(this.#wire(i))
    }
    this.#lines = undefined
    this.#replacedAt = -1
    this.#replacement = ''
    this.#names = names
    this.#values = values
  }

  #remove(i: number): void {
    this.#names.splice(i, 1)
    this.#values.splice(i, 1)
  }
}

/** A field name that is not a token would break the message. */
export class HeaderNameError extends Error {
  readonly code = 'sip.header-name'
  override readonly name = 'HeaderNameError'
}

function rowOf(name: string | HeaderName): HeaderName {
  return typeof name === 'string' ? headerName(name) : name
}

function writable(spelling: string): HeaderName {
  const row = headerName(spelling)
  if (row.id === 0 && !isToken(row.name)) throw new HeaderNameError(`not a header name: ${JSON.stringify(spelling)}`)
  return row
}

/** Numbers per line in `Lines.index`. */
const stride = 4

type Lines = Readonly<{ head: string; index: number[]; ascii: boolean }>

/** Typed values; undefined means "not looked yet", null "looked, and it is absent or malformed". */
export class HeaderMemo {
  via: Via | null | undefined = undefined
  from: NameAddr | null | undefined = undefined
  to: NameAddr | null | undefined = undefined
  cseq: CSeq | null | undefined = undefined
  callId: string | null | undefined = undefined
  /** Fields that are not looked up for every message. */
  rest: Map<string, unknown> | undefined = undefined
}

function matches(text: string, start: number, end: number, key: string, compact: number): boolean {
  const length = end - start
  if (length === 1)
    return (
      (text.charCodeAt(start) | 0x20) === compact ||
      (key.length === 1 && lower(text.charCodeAt(start)) === key.charCodeAt(0))
    )
  return length === key.length && isNamed(text, start, key)
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code
}

/** A folded value becomes one line (RFC 3261 §7.3.1); a stray CR can never start a line of its own. */
function unfold(value: string): string {
  return value.replace(/[\r\n]+[ \t]*/g, ' ').trim()
}

function decode(wire: string): string {
  return /[\x80-\xff]/.test(wire) ? Buffer.from(wire, 'latin1').toString('utf8') : wire
}

/** Text → one character per UTF-8 byte. A line break would begin a new header, so it becomes a space. */
export function encode(text: string): string {
  if (!/[^\x20-\x7e]/.test(text)) return text
  const oneLine = text.indexOf('\n') < 0 && text.indexOf('\r') < 0 ? text : unfold(text)
  return Buffer.from(oneLine, 'utf8').toString('latin1')
}
