/**
 * Puts a far end's DTLS handshake in order (RFC 6347 §4.2). werift takes messages as they come: one that comes twice, because
 * something took longer than the other side would wait, begins a flight anew and spoils the keys. So it is given each
 * message once, whole, in its order. Pure.
 */
export type Arrived = Readonly<{
  /** Datagrams for werift. */
  records: readonly Buffer[]
  /** Whether the far end said something again: it missed our last words. */
  repeated: boolean
}>

const recordHeader = 13
const messageHeader = 12
const handshake = 22
const changeCipherSpec = 20
/** So far ahead, and so long, is no honest message. */
const mostAhead = 16
const longestMessage = 65_536
const serverHello = 2

type Partial = { type: number; body: Buffer; have: Set<number>; missing: number; version: Buffer }

export class HandshakeOrder {
  #next = 0
  #waiting = new Map<number, Partial>()
  #lastType = -1
  /** What was said under keys before our own side had all that the keys are made of. */
  #sealed: Buffer | null = null
  readonly #sealedAfter: number | null

  /** @param sealedAfter the message that must have come before one under keys can be read; null: none. */
  constructor(sealedAfter: number | null) {
    this.#sealedAfter = sealedAfter
  }

  hear(datagram: Buffer): Arrived {
    const records: Buffer[] = []
    let repeated = false
    for (let at = 0; at + recordHeader <= datagram.length; ) {
      const end = at + recordHeader + datagram.readUInt16BE(at + 11)
      if (end > datagram.length) break
      const record = datagram.subarray(at, end)
      const epoch = record.readUInt16BE(3)
      if (record[0] === handshake && epoch === 0) repeated = this.#messages(record, records) || repeated
      else if (record[0] === handshake && !this.#mayUnseal) this.#sealed = Buffer.from(record)
      // It tells nothing that the epoch of the next record does not tell.
      else if (record[0] !== changeCipherSpec) records.push(record)
      at = end
    }
    if (this.#sealed !== null && this.#mayUnseal) {
      records.push(this.#sealed)
      this.#sealed = null
    }
    return { records, repeated }
  }

  get #mayUnseal(): boolean {
    return this.#sealedAfter === null || this.#lastType === this.#sealedAfter
  }

  /** @returns whether one of them had come before. */
  #messages(record: Buffer, into: Buffer[]): boolean {
    let repeated = false
    for (let at = recordHeader; at + messageHeader <= record.length; ) {
      const type = record[at]!
      const length = record.readUIntBE(at + 1, 3)
      const sequence = record.readUInt16BE(at + 4)
      const offset = record.readUIntBE(at + 6, 3)
      const part = record.readUIntBE(at + 9, 3)
      const start = at + messageHeader
      at = start + part
      if (at > record.length || offset + part > length || length > longestMessage) break
      // After a HelloVerifyRequest some servers count from the beginning again.
      if (type === serverHello && sequence === 0 && this.#next === 1) this.#next = 0
      if (sequence < this.#next) repeated = true
      else if (sequence < this.#next + mostAhead) {
        this.#keep(sequence, type, length, offset, record.subarray(start, at), record.subarray(1, 3))
      }
    }
    for (let message = this.#waiting.get(this.#next); message?.missing === 0; message = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next)
      into.push(wrap(message, this.#next))
      this.#lastType = message.type
      this.#next++
    }
    return repeated
  }

  #keep(sequence: number, type: number, length: number, offset: number, bytes: Buffer, version: Buffer): void {
    let message = this.#waiting.get(sequence)
    if (message === undefined || message.type !== type || message.body.length !== length) {
      const body = Buffer.alloc(length)
      message = { type, body, have: new Set(), missing: length, version: Buffer.from(version) }
      this.#waiting.set(sequence, message)
    }
    for (let n = 0; n < bytes.length; n++) {
      if (message.have.has(offset + n)) continue
      message.have.add(offset + n)
      message.body[offset + n] = bytes[n]!
      message.missing--
    }
  }
}

/** A message as if it had come in one piece: that is how both sides sign it (§4.2.6). */
function wrap({ type, body, version }: Partial, sequence: number): Buffer {
  const record = Buffer.alloc(recordHeader + messageHeader + body.length)
  record[0] = handshake
  version.copy(record, 1)
  record.writeUInt16BE(sequence, 9)
  record.writeUInt16BE(messageHeader + body.length, 11)
  record[recordHeader] = type
  record.writeUIntBE(body.length, recordHeader + 1, 3)
  record.writeUInt16BE(sequence, recordHeader + 4)
  record.writeUIntBE(body.length, recordHeader + 9, 3)
  body.copy(record, recordHeader + messageHeader)
  return record
}
