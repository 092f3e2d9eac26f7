/** RFC 3261 §17.1.1.1. Milliseconds. */
export type Timing = Readonly<{ t1: number; t2: number; t4: number }>

export const standardTiming: Timing = { t1: 500, t2: 4000, t4: 5000 }

/** RFC 3261 Appendix A and RFC 6026 §7; `E-slow` is timer E in the Proceeding state (§17.1.2.2). */
export const timerNames = [
  ...(['A', 'B', 'D', 'E', 'E-slow', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M'] as const),
  'cancel-wait',
] as const
export type TimerName = (typeof timerNames)[number]

/** How long a timer runs. `fired` counts how often its retransmission timer has rung before. */
export function duration(timer: TimerName, fired: number, timing: Timing): number {
  switch (timer) {
    case 'A':
      return timing.t1 * 2 ** fired
    case 'E':
    case 'G':
      return backoff(fired, timing)
    case 'E-slow':
      return timing.t2
    case 'B':
    case 'D':
    case 'F':
    case 'H':
    case 'J':
    case 'L':
    case 'M':
    case 'cancel-wait':
      return 64 * timing.t1
    case 'I':
    case 'K':
      return timing.t4
  }
}

/** T1, 2·T1, 4·T1 … never above T2: timers E and G, and the user's own retransmission of a 2xx (§13.3.1.4). */
export function backoff(fired: number, timing: Timing): number {
  return fired > 10 ? timing.t2 : Math.min(timing.t1 * 2 ** fired, timing.t2)
}
