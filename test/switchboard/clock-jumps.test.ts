import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/switchboard/clock.ts'

afterEach(() => vi.restoreAllMocks())

test.each([-365 * 86_400_000, 365 * 86_400_000])(
  'somebody sets the system clock by %i ms: time goes on as it was, and no alarm rings early or is lost',
  async (jump) => {
    const clock = systemClock()
    const before = clock.now()
    let rang = 0
    const early = clock.alarm(before + 3_600_000, () => rang++)
    const due = new Promise<void>((resolve) => clock.alarm(before + 20, resolve))
    const real = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => real.call(Date) + jump)
    // The alarms of the clock keep no process alive; this one does.
    const alive = setInterval(() => {}, 1000)
    await due
    clearInterval(alive)
    const after = clock.now()
    expect(after).toBeGreaterThanOrEqual(before + 20)
    expect(after - before).toBeLessThan(3_600_000)
    expect(rang).toBe(0)
    early()
  },
)
