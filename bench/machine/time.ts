import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds since the Unix epoch, with fractions: comparable with the moments that other programs log. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** Milliseconds of the machine's monotonic clock, with fractions: comparable between all processes of the machine, to the microsecond. */
export function moment(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return delay(milliseconds, undefined, { signal })
}

/** Asks again and again until the answer is true. @returns false if `limit` milliseconds passed first. */
export async function until(
  answer: () => boolean | Promise<boolean>,
  limit: number,
  signal: AbortSignal,
  every = 20,
): Promise<boolean> {
  const end = now() + limit
  while (!(await answer())) {
    if (now() > end) return false
    await sleep(every, signal)
  }
  return true
}
