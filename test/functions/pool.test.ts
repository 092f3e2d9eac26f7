/** The instances of one function: how jobs wait, how many run, what a late one costs, what stays afterwards. Time is virtual. (P4) */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failed, type Instance, type Job, type Outcome } from '../../src/functions/instance.ts'
import { Pool, type PoolOptions } from '../../src/functions/pool.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

class Fake implements Instance {
  readonly #ready = Promise.withResolvers<void>()
  readonly #gone = Promise.withResolvers<string>()
  readonly ready = this.#ready.promise
  readonly gone = this.#gone.promise
  job: { job: Job; settle(outcome: Outcome): void } | undefined
  ended: string | undefined
  most = 0

  rise = () => this.#ready.resolve()
  fail = (why: string) => this.#ready.reject(new Error(why))
  invoke(job: Job): Promise<Outcome> {
    expect(this.job).toBeUndefined()
    expect(this.ended).toBeUndefined()
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.job = { job, settle: resolve }
    return promise
  }
  answer(outcome: Outcome = { ok: true, text: '1' }): void {
    const { job } = this
    this.job = undefined
    job?.settle(outcome)
  }
  die(how = 'it died'): void {
    this.answer({ ...failed('function', how), last: true })
    this.#gone.resolve(how)
  }
  async end(why: string): Promise<void> {
    this.ended ??= why
    this.answer(failed('function', 'ended'))
  }
}

function poolOf(options: Partial<PoolOptions> = {}) {
  const clock = new VirtualClock()
  const instances: Fake[] = []
  const warnings: string[] = []
  const pool = new Pool({
    start() {
      const instance = new Fake()
      instances.push(instance)
      return instance
    },
    limit: 3,
    patience: 25,
    clock,
    warn: (code, detail) => warnings.push(`${code}: ${detail}`),
    ...options,
  })
  const live = () => instances.filter(({ ended }) => ended === undefined)
  return { clock, pool, instances, live, warnings }
}

async function risen(options: Partial<PoolOptions> = {}) {
  const bench = poolOf(options)
  const ready = bench.pool.ready()
  bench.instances[0]!.rise()
  await ready
  return bench
}

describe('a pool', () => {
  it('starts one instance, and runs jobs on it one at a time, in order', async () => {
    const { pool, instances, clock } = await risen()
    const results = [1, 2, 3].map((n) => pool.invoke(`r${n}`, String(n), 1_000))
    for (const n of [1, 2, 3]) {
      await clock.pass(1)
      expect(instances[0]!.job?.job.event).toBe(String(n))
      instances[0]!.answer({ ok: true, text: String(n) })
    }
    expect(await Promise.all(results)).toEqual([1, 2, 3].map((n) => ({ ok: true, text: String(n) })))
    expect(instances.length).toBe(1)
  })

  it('tells a job what is left of its time after it has waited', async () => {
    const { pool, instances, clock } = await risen({ limit: 1 })
    void pool.invoke('a', '1', 1_000)
    void pool.invoke('b', '2', 1_000)
    await clock.pass(400)
    instances[0]!.answer()
    await clock.pass(0)
    expect(instances[0]!.job?.job).toEqual({ id: 'b', event: '2', milliseconds: 600 })
  })

  it('starts one more for each job that has waited long, up to its limit', async () => {
    const { pool, instances, clock } = await risen({ limit: 3 })
    for (let n = 0; n < 6; n++) void pool.invoke(`r${n}`, '0', 1_000)
    await clock.pass(24)
    expect(instances.length).toBe(1)
    await clock.pass(1)
    expect(instances.length).toBe(3)
    for (const instance of instances) instance.rise()
    await clock.pass(0)
    expect(instances.map(({ job }) => job?.job.id)).toEqual(['r0', 'r1', 'r2'])
  })

  it('lets go of what is more than one, when it was idle for a minute', async () => {
    const { pool, instances, clock, live } = await risen({ limit: 3 })
    const results = [1, 2, 3].map(() => pool.invoke('r', '0', 1_000))
    await clock.pass(25)
    for (const instance of instances) instance.rise()
    await clock.pass(0)
    for (const instance of instances) instance.answer()
    await Promise.all(results)
    await clock.pass(59_000)
    expect(live().length).toBe(3)
    await clock.pass(61_000)
    expect(live().length).toBe(1)
    expect(live()[0]).toBe(instances[0])
  })

  it('throws an instance away whose job ran out of time, and starts another', async () => {
    const { pool, instances, clock, warnings } = await risen()
    const result = pool.invoke('slow', '0', 5_000)
    await clock.pass(4_999)
    expect(instances[0]!.ended).toBeUndefined()
    await clock.pass(1)
    expect(await result).toEqual(failed('timeout', 'no answer within 5000 ms'))
    expect(instances[0]!.ended).toBe('timeout')
    expect(instances.length).toBe(2)
    expect(warnings).toEqual(['functions.timed-out: request slow: no answer within 5000 ms'])
  })

  it('lets waiting count: who waits too long is out of time, and costs no instance', async () => {
    const { pool, instances, clock } = await risen({ limit: 1 })
    void pool.invoke('busy', '0', 10_000)
    const result = pool.invoke('waiting', '0', 1_000)
    await clock.pass(1_000)
    expect(await result).toMatchObject({ ok: false, error: 'timeout' })
    expect(instances[0]!.ended).toBeUndefined()
  })

  it('lets an instance finish what its caller gave up, up to its deadline', async () => {
    const { pool, instances, clock } = await risen({ limit: 1 })
    const giveUp = new AbortController()
    const result = pool.invoke('a', '0', 5_000, giveUp.signal)
    const next = pool.invoke('b', '0', 20_000)
    await clock.pass(100)
    giveUp.abort()
    expect(await result).toMatchObject({ ok: false, error: 'aborted' })
    expect(instances[0]!.job?.job.id).toBe('a')
    instances[0]!.answer()
    await clock.pass(0)
    expect(instances[0]!.job?.job.id).toBe('b')
    await clock.pass(10_000)
    expect(instances[0]!.ended).toBeUndefined()
    instances[0]!.answer()
    expect(await next).toMatchObject({ ok: true })
  })

  it('ends an instance that goes on past the deadline of what its caller gave up', async () => {
    const { pool, instances, clock } = await risen({ limit: 1 })
    const giveUp = new AbortController()
    void pool.invoke('a', '0', 5_000, giveUp.signal)
    giveUp.abort()
    await clock.pass(5_000)
    expect(instances[0]!.ended).toBe('timeout')
  })

  it('takes no job that was given up before', async () => {
    const { pool } = await risen()
    expect(await pool.invoke('a', '0', 5_000, AbortSignal.abort())).toMatchObject({ ok: false, error: 'aborted' })
  })

  it('says at once why nothing starts, and tries again after longer and longer pauses', async () => {
    const { pool, instances, clock, warnings } = poolOf()
    const ready = pool.ready()
    const waiting = pool.invoke('a', '0', 5_000)
    instances[0]!.fail('no such file')
    await expect(ready).rejects.toThrow('no such file')
    expect(await waiting).toEqual(failed('unreachable', 'no such file'))
    expect(await pool.invoke('b', '0', 5_000)).toEqual(failed('unreachable', 'no such file'))
    for (const [count, pause] of [100, 500, 2_000, 10_000, 30_000, 30_000].entries()) {
      await clock.pass(pause - 1)
      expect(instances.length).toBe(count + 1)
      await clock.pass(1)
      expect(instances.length).toBe(count + 2)
      instances[count + 1]!.fail('no such file')
      await clock.pass(0)
    }
    expect(warnings).toEqual(['functions.not-started: no such file'])
  })

  it('replaces at once an instance that died at work, and after a pause one that died unused', async () => {
    const { pool, instances, clock, warnings } = await risen()
    const result = pool.invoke('a', '0', 5_000)
    instances[0]!.die('code 3')
    expect(await result).toMatchObject({ ok: false, error: 'function', detail: 'code 3' })
    await clock.pass(0)
    expect(instances.length).toBe(2)
    instances[1]!.rise()
    await clock.pass(0)
    instances[1]!.die('code 4')
    await clock.pass(99)
    expect(instances.length).toBe(2)
    expect(warnings).toEqual(['functions.died: code 4'])
    await clock.pass(1)
    expect(instances.length).toBe(3)
  })

  it('gives up on an instance that is never ready', async () => {
    const { pool, clock } = poolOf()
    const ready = pool.ready()
    const result = pool.invoke('a', '0', 5_000)
    ready.catch(() => {})
    await clock.pass(5_000)
    expect(await result).toMatchObject({ ok: false, error: 'timeout' })
    await clock.pass(25_000)
    await expect(ready).rejects.toThrow('not ready within 30000 ms')
  })

  it('runs what comes after a change on new instances, and lets the old ones finish', async () => {
    const { pool, instances, clock } = await risen()
    const old = pool.invoke('old', '0', 5_000)
    pool.reload()
    const next = pool.invoke('new', '0', 5_000)
    await clock.pass(25)
    instances[1]!.rise()
    await clock.pass(0)
    expect(instances.map(({ job }) => job?.job.id)).toEqual(['old', 'new'])
    instances[0]!.answer({ ok: true, text: '"old"' })
    instances[1]!.answer({ ok: true, text: '"new"' })
    expect([await old, await next]).toEqual([
      { ok: true, text: '"old"' },
      { ok: true, text: '"new"' },
    ])
    expect(instances[0]!.ended).toBe('retired')
    expect(instances[1]!.ended).toBeUndefined()
  })

  it('whose code was changed tries at once what did not start', async () => {
    const { pool, instances, clock } = poolOf()
    pool.ready().catch(() => {})
    instances[0]!.fail('a syntax error')
    await clock.pass(0)
    pool.reload()
    expect(instances.length).toBe(2)
  })

  it('that is closed has settled everything, ended everything, and armed nothing', async () => {
    const { pool, instances, clock } = await risen({ limit: 1 })
    const results = [1, 2].map(() => pool.invoke('a', '0', 5_000))
    await pool.close()
    expect(await Promise.all(results)).toEqual([1, 2].map(() => failed('aborted', 'the functions are closed')))
    expect(instances.map(({ ended }) => ended)).toEqual(['closing'])
    expect(await pool.invoke('b', '0', 5_000)).toMatchObject({ ok: false, error: 'aborted' })
    await clock.pass(0)
    expect(clock.armed).toBe(0)
  })

  it('settles every job exactly once and leaves nothing, whatever happens in whatever order', async () => {
    type Step =
      | { do: 'invoke'; timeout: number; abort: boolean }
      | { do: 'rise' | 'fail' | 'answer' | 'die'; at: number }
      | { do: 'pass'; milliseconds: number }
      | { do: 'abort' | 'reload' }
    const at = fc.nat(5)
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({
        do: fc.constant('invoke' as const),
        timeout: fc.integer({ min: 1, max: 3_000 }),
        abort: fc.boolean(),
      }),
      fc.record({
        do: fc.constantFrom(
          'rise' as const,
          'rise' as const,
          'fail' as const,
          'answer' as const,
          'answer' as const,
          'die' as const,
        ),
        at,
      }),
      fc.record({ do: fc.constant('pass' as const), milliseconds: fc.nat(2_000) }),
      fc.record({ do: fc.constantFrom('abort' as const, 'reload' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (steps, limit) => {
        const { pool, instances, clock, live } = poolOf({ limit })
        pool.ready().catch(() => {})
        const stop = new AbortController()
        const results: Promise<Outcome>[] = []
        for (const one of steps) {
          const instance = 'at' in one ? live().at(one.at) : undefined
          if (one.do === 'invoke')
            results.push(pool.invoke(`r${results.length}`, '0', one.timeout, one.abort ? stop.signal : undefined))
          else if (one.do === 'pass') await clock.pass(one.milliseconds)
          else if (one.do === 'abort') stop.abort()
          else if (one.do === 'reload') pool.reload()
          else if (one.do === 'fail') instance?.fail('failed')
          else instance?.[one.do]()
          await clock.pass(0)
          expect(live().length).toBeLessThanOrEqual(limit)
        }
        // Whatever still waits runs out of time, also where nothing ever rises.
        await clock.pass(3_000)
        for (const result of results) expect(await Promise.race([result, 'pending'])).not.toBe('pending')
        await pool.close()
        await clock.pass(0)
        expect(live()).toEqual([])
        expect(instances.every(({ job }) => job === undefined)).toBe(true)
        expect(clock.armed).toBe(0)
      }),
      { numRuns: process.env.ONHOOK_LONG ? 20_000 : 200 },
    )
  })
})
