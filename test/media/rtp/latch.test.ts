import { describe, expect, test } from 'vitest'
import { Latch } from '../../../src/media/rtp/latch.ts'

const agreed = { address: '198.51.100.1', port: 4000 }
const nat = { address: '203.0.113.7', port: 61_000 }
const stranger = { address: '192.0.2.66', port: 5 }

type Source = typeof agreed

/** Sends packets of one stream, 20 ms apart. */
class Talker {
  #sequence: number
  readonly #latch: Latch
  readonly #source: Source
  readonly #ssrc: number
  constructor(latch: Latch, source: Source, ssrc: number, sequence = 1) {
    this.#latch = latch
    this.#source = source
    this.#ssrc = ssrc
    this.#sequence = sequence
  }
  say(count: number, at: number): boolean[] {
    return Array.from({ length: count }, (_, n) => {
      const { address, port } = this.#source
      return this.#latch.hear(address, port, this.#ssrc, this.#sequence++ & 0xffff, at + n * 20)
    })
  }
}

test('the agreed address is believed at once', () => {
  const latch = new Latch('any', agreed)
  expect(new Talker(latch, agreed, 1).say(2, 0)).toEqual([true, true])
  expect(latch.target).toEqual(agreed)
})

test('another address is believed after three packets of one stream, and sent to from then on', () => {
  const latch = new Latch('any', agreed)
  const talker = new Talker(latch, nat, 1, 0xfffe)
  expect(talker.say(2, 0)).toEqual([false, false])
  expect(latch.target).toEqual(agreed)
  expect(talker.say(2, 40)).toEqual([true, true])
  expect(latch.target).toEqual(nat)
})

test('single packets of many sources and streams are never believed', () => {
  const latch = new Latch('any', agreed)
  for (let n = 0; n < 50; n++) {
    expect(latch.hear('203.0.113.7', 1000 + n, 1, n, n)).toBe(false)
    expect(latch.hear('203.0.113.7', 1000, n, 5, n)).toBe(false)
    expect(latch.hear('203.0.113.7', 1000, 7, (n * 1000) & 0xffff, n)).toBe(false)
  }
  expect(latch.target).toEqual(agreed)
})

describe('once somebody is believed', () => {
  test.each([
    ['the agreed one', agreed],
    ['a learnt one', nat],
  ])('a stranger is not heard while %s talks', (_, source) => {
    const latch = new Latch('any', agreed)
    const talker = new Talker(latch, source, 1)
    const other = new Talker(latch, stranger, 2)
    talker.say(3, 0)
    for (let n = 0; n < 200; n++) {
      expect(talker.say(1, 60 + n * 20)).toEqual([true])
      expect(other.say(1, 61 + n * 20)).toEqual([false])
    }
    expect(latch.target).toEqual(source)
  })

  test('another address of the far end is learnt after two seconds of silence', () => {
    const latch = new Latch('any', agreed)
    new Talker(latch, agreed, 1).say(3, 0)
    const moved = new Talker(latch, nat, 1)
    expect(moved.say(3, 1000)).toEqual([false, false, false])
    expect(moved.say(4, 2100)).toEqual([false, false, true, true])
    expect(latch.target).toEqual(nat)
  })

  test('the agreed address is believed again whenever it talks', () => {
    const latch = new Latch('any', agreed)
    new Talker(latch, nat, 1).say(3, 0)
    expect(new Talker(latch, agreed, 2).say(1, 60)).toEqual([true])
    expect(latch.target).toEqual(agreed)
  })
})

test('a new agreement forgets what was learnt; the same one again does not', () => {
  const latch = new Latch('any', agreed)
  new Talker(latch, nat, 1).say(3, 0)
  latch.agree({ ...agreed })
  expect(latch.target).toEqual(nat)
  latch.agree({ address: '198.51.100.2', port: 4000 })
  expect(latch.target).toEqual({ address: '198.51.100.2', port: 4000 })
})

/** [policy, source, believed] */
const policies = [
  ['address', { address: agreed.address, port: 9999 }, true],
  ['address', nat, false],
  ['off', { address: agreed.address, port: 9999 }, false],
  ['off', agreed, true],
] as const

test.each(policies)('policy %s, source %o: %s', (policy, source, believed) => {
  const latch = new Latch(policy, agreed)
  expect(new Talker(latch, source, 1).say(5, 0).at(-1)).toBe(believed)
})
