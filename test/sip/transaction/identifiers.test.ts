import { getRandomValues } from 'node:crypto'
import { expect, test } from 'vitest'
import { Identifiers } from '../../../src/sip/transaction/identifiers.ts'

// 10^7 in the long suite, as a test of the drawing, not of chance: 128 bits do not collide, a block read twice does.
const runs = process.env.ONHOOK_LONG === undefined ? 100_000 : 4_000_000

test('branches, tags and Call-IDs carry 128 bits and do not repeat', () => {
  const ids = new Identifiers((view) => void getRandomValues(view))
  const seen = new Set<string>()
  for (let i = 0; i < runs; i++) {
    seen.add(ids.tag())
  }
  expect(seen.size).toBe(runs)
  expect(ids.branch()).toMatch(/^z9hG4bK[0-9a-f]{32}$/)
  expect(ids.callId()).toMatch(/^[0-9a-f]{32}$/)
})

test('below(n) stays below n and reaches both ends', () => {
  const ids = new Identifiers((view) => void getRandomValues(view))
  const seen = new Set<number>()
  for (let i = 0; i < 2000; i++) seen.add(ids.below(11))
  expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})
