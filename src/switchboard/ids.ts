import { randomFillSync } from 'node:crypto'
import type { Ids } from './ports.ts'

const digits = Buffer.from('0123456789abcdef', 'latin1')
const dash = 0x2d
const batch = 256

/**
 * UUIDv7 (RFC 9562 §5.7): sorted by time, 74 random bits. Randomness is drawn in batches: a draw costs a system call. The text is written
 * as bytes, so that it is one string and not a chain of twenty.
 */
export function systemIds(now: () => number = Date.now): Ids {
  const random = Buffer.allocUnsafe(10 * batch)
  const bytes = new Uint8Array(16)
  const text = Buffer.alloc(36, dash)
  let used = batch
  return {
    uuid() {
      if (used === batch) {
        randomFillSync(random)
        used = 0
      }
      const at = 10 * used++
      let time = Math.floor(now())
      for (let index = 5; index >= 0; index--) {
        bytes[index] = time % 256
        time = Math.floor(time / 256)
      }
      for (let index = 0; index < 10; index++) bytes[index + 6] = random[at + index] as number
      bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
      bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
      let to = 0
      for (let index = 0; index < 16; index++) {
        if (index === 4 || index === 6 || index === 8 || index === 10) to++
        const byte = bytes[index] as number
        text[to++] = digits[byte >> 4] as number
        text[to++] = digits[byte & 0x0f] as number
      }
      return text.toString('latin1')
    },
  }
}
