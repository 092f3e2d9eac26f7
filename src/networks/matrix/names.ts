import { createHash, randomBytes } from 'node:crypto'

/** What a ghost's localpart may hold as it is; `=` and the rest are written as `=xx` (Matrix appendices, user identifiers). */
const plain = /[a-z0-9._+-]/

export function serverOf(userId: string): string {
  return userId.slice(userId.indexOf(':') + 1)
}

/** Which users are our ghosts, and which number each stands for. */
export class GhostNames {
  readonly #before: string
  readonly #after: string

  constructor(prefix: string, serverName: string) {
    this.#before = `@${prefix}`
    this.#after = `:${serverName}`
  }

  /**
   * The ghost of a number, or of a SIP user's name.
   *
   * @example
   * new GhostNames('tel_', 'example.org').of('+15550100') // '@tel_+15550100:example.org'
   */
  of(number: string): string {
    let local = ''
    for (const byte of Buffer.from(number)) {
      const letter = String.fromCharCode(byte)
      local += plain.test(letter) ? letter : `=${byte.toString(16).padStart(2, '0')}`
    }
    return `${this.#before}${local}${this.#after}`
  }

  /** The number of one of our ghosts; undefined for anybody else. */
  numberOf(userId: string): string | undefined {
    if (!userId.startsWith(this.#before) || !userId.endsWith(this.#after)) return undefined
    const local = userId.slice(this.#before.length, userId.length - this.#after.length)
    if (local === '' || !/^(?:[a-z0-9._+-]|=[0-9a-f]{2})+$/.test(local)) return undefined
    const bytes: number[] = []
    for (const [piece] of local.matchAll(/=[0-9a-f]{2}|./g)) {
      bytes.push(piece.length === 3 ? Number.parseInt(piece.slice(1), 16) : piece.charCodeAt(0))
    }
    return Buffer.from(bytes).toString()
  }
}

/** A name that nobody guesses and no other call has: 96 bits, inside the grammar of opaque identifiers. */
export function freshId(): string {
  return randomBytes(12).toString('base64url')
}

/** The transaction id of one event: the same after a crash, so that what was said is not said again. */
export function letterId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 32)
}
