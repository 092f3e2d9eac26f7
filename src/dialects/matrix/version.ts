import type { Era } from './event.ts'

/**
 * Reads `content.version`. The integer 0 is version 0; every other string or whole number is treated as `"1"`, as the
 * specification asks of versions that a client does not know. The string `"0"`, of which it says nothing, is version 1
 * if the sender names its party, as version 1 demands, and version 0 if not. Anything else (a fraction, a boolean, an
 * object, nothing) is malformed: null.
 *
 * @example
 * readEra('org.matrix.1b', 'p') // 1
 */
export function readEra(version: unknown, partyId: unknown): Era | null {
  if (version === 0) return 0
  if (version === '0') return typeof partyId === 'string' ? 1 : 0
  if (typeof version === 'string') return 1
  return Number.isSafeInteger(version) ? 1 : null
}
