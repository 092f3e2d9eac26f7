import { indexHead } from '../message/parse.ts'
import { digits } from '../message/scan.ts'

/** What a stream brings, in order. */
export type Frame =
  /** One message, head and body. A view of the received bytes, or a copy where it came in pieces. */
  | Readonly<{ kind: 'message'; bytes: Buffer }>
  /** CRLF CRLF between messages: the peer wants a CRLF back (RFC 5626 §4.4.1). */
  | Readonly<{ kind: 'ping' }>
  /** The end: nothing after this can be told apart. `head` is the head that is to blame, if there is a whole one. */
  | Readonly<{ kind: 'fault'; status: 400 | 413; detail: string; head?: Buffer }>

export type FramerLimits = Readonly<{
  /** Octets of one head, and of one body. */
  head: number
  body: number
}>

const ping: Frame = { kind: 'ping' }
const mostPieces = 32
const CR = 0x0d
const LF = 0x0a

/** Cuts a stream into messages by Content-Length (RFC 3261 §18.3). Holds at most one head and one body, both capped. Never throws. */
export class Framer {
  readonly #limits: FramerLimits
  /** What has come and is not yet a whole message. */
  #held: Buffer[] = []
  #heldLength = 0
  /** Where the whole message will end, once its head is complete. */
  #need = 0
  #lineEnds = 0
  #broken = false

  constructor(limits: FramerLimits) {
    this.#limits = limits
  }

  /** True while a message has begun and is not complete. */
  get partial(): boolean {
    return this.#heldLength > 0
  }

  /** Octets of what has begun and is not complete. */
  get held(): number {
    return this.#heldLength
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    let rest = chunk
    while (rest.length > 0 && !this.#broken) rest = this.#take(rest, frames)
    return frames
  }

  /** Takes what it can of the bytes and returns the others. */
  #take(bytes: Buffer, frames: Frame[]): Buffer {
    if (this.#heldLength === 0) {
      const start = this.#skipLineEnds(bytes, frames)
      if (start > 0) return bytes.subarray(start)
    }
    // The end of a message whose head is known: keep pieces as they are until the last one is here.
    if (this.#need > this.#heldLength + bytes.length) return this.#hold(bytes)
    if (this.#need > 0) {
      const taken = this.#need - this.#heldLength
      this.#held.push(bytes.subarray(0, taken))
      frames.push({ kind: 'message', bytes: Buffer.concat(this.#held, this.#need) })
      this.#reset()
      return bytes.subarray(taken)
    }
    return this.#takeHead(bytes, frames)
  }

  #takeHead(bytes: Buffer, frames: Frame[]): Buffer {
    const all = this.#heldLength === 0 ? bytes : Buffer.concat([...this.#held, bytes])
    // What was held has been searched, but for an end that lies across the seam.
    const end = endOfHead(all, Math.max(0, this.#heldLength - 3))
    if (end < 0) {
      if (all.length > this.#limits.head) return this.#fail(frames, 413, 'the head does not end')
      this.#held = [all]
      this.#heldLength = all.length
      return empty
    }
    if (end > this.#limits.head) return this.#fail(frames, 413, 'the head is too long', all.subarray(0, end))
    const length = declaredLength(all.subarray(0, end))
    if (length === undefined) return this.#fail(frames, 400, 'Bad Content-Length', all.subarray(0, end))
    if (length > this.#limits.body) return this.#fail(frames, 413, 'Message Too Large', all.subarray(0, end))
    const need = end + length
    if (all.length >= need) {
      frames.push({ kind: 'message', bytes: all.subarray(0, need) })
      this.#reset()
      return all.subarray(need)
    }
    this.#held = [all]
    this.#heldLength = all.length
    this.#need = need
    return empty
  }

  /** Line ends between messages: every second one is a ping; a lone one is a pong, or a sloppy end of the message before. */
  #skipLineEnds(bytes: Buffer, frames: Frame[]): number {
    let at = 0
    while (at < bytes.length && (bytes[at] === CR || bytes[at] === LF)) {
      if (bytes[at] === LF && ++this.#lineEnds === 2) {
        this.#lineEnds = 0
        // However many come at once, one answer is enough.
        if (frames.at(-1) !== ping) frames.push(ping)
      }
      at++
    }
    if (at < bytes.length) this.#lineEnds = 0
    return at
  }

  #hold(bytes: Buffer): Buffer {
    this.#held.push(bytes)
    // Each piece costs more than its bytes; a peer that drips must not make thousands of them.
    if (this.#held.length > mostPieces) this.#held = [Buffer.concat(this.#held)]
    this.#heldLength += bytes.length
    return empty
  }

  #reset(): void {
    this.#held = []
    this.#heldLength = 0
    this.#need = 0
  }

  #fail(frames: Frame[], status: 400 | 413, detail: string, head?: Buffer): Buffer {
    this.#broken = true
    this.#reset()
    frames.push(head === undefined ? { kind: 'fault', status, detail } : { kind: 'fault', status, detail, head })
    return empty
  }
}

const empty = Buffer.alloc(0)

/** Index past the first empty line, as the parser sees it (a bare LF ends a line too); -1 if there is none yet. */
function endOfHead(bytes: Buffer, from: number): number {
  const crlf = bytes.indexOf('\n\r\n', from, 'latin1')
  const lf = (crlf < 0 ? bytes : bytes.subarray(0, crlf)).indexOf('\n\n', from, 'latin1')
  if (lf >= 0) return lf + 2
  return crlf < 0 ? -1 : crlf + 3
}

/** Octets of the body that the head announces; undefined if it does so wrongly, twice, or not at all although there is a body. */
function declaredLength(head: Buffer): number | undefined {
  const text = head.toString('latin1')
  const { headers } = indexHead(text, text.indexOf('\n') + 1, true)
  const lines = headers.count('content-length')
  if (lines > 1) return undefined
  if (lines === 1) return digits(headers.get('content-length') as string, Number.MAX_SAFE_INTEGER)
  // A stream must say the length (§18.3). Without a body most senders that forget it mean none.
  return headers.has('content-type') ? undefined : 0
}
