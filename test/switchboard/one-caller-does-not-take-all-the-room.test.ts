import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Callers } from '../../src/switchboard/callers.ts'
import type { Offer } from '../../src/switchboard/ports.ts'
import { bench, offer, untilOver } from './bench.ts'

type Source = Offer['source']
const user = (name: string, address = '192.0.2.1:5060'): Source => ({ kind: 'user', name, address })
const trunk = (name: string, address = '192.0.2.1:5060'): Source => ({ kind: 'trunk', name, address })
const stranger = (address: string): Source => ({ kind: 'anonymous', name: '', address })

test('P8: who has as many calls as one may have is refused with account-limit; the others come in', async () => {
  const shed: string[] = []
  const { arrive, network, disk, switchboard, told } = bench(untilOver, {
    perCaller: 2,
    onShed: (limit) => void shed.push(limit),
  })
  const alice = { source: user('alice') }
  const first = arrive('a1', alice)
  arrive('a2', alice)
  const refused = arrive('a3', alice)
  arrive('b1', { source: user('bob') })
  expect(network.wire).toEqual(['a3 quiet', 'a3 over:account-limit'])
  expect(shed).toEqual(['caller'])
  await disk.commit()
  expect(disk.records.get(refused)?.record).toMatchObject({
    platform: 'none',
    ending: { cause: 'account-limit', actor: 'platform' },
  })
  // One that is over makes room for another.
  switchboard.dispatch(first, {
    type: 'end',
    at: 1_000,
    leg: 'a1',
    reason: { cause: 'hangup', actor: 'party' },
    heard: 'wire',
  })
  told(refused, 'a3')
  await disk.commit()
  await disk.commit()
  expect(switchboard.find(first)).toBeUndefined()
  const next = arrive('a4', alice)
  expect(switchboard.find(next)?.state.name).toBe('live')
  expect(switchboard.find(arrive('a5', alice))?.state.name).not.toBe('live')
})

describe('one caller is', () => {
  const same = (one: Partial<Offer>, other: Partial<Offer>) => {
    const callers = new Callers(1)
    callers.begin('1', { ...offer, ...one })
    return !callers.admits({ ...offer, ...other })
  }
  test.each<[string, Partial<Offer>, Partial<Offer>]>([
    ['a user, whatever number and address', { source: user('a') }, { source: user('a', '[::1]:9'), from: '7' }],
    ['a number on a trunk', { source: trunk('t') }, { source: trunk('t', '192.0.2.9:5060') }],
    [
      'an address of a stranger',
      { source: stranger('192.0.2.1:5060') },
      { source: stranger('192.0.2.1:9'), from: '7' },
    ],
    ['the same without a port', { source: stranger('[2001:db8::1]:5') }, { source: stranger('[2001:db8::1]') }],
  ])('%s', (_, one, other) => expect(same(one, other)).toBe(true))
  test.each<[string, Partial<Offer>, Partial<Offer>]>([
    ['another user', { source: user('a') }, { source: user('b') }],
    ['a user of another network', { source: user('a') }, { source: user('a'), network: 'matrix' }],
    ['another number on the trunk', { source: trunk('t') }, { source: trunk('t'), from: '7' }],
    ['the same number on another trunk', { source: trunk('t') }, { source: trunk('u') }],
    ['who withholds the number', { source: trunk('t'), from: 'anonymous' }, { source: trunk('t'), from: 'anonymous' }],
    ['a call without any', { source: trunk('t'), from: '' }, { source: trunk('t'), from: '' }],
    ['a stranger elsewhere', { source: stranger('[2001:db8::1]:5') }, { source: stranger('[2001:db8::2]:5') }],
    ['a user of that trunk’s name', { source: trunk('a') }, { source: user('a') }],
  ])('not %s', (_, one, other) => expect(same(one, other)).toBe(false))
})

test('unless told, a user may have a hundred, and who may stand for many is not bound', () => {
  const callers = new Callers(undefined)
  for (const source of [user('alice'), trunk('t'), stranger('192.0.2.1:5')]) {
    let count = 0
    while (count < 500 && callers.admits({ ...offer, source }))
      callers.begin(`${source.kind} ${count++}`, { ...offer, source })
    expect(count).toBe(source.kind === 'user' ? 100 : 500)
  }
})

test('whatever comes and goes, no caller has more than the limit, and nothing is left of those who are gone', () => {
  const step = fc.record({ does: fc.constantFrom('call', 'end'), who: fc.nat(3), which: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 3 }), (steps, limit) => {
      const callers = new Callers(limit)
      const live = new Map<string, number>()
      steps.forEach(({ does, who, which }, index) => {
        const offered = { ...offer, source: user(`user ${who}`) }
        const count = [...live.values()].filter((each) => each === who).length
        if (does === 'call') {
          expect(callers.admits(offered)).toBe(count < limit)
          if (count >= limit) return
          callers.begin(`call ${index}`, offered)
          live.set(`call ${index}`, who)
          return
        }
        const call = [...live.keys()][which] ?? 'no such call'
        live.delete(call)
        callers.over(call)
        callers.over(call)
      })
      expect(callers.size).toBe(new Set(live.values()).size)
      for (const call of live.keys()) callers.over(call)
      expect(callers.size).toBe(0)
    }),
  )
})
