import { describe, expect, test } from 'vitest'
import { type EntryRules, type EntryState, enter, entryBegun, patience } from '../../../src/platforms/digits/entry.ts'

/** Plays a script of keys, `.` for the end of the prompts, `~` for a time that runs out, `x` for an abort. */
function run(rules: EntryRules, script: string): EntryState {
  let state = entryBegun
  for (const sign of script) {
    state = enter(
      rules,
      state,
      sign === '.'
        ? { type: 'prompted' }
        : sign === '~'
          ? { type: 'late' }
          : sign === 'x'
            ? { type: 'abort' }
            : { type: 'key', key: sign },
    )
  }
  return state
}

const four: EntryRules = { min: 4, max: 4, pattern: /^\d{4}$/, terminators: '#' }

test.each<[string, EntryRules, string, string, string, boolean]>([
  ['enough keys', four, '.1234', 'max-reached', '1234', true],
  ['keys before the prompts are over', four, '1234', 'max-reached', '1234', true],
  ['enough keys of the wrong kind', four, '.12*4', 'max-reached', '12*4', false],
  ['a terminator too early', four, '.12#', 'terminated', '12', false],
  ['a terminator at once, where nothing is needed', { terminators: '#*' }, '.*', 'terminated', '', true],
  ['a terminator that is none', { terminators: '*', max: 2 }, '.##', 'max-reached', '##', true],
  ['time runs out before the first key', { min: 0 }, '.~', 'timed-out', '', false],
  ['time runs out after enough', { min: 2 }, '.12~', 'timed-out', '12', true],
  ['time runs out after too few', { min: 3 }, '.12~', 'timed-out', '12', false],
  ['a pattern is waited for at the end', { pattern: /^1/ }, '.12~', 'timed-out', '12', true],
  ['a pattern ends it at once if asked to', { pattern: /^12$/, match: 'at-once' }, '.123', 'matched', '12', true],
  [
    'a pattern does not end it before the least',
    { pattern: /^1/, min: 3, match: 'at-once' },
    '.1234',
    'matched',
    '123',
    true,
  ],
  ['keys that do not count are passed over', { keys: '12', max: 2 }, '.314152', 'max-reached', '11', true],
  ['an abort after some keys', four, '.12x', 'aborted', '12', false],
  ['an abort before any', four, 'x', 'aborted', '', false],
  ['128 keys where nobody says how many', {}, `.${'1'.repeat(200)}`, 'max-reached', '1'.repeat(128), true],
  ['nothing after the end', four, '.1234#~x5', 'max-reached', '1234', true],
])('%s', (_, rules, script, type, digits, fits) => {
  expect(run(rules, script)).toMatchObject({ name: 'over', entered: { type, digits, fits } })
})

describe('time', () => {
  const rules = { firstDigit: 5000, interDigit: 2000 }
  test.each([
    ['', undefined],
    ['.', 5000],
    ['1', 2000],
    ['.12', 2000],
    ['.12x', undefined],
  ])('after "%s": %s', (script, expected) => {
    expect(patience(rules, run(rules, script))).toBe(expected)
  })

  test('an alarm that rings late, while prompts are heard, ends nothing', () => {
    expect(run(rules, '~')).toBe(entryBegun)
  })
})
