import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Move, World } from './world.ts'

const small = fc.nat({ max: 7 })
const rule = fc.constantFrom<0 | 1 | 2>(0, 1, 2)
const onLeg = (...names: ('branch' | 'ring' | 'early' | 'answer' | 'ack' | 'refuse')[]) =>
  fc.record({ do: fc.constantFrom(...names), leg: small, branch: small, all: fc.boolean() })

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ do: fc.constant('dial' as const), rule, bridged: fc.boolean() }),
  // Weighted, because a call that ends at once meets no races.
  { weight: 5, arbitrary: onLeg('branch', 'branch', 'ring', 'early', 'answer', 'ack', 'refuse') },
  fc.record({
    do: fc.constant('end' as const),
    leg: small,
    whole: fc.boolean(),
    cause: fc.nat({ max: 40 }),
    actor: small,
    wire: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('arm' as const),
    leg: small,
    whole: fc.boolean(),
    until: fc.constantFrom<'ringing' | 'any'>('ringing', 'any'),
    id: fc.nat({ max: 3 }),
  }),
  fc.record({ do: fc.constantFrom<'disarm' | 'fire'>('disarm', 'fire'), id: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constantFrom<'bridge' | 'unbridge'>('bridge', 'unbridge'), leg: small, other: small, rule }),
  fc.record({ do: fc.constant('told' as const), leg: small }),
  fc.record({ do: fc.constantFrom<'commit' | 'crash' | 'again'>('commit', 'commit', 'crash', 'again') }),
)

test('P1–P4: whatever happens in whatever order, one ending, everyone told once, one record, nothing left', () => {
  const run = fc.property(
    fc.constantFrom<'in' | 'out'>('in', 'out'),
    fc.array(move, { minLength: 3, maxLength: 60, size: 'max' }),
    (direction, moves) => {
      const world = new World(direction)
      for (const step of moves) world.step(step)
      if (world.forgotten === 0) world.finish()
      expect(world.disk.records.length).toBeLessThanOrEqual(1)
    },
  )
  fc.assert(run, { numRuns: process.env.ONHOOK_LONG ? 200_000 : 10_000 })
}, 600_000)
