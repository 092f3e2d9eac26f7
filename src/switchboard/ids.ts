import { randomFillSync } from 'node:crypto'
import type { Ids } from './ports.ts'

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const batch = 256

/** UUIDv7 (RFC 9562 §5.7): sorted by time, 74 random bits. Randomness is drawn in batches: a draw costs a system call. */
export function systemIds(now: () => number = Date.now): Ids {
  const random = Buffer.allocUnsafe(10 * batch)
  let used = batch
  return {
    uuid() {
      if (used === batch) {
        randomFillSync(random)
        used = 0
      }
      const at = 10 * used++
      const time = Math.floor(now())
      const byte = (index: number) => random[at + index] as number
      const high = Math.floor(time / 2 ** 16)
        .toString(16)
        .padStart(8, '0')
      const low = (time % 2 ** 16).toString(16).padStart(4, '0')
      const third = `7${(byte(0) & 0x0f).toString(16)}${hex[byte(1)]}`
      const fourth = `${hex[(byte(2) & 0x3f) | 0x80]}${hex[byte(3)]}`
      const last = `${hex[byte(4)]}${hex[byte(5)]}${hex[byte(6)]}${hex[byte(7)]}${hex[byte(8)]}${hex[byte(9)]}`
      return `${high}-${low}-${third}-${fourth}-${last}`
    },
  }
}
