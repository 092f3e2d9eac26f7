import { describe, expect, test } from 'vitest'
import { Moderation } from '../../src/server/moderation.ts'

/** Plays so many datagrams a second for a while, each in a turn of its own; the milliseconds that the thread slept. */
function play(moderation: { heard(): void }, turns: ReturnType<typeof paperTurns>, perSecond: number, seconds: number) {
  const before = turns.slept
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    turns.at += 1000 / perSecond
    moderation.heard()
    turns.end()
  }
  return turns.slept - before
}

function paperTurns() {
  const waiting: (() => void)[] = []
  return {
    at: 0,
    slept: 0,
    now() {
      return this.at
    },
    afterTurn(then: () => void) {
      waiting.push(then)
    },
    sleep(milliseconds: number) {
      this.slept += milliseconds
    },
    end() {
      const due = waiting.splice(0)
      for (const each of due) each()
      return due.length
    },
  }
}

describe('moderation of datagrams', () => {
  test.each([1, 20, 150, 390])('%i a second are never waited for', (perSecond) => {
    const turns = paperTurns()
    expect(play(new Moderation(turns), turns, perSecond, 5)).toBe(0)
  })

  test.each([450, 1200, 10_000])('%i a second are gathered once their pace is known', (perSecond) => {
    const turns = paperTurns()
    const moderation = new Moderation(turns)
    expect(play(moderation, turns, perSecond, 0.1)).toBe(0)
    expect(play(moderation, turns, perSecond, 1)).toBeGreaterThan(0)
  })

  test('a turn with many datagrams pauses once, for 3 ms', () => {
    const turns = paperTurns()
    const moderation = new Moderation(turns)
    play(moderation, turns, 1000, 1)
    const before = turns.slept
    for (let datagram = 0; datagram < 50; datagram++) moderation.heard()
    expect(turns.end()).toBe(1)
    expect(turns.slept - before).toBe(3)
  })

  test('what comes after a rush, and after a rest, is not waited for', () => {
    const turns = paperTurns()
    const moderation = new Moderation(turns)
    play(moderation, turns, 1000, 1)
    turns.at += 3000
    expect(play(moderation, turns, 20, 1)).toBe(0)
  })

  test('the thread sleeps for real', () => {
    const moderation = new Moderation()
    const before = performance.now()
    let heard = 0
    while (performance.now() - before < 500) {
      moderation.heard()
      heard++
    }
    const turned = performance.now()
    let put = Number.POSITIVE_INFINITY
    setImmediate(() => {
      put = performance.now() - turned
    })
    return new Promise<void>((resolve) =>
      setImmediate(() =>
        setImmediate(() => {
          expect(heard).toBeGreaterThan(200)
          const slept = performance.now() - turned
          expect(slept - put, 'what was put off to the end of the turn is done before').toBeGreaterThan(2.5)
          resolve()
        }),
      ),
    )
  })
})
