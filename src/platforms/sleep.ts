import type { Clock } from '../switchboard/ports.ts'

/** Resolves after so many milliseconds, or when the signal fires. */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const wake = () => {
      disarm()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const disarm = clock.alarm(clock.now() + milliseconds, wake)
    signal.addEventListener('abort', wake, { once: true })
  })
}

/** Resolves when the signal fires. */
export function over(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
