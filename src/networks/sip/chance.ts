import { randomFillSync } from 'node:crypto'

/** Randomness for tags, branches and Call-IDs: the system's. */
export function fillRandom(view: Uint8Array): void {
  randomFillSync(view)
}
