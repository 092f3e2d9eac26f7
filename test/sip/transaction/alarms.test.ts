import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Alarm, AlarmWheel } from '../../../src/sip/transaction/alarms.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

function setUp() {
  const clock = new VirtualClock()
  const faults: unknown[] = []
  const wheel = new AlarmWheel(clock, (error) => void faults.push(error))
  const rung: [number, string][] = []
  const target = { rang: (name: string) => void rung.push([clock.now(), name]) }
  return { clock, wheel, rung, target, faults }
}

test('alarms ring when they are due, ties in the order of arming, and one clock alarm serves all', () => {
  const { clock, wheel, rung, target } = setUp()
  wheel.arm(500, target, 'a')
  wheel.arm(200, target, 'b')
  clock.advance(100)
  wheel.arm(400, target, 'c')
  wheel.arm(100, target, 'd')
  expect(clock.armed).toBe(1)
  clock.advance(1000)
  expect(rung).toEqual([
    [200, 'b'],
    [200, 'd'],
    [500, 'a'],
    [500, 'c'],
  ])
  expect([wheel.size, clock.armed]).toEqual([0, 0])
})

test('a disarmed alarm never rings, and nothing armed means no clock alarm', () => {
  const { clock, wheel, rung, target } = setUp()
  const alarm = wheel.arm(10, target, 'a')
  wheel.disarm(alarm)
  wheel.disarm(alarm)
  expect([wheel.size, clock.armed]).toEqual([0, 0])
  clock.advance(20)
  expect(rung).toEqual([])
})

test('one that throws stops nobody else', () => {
  const { clock, wheel, rung, target, faults } = setUp()
  wheel.arm(
    10,
    {
      rang() {
        throw new Error('bad')
      },
    },
    'x',
  )
  wheel.arm(10, target, 'a')
  wheel.arm(20, target, 'b')
  clock.advance(30)
  expect(rung.map(([, name]) => name)).toEqual(['a', 'b'])
  expect(faults).toHaveLength(1)
})

test('it behaves like a plain sorted list, whatever is armed and disarmed when', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('arm' as const), after: fc.constantFrom(0, 1, 5, 5, 50, 500, 32_000) }),
    fc.record({ do: fc.constant('disarm' as const), which: fc.nat(30) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 4, 60, 1000) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, wheel, rung, target } = setUp()
      const alarms: Alarm[] = []
      let model: { due: number; name: string }[] = []
      const expected: [number, string][] = []
      for (const each of steps) {
        if (each.do === 'arm') {
          const name = String(alarms.length)
          alarms.push(wheel.arm(each.after, target, name))
          model.push({ due: clock.now() + each.after, name })
        } else if (each.do === 'disarm') {
          wheel.disarm(alarms[each.which])
          model = model.filter(({ name }) => name !== String(each.which))
        } else {
          clock.advance(each.ms)
          const now = clock.now()
          const due = model.filter((one) => one.due <= now)
          model = model.filter((one) => one.due > now)
          // Array.sort is stable: ties stay in the order of arming.
          for (const one of due.sort((a, b) => a.due - b.due)) expected.push([one.due, one.name])
        }
      }
      expect(rung).toEqual(expected)
      expect(wheel.size).toBe(model.length)
      expect(clock.armed).toBe(model.length === 0 ? 0 : 1)
    }),
  )
})
