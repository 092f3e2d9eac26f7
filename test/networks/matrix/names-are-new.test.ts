import { expect, test } from 'vitest'
import { freshId } from '../../../src/networks/matrix/names.ts'

test('a call’s and a party’s name is within the grammar, and each has the bits that nobody guesses', () => {
  const names = Array.from({ length: 2_000 }, freshId)
  expect(new Set(names).size).toBe(names.length)
  // 16 of 64 characters are 96 bits; the specification's grammar allows 255.
  for (const name of names) expect(name).toMatch(/^[0-9A-Za-z\-._~]{16,255}$/)
})
