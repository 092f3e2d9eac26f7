import { describe, expect, onTestFinished, test } from 'vitest'
import { type CollectOptions, collect } from '../../../src/platforms/digits/index.ts'
import { PaperLeg, say } from './paper-leg.ts'

function begin(options: CollectOptions) {
  const leg = new PaperLeg()
  const collected = collect(leg.means, options)
  collected.catch(() => {})
  // Whatever happened, nothing is left.
  onTestFinished(() => expect([leg.listeners, leg.clock.armed]).toEqual([0, 0]))
  return { leg, clock: leg.clock, collected }
}

const rules = { max: 4, terminators: '#', firstDigit: 5000, interDigit: 2000 }

describe('prompts', () => {
  test('are heard one after the other, and then the time for the first key runs', async () => {
    const { leg, clock, collected } = begin({ rules, prompts: say('a', 'b') })
    await clock.pass(6999)
    expect(leg.heard).toEqual(['a', 'a.', 'b', 'b.'])
    await clock.pass(1)
    expect(await collected).toEqual({ type: 'timed-out', digits: '', fits: false, attempts: 1 })
  })

  test('stop at the first key, and those that follow are not heard', async () => {
    const { leg, clock, collected } = begin({ rules, prompts: say('a', 'b') })
    await clock.pass(500)
    leg.press('1')
    await clock.pass(100)
    expect(leg.heard).toEqual(['a', 'a!'])
    leg.press('234')
    expect(await collected).toEqual({ type: 'max-reached', digits: '1234', fits: true, attempts: 1 })
  })

  test('go on at a key that does not count', async () => {
    const { leg, clock, collected } = begin({ rules: { ...rules, keys: '12' }, prompts: say('a') })
    await clock.pass(500)
    leg.press('9')
    await clock.pass(600)
    expect(leg.heard).toEqual(['a', 'a.'])
    leg.press('1#')
    expect(await collected).toMatchObject({ type: 'terminated', digits: '1', terminator: '#' })
  })

  test('that cannot be heard fail it, with nothing left behind', async () => {
    const { clock, collected } = begin({ rules, prompts: say('missing') })
    await clock.pass(0)
    await expect(collected).rejects.toThrow('media.fetch-failed')
  })

  test('that cannot be heard are passed over if somebody wants to know of it', async () => {
    const failed: string[] = []
    const { leg, clock, collected } = begin({
      rules,
      prompts: say('missing', 'b'),
      promptFailed: (_, error) => failed.push((error as Error).message),
    })
    await clock.pass(1500)
    leg.press('1#')
    await collected
    expect([failed, leg.heard]).toEqual([['media.fetch-failed'], ['b', 'b.']])
  })
})

describe('time', () => {
  test('between keys starts anew with each', async () => {
    const { leg, clock, collected } = begin({ rules })
    await clock.pass(4999)
    leg.press('1')
    await clock.pass(1999)
    leg.press('2')
    await clock.pass(1999)
    leg.press('3')
    await clock.pass(2000)
    expect(await collected).toEqual({ type: 'timed-out', digits: '123', fits: true, attempts: 1 })
  })

  test('for the whole entry runs out whatever is pressed', async () => {
    const { leg, clock, collected } = begin({ rules: { interDigit: 2000, whole: 3000 } })
    for (let n = 0; n < 4; n++) {
      leg.press('1')
      await clock.pass(1000)
    }
    expect(await collected).toMatchObject({ type: 'timed-out', digits: '111' })
  })

  test('has no limit where none is set', async () => {
    const { leg, clock, collected } = begin({ rules: { terminators: '#' } })
    await clock.pass(1e9)
    leg.press('5')
    await clock.pass(1e9)
    leg.press('#')
    expect(await collected).toMatchObject({ type: 'terminated', digits: '5' })
  })
})

describe('attempts', () => {
  const options: CollectOptions = {
    rules: { ...rules, min: 4 },
    prompts: say('ask'),
    failurePrompts: say('wrong'),
    attempts: 3,
  }

  test('go on until one fits', async () => {
    const { leg, clock, collected } = begin(options)
    leg.press('1#')
    await clock.pass(2500)
    leg.press('1234')
    expect(await collected).toEqual({ type: 'max-reached', digits: '1234', fits: true, attempts: 2 })
    expect(leg.heard).toEqual(['ask', 'ask!', 'wrong', 'wrong.', 'ask', 'ask.'])
  })

  test('are used up: the failure prompt is heard after the last one too, whatever is pressed', async () => {
    const { leg, clock, collected } = begin({ ...options, attempts: 1 })
    leg.press('1#')
    await clock.pass(500)
    leg.press('7#')
    await clock.pass(600)
    expect(await collected).toEqual({ type: 'terminated', digits: '1', fits: false, terminator: '#', attempts: 1 })
    expect(leg.heard).toEqual(['ask', 'ask!', 'wrong', 'wrong.'])
  })

  test('a key cuts the failure prompt off and belongs to the next attempt', async () => {
    const { leg, clock, collected } = begin(options)
    await clock.pass(1000 + 5000 + 500)
    leg.press('1234')
    expect(await collected).toMatchObject({ digits: '1234', attempts: 2 })
    expect(leg.heard).toEqual(['ask', 'ask.', 'wrong', 'wrong!'])
  })
})

describe('it is aborted', () => {
  test.each([
    ['by the end of the leg', (leg: PaperLeg) => leg.endLeg()],
    ['by the end of the call', (leg: PaperLeg) => leg.endCall()],
  ])('%s, at any moment', async (_, end) => {
    for (const moment of [0, 500, 1500, 6500, 7500, 14_000]) {
      const { leg, clock, collected } = begin({
        rules: { ...rules, min: 9 },
        prompts: say('ask'),
        failurePrompts: say('wrong'),
        attempts: 2,
      })
      await clock.pass(moment)
      end(leg)
      await clock.pass(0)
      const { type } = await collected
      // At 14 s the last failure prompt is heard: it is cut off, and the outcome is known already.
      expect(type).toBe(moment === 14_000 ? 'timed-out' : 'aborted')
      const begun = leg.heard.length
      await clock.pass(60_000)
      expect(leg.heard).toHaveLength(begun)
    }
  })

  test('by its signal, also one that has fired already', async () => {
    const { leg, collected } = begin({ rules, prompts: say('a'), signal: AbortSignal.abort() })
    expect(await collected).toMatchObject({ type: 'aborted', digits: '' })
    expect(leg.heard).toEqual([])
    const stop = new AbortController()
    const second = begin({ rules, prompts: say('a'), signal: stop.signal })
    second.leg.press('12')
    stop.abort()
    expect(await second.collected).toMatchObject({ type: 'aborted', digits: '12' })
  })
})
