import { describe, expect, it } from 'vitest'
import { systemIds } from '../../src/switchboard/ids.ts'

describe('our identifiers', () => {
  it('are UUIDs of version 7, of the time at which they were made', () => {
    const ids = systemIds(() => 0x0123_4567_89ab)
    for (let count = 0; count < 1000; count++) {
      expect(ids.uuid()).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })

  it('never come twice', () => {
    const ids = systemIds(() => 1)
    expect(new Set(Array.from({ length: 10_000 }, () => ids.uuid())).size).toBe(10_000)
  })
})
