import type { Clock } from '../sip/index.ts'

/** Node's timers overflow past this and ring at once. */
const longestSleep = 2 ** 31 - 1

/** Real time for phones. Monotonic; its alarms keep no process alive. */
export function wallClock(): Clock {
  const now = () => Math.floor(performance.timeOrigin + performance.now())
  return {
    now,
    alarm(due, ring) {
      const timer = setTimeout(ring, Math.min(Math.max(0, due - now()), longestSleep))
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
