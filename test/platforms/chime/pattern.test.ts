import { expect, test } from 'vitest'
import { entryPattern } from '../../../src/platforms/chime/pattern.ts'

test.each([
  ['^\\d{2}#$', '11#', true],
  ['^\\d{2}#$', '1#', false],
  ['[12]', '2', true],
])('%s and %s: %s', (source, digits, fits) => {
  expect(entryPattern(source)?.test(digits)).toBe(fits)
})

test('what is no pattern is none', () => {
  expect(entryPattern('(')).toBeNull()
})

test('a pattern that would take years does not fit, and holds up nobody', () => {
  // It would not come back at all.
  expect(entryPattern('^(\\d+)+$')?.test(`${'1'.repeat(60)}*`)).toBe(false)
  expect(entryPattern('^(\\d+)+$')?.test('11')).toBe(true)
})
