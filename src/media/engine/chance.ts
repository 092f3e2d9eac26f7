import { randomFillSync } from 'node:crypto'
import type { Chance } from './stream.ts'

/** Asking the system costs a thousand times as much as the few bytes that a session needs; so many are asked for at once. */
const blockLength = 4096

/** Numbers that cannot be guessed. None is given twice. */
export function systemChance(): Chance {
  const block = new DataView(new ArrayBuffer(blockLength))
  let at = blockLength
  const uint32 = (): number => {
    if (at === blockLength) {
      randomFillSync(block)
      at = 0
    }
    at += 4
    return block.getUint32(at - 4)
  }
  return { uint32, fraction: () => uint32() / 2 ** 32 }
}
