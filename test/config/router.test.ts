import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../src/config/load.ts'
import { matcher } from '../../src/config/pattern.ts'
import { createRouter } from '../../src/config/router.ts'
import type { Offer } from '../../src/switchboard/ports.ts'

type Source = Offer['source']
const carrier: Source = { kind: 'trunk', name: 'carrier', address: '203.0.113.5:5060' }
const other: Source = { kind: 'trunk', name: 'other', address: '198.51.100.5:5060' }
const alice: Source = { kind: 'user', name: 'alice', address: '192.0.2.7:5060' }
const stranger: Source = { kind: 'anonymous', name: '', address: '192.0.2.66:5060' }
const local: Source = { kind: 'anonymous', name: '', address: '127.0.0.1:49152' }
const local6: Source = { kind: 'anonymous', name: '', address: '[::1]:49152' }

function offer(to: string, source: Source = carrier, from = '+15550199'): Offer {
  return {
    network: 'sip',
    to,
    from,
    toAddress: `sip:${to}@h`,
    fromAddress: `sip:${from}@h`,
    source,
    ids: {},
    headers: {},
  }
}

const app = (name: string) => ({ platform: 'vobiz', answerUrl: `https://app.example/${name}` })
const base = {
  trunks: [
    { name: 'carrier', server: 'a.example', sources: ['203.0.113.0/24'] },
    { name: 'other', server: 'b.example', sources: ['198.51.100.0/24'] },
  ],
  sip: { users: [{ name: 'alice', password: 'long-enough' }] },
}

function router(...routes: unknown[]) {
  const made = createRouter(defineConfig({ ...base, routes }, {}))
  return (to: string, source?: Source, from?: string) => {
    const routing = made.route(offer(to, source, from))
    if (routing.type === 'refuse') return routing.reason.cause
    return String(routing.app.data.answerUrl ?? JSON.stringify(routing.app.data)).replace('https://app.example/', '')
  }
}

describe('which route', () => {
  it('an exact one comes before a pattern, wherever it stands', () => {
    const route = router({ to: '+1555*', app: app('pattern') }, { to: '+15550100', app: app('exact') })
    expect([route('+15550100'), route('+15550101')]).toEqual(['exact', 'pattern'])
  })

  it('of several patterns the first', () => {
    const route = router(
      { to: '+1555*', app: app('first') },
      { to: '+15550*', app: app('second') },
      { to: '*', app: app('rest') },
    )
    expect([route('+15550100'), route('+4930'), route('alice')]).toEqual(['first', 'rest', 'rest'])
  })

  it('of several exact ones the first whose conditions hold', () => {
    const route = router(
      { to: '100', from: 'trunk:other', app: app('other') },
      { to: '100', caller: '+44*', app: app('british') },
      { to: '100', app: app('all') },
    )
    expect([route('100', other), route('100', carrier, '+4420'), route('100', carrier, '+1')]).toEqual([
      'other',
      'british',
      'all',
    ])
  })

  it('a pattern serves whom the exact route does not admit', () => {
    const route = router({ to: '100', from: 'users', app: app('staff') }, { to: '*', app: app('all') })
    expect([route('100', alice), route('100', carrier)]).toEqual(['staff', 'all'])
  })

  it('a plus is no difference', () => {
    const route = router({ to: '+15550100', app: app('plus') }, { to: '44*', app: app('none') })
    expect([route('15550100'), route('+442071')]).toEqual(['plus', 'none'])
  })
})

describe('who may use it', () => {
  const matrix: [rule: string | string[] | undefined, admitted: Source[]][] = [
    [undefined, [carrier, other, alice]],
    ['trunks', [carrier, other]],
    ['users', [alice]],
    ['trunk:carrier', [carrier]],
    ['user:alice', [alice]],
    ['loopback', [local, local6]],
    [
      ['loopback', 'users'],
      [local, local6, alice],
    ],
    ['anyone', [carrier, other, alice, stranger, local, local6]],
  ]
  it.each(matrix)('from %j', (from, admitted) => {
    const route = router({ to: '100', ...(from !== undefined && { from }), app: app('in') })
    for (const source of [carrier, other, alice, stranger, local, local6]) {
      const heard = route('100', source)
      if (admitted.includes(source)) expect(heard).toBe('in')
      else expect(heard).toBe(source.kind === 'anonymous' ? 'blocked' : 'not-found')
    }
  })

  it('a stranger cannot learn which numbers exist', () => {
    const route = router({ to: '100', app: app('in') })
    expect(route('100', stranger)).toBe(route('101', stranger))
  })

  it('a name that only looks like loopback is not', () => {
    const route = router({ to: '*', from: 'loopback', app: app('in') })
    expect(route('1', { kind: 'anonymous', name: '', address: '127.0.0.1.example:5060' })).toBe('blocked')
  })
})

describe('where it goes', () => {
  const made = createRouter(
    defineConfig(
      {
        ...base,
        routes: [
          { to: '1', app: app('x'), limits: { ringSeconds: 5, durationSeconds: 60 } },
          { to: '2', refuse: 'busy' },
          { to: '3', direct: { to: ['sip:a@host', 'alice'], callerId: '+1' } },
          { to: '+44*', direct: { trunk: 'carrier' } },
        ],
      },
      {},
    ),
  )

  it('an app, with what its platform must know, and the limits in milliseconds', () => {
    expect(made.route(offer('1'))).toEqual({
      type: 'app',
      app: {
        platform: 'vobiz',
        data: {
          vendor: 'vobiz',
          answerUrl: 'https://app.example/x',
          answerMethod: 'POST',
          fallbackMethod: 'POST',
          hangupMethod: 'POST',
          ringMethod: 'POST',
          compat: {},
        },
      },
      limits: { ringing: 5000, duration: 60_000 },
    })
  })

  it('the same value for every call of a route', () => {
    expect(made.route(offer('1'))).toBe(made.route(offer('1')))
  })

  it('nowhere, until somebody ends it', () => {
    const holding = createRouter(
      defineConfig({ routes: [{ to: '*', hold: true, limits: { durationSeconds: 9 } }] }, {}),
    )
    expect(holding.route(offer('1'))).toEqual({
      type: 'app',
      app: { platform: 'direct', data: { network: 'sip', to: [] } },
      limits: { duration: 9000 },
    })
  })

  it('nowhere, for a stated cause', () => {
    expect(made.route(offer('2'))).toMatchObject({ type: 'refuse', reason: { cause: 'busy', actor: 'platform' } })
  })

  it('a destination', () => {
    expect(made.route(offer('3'))).toEqual({
      type: 'app',
      app: { platform: 'direct', data: { network: 'sip', to: ['sip:a@host', 'alice'], callerId: '+1' } },
    })
  })

  it('the number that was called, where no other is named', () => {
    expect(made.route(offer('+4420'))).toEqual({
      type: 'app',
      app: { platform: 'direct', data: { network: 'sip', to: ['+4420'], trunk: 'carrier' } },
    })
  })
})

describe('a pattern', () => {
  it.each([
    ['+1555*', '+15551', true],
    ['+1555*', '+1555', true],
    ['+1555*', '+1556', false],
    ['*99', '1099', true],
    ['*99', '1098', false],
    ['1*9', '19', true],
    ['1*9', '9', false],
    ['1*9', '1', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['a*b*b', 'ab', false],
    ['*', '', true],
    ['sip:*@host', 'sip:x@host', true],
    ['.*', '123', false],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(matcher(pattern)(text)).toBe(expected)
  })

  it('agrees with the regular expression that it stands for', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text)
        expect(matcher(pattern)(text)).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })
})
