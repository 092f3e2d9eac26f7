import { describe, expect, test } from 'vitest'
import { begunFirst, readingLeast } from '../../../src/sip/transport/stream-memory.ts'

describe('who gives way when all connections together hold too much', () => {
  test('of messages that are not complete, the one that was begun first', () => {
    const flows = [{ partialSince: undefined }, { partialSince: 5 }, { partialSince: 3 }, { partialSince: 4 }]
    expect(begunFirst(flows)).toBe(flows[2])
    expect(begunFirst([{ partialSince: undefined }])).toBeUndefined()
  })

  test.each([
    [100, []],
    [60, []],
    [59, [30]],
    [29, [30, 20]],
    [0, [30, 20, 10]],
  ])('of queues of 60 octets and a limit of %i, the longest', (limit, ended) => {
    const flows = [{ queued: 20 }, { queued: 0 }, { queued: 30 }, { queued: 10 }]
    expect(readingLeast(flows, limit).map(({ queued }) => queued)).toEqual(ended)
  })
})
