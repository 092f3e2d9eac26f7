import { describe, expect, test } from 'vitest'
import { beginCall } from '../../src/call/begin.ts'
import { type BridgeRule, type Call, legOf } from '../../src/call/call.ts'
import type { Effect } from '../../src/call/effect.ts'
import type { Input } from '../../src/call/input.ts'
import { reduce } from '../../src/call/reduce.ts'

/** Each test is a line of docs/closures.md: who ends whom. */

const begin = (direction: 'in' | 'out' = 'in') =>
  beginCall({
    id: 'c',
    at: 0,
    app: { platform: 'test', data: {} },
    leg: { id: 'a', direction, network: 'sip', from: '1', to: '2' },
  }).call

function run(call: Call, ...inputs: Input[]): { call: Call; effects: Effect[] } {
  const effects: Effect[] = []
  let now = call
  for (const input of inputs) {
    const step = reduce(now, input)
    now = step.call
    effects.push(...step.effects)
  }
  return { call: now, effects }
}

const dial = (id: string, rule: BridgeRule): Input => ({
  type: 'dial',
  at: 1,
  leg: { id, direction: 'out', network: 'sip', from: '1', to: '3' },
  bridge: { to: 'a', rule },
})
const answered = (leg: string, branch?: string): Input => ({
  type: 'answered',
  at: 2,
  leg,
  ...(branch === undefined ? {} : { branch }),
})
const hangup = (leg: string): Input => ({
  type: 'end',
  at: 9,
  leg,
  reason: { cause: 'hangup', actor: 'party' },
  heard: 'wire',
})
const branch = (id: string): Input => ({ type: 'branch-offered', at: 1, leg: 'a', branch: id, address: id })
const stateOf = (call: Call, leg: string) => legOf(call, leg)?.state
const endingOf = (call: Call, leg: string) => {
  const state = stateOf(call, leg)
  return state?.name === 'ended' ? state.ending : undefined
}
const tells = (effects: Effect[]) =>
  effects.flatMap((e) =>
    e.type === 'tell'
      ? [[e.leg, e.view.ending.cause, e.view.relation]]
      : e.type === 'tell-branch'
        ? [[e.branch, e.view.ending.cause, e.view.relation]]
        : [],
  )

describe('bridge rules', () => {
  const bridged = (rule: BridgeRule) => run(begin(), dial('b', rule), answered('b'), answered('a')).call

  test('together: the callee ends, so the caller ends', () => {
    const { call, effects } = run(bridged('together'), hangup('b'))
    expect(call.state.name).toBe('ended')
    expect(tells(effects)).toEqual([['a', 'hangup', 'peer']])
    expect(endingOf(call, 'a')).toMatchObject({ cause: 'hangup', actor: 'callee', phase: 'answered' })
  })

  test('together: the caller ends, so the callee ends', () => {
    const { call, effects } = run(bridged('together'), hangup('a'))
    expect(call.state).toMatchObject({ name: 'ended', ending: { actor: 'caller' } })
    expect(tells(effects)).toEqual([['b', 'hangup', 'peer']])
  })

  test('caller-survives: the callee ends, and the caller returns to its script', () => {
    const { call, effects } = run(bridged('caller-survives'), hangup('b'))
    expect(call.state.name).toBe('live')
    expect(stateOf(call, 'a')?.name).toBe('answered')
    expect(call.bridges).toEqual([])
    expect(tells(effects)).toEqual([])
  })

  test('caller-survives: the caller ends, so the callee ends', () => {
    const { call, effects } = run(bridged('caller-survives'), hangup('a'))
    expect(call.state.name).toBe('ended')
    expect(tells(effects)).toEqual([['b', 'hangup', 'peer']])
  })

  test('independent: neither ends the other; the last one settles the call', () => {
    const one = run(bridged('independent'), hangup('a'))
    expect(one.call.state.name).toBe('live')
    expect(tells(one.effects)).toEqual([])
    const both = run(one.call, hangup('b'))
    expect(both.call.state).toMatchObject({ name: 'ended', ending: { actor: 'callee' } })
    expect(both.effects.filter((e) => e.type === 'settle')).toHaveLength(1)
  })

  test('the end of the whole call tells every live leg, each as its own', () => {
    const { effects } = run(bridged('independent'), { type: 'end', at: 9, reason: { cause: 'hangup', actor: 'api' } })
    expect(tells(effects)).toEqual([
      ['a', 'hangup', 'own'],
      ['b', 'hangup', 'own'],
    ])
  })
})

describe('each listener hears what is true for it', () => {
  test('a caller who hangs up while the callee rings has withdrawn from the callee', () => {
    const { call } = run(begin(), answered('a'), dial('b', 'together'), hangup('a'))
    expect(endingOf(call, 'a')).toMatchObject({ cause: 'hangup', phase: 'answered' })
    expect(endingOf(call, 'b')).toMatchObject({ cause: 'cancelled', actor: 'caller', phase: 'queued' })
  })

  test('a caller who withdraws as the callee answers has hung up on the callee', () => {
    const cancel: Input = {
      type: 'end',
      at: 9,
      leg: 'a',
      reason: { cause: 'cancelled', actor: 'party' },
      heard: 'wire',
    }
    const { call } = run(begin(), dial('b', 'together'), answered('b'), cancel)
    expect(endingOf(call, 'a')?.cause).toBe('cancelled')
    expect(endingOf(call, 'b')?.cause).toBe('hangup')
  })

  test('the API hanging up a leg that still rings out there has cancelled it', () => {
    const { call } = run(begin('out'), { type: 'end', at: 3, reason: { cause: 'hangup', actor: 'api' } })
    expect(call.state).toMatchObject({ ending: { cause: 'cancelled', actor: 'api' } })
  })
})

describe('forks', () => {
  const three = run(begin('out'), branch('x'), branch('y'), branch('z')).call

  test('the losers hear that it was answered elsewhere', () => {
    const { call, effects } = run(three, answered('a', 'y'))
    expect(stateOf(call, 'a')?.name).toBe('answered')
    expect(tells(effects)).toEqual([
      ['x', 'answered-elsewhere', 'lost'],
      ['z', 'answered-elsewhere', 'lost'],
    ])
  })

  test('a refusal that speaks for all ends the leg, and the others hear that it was declined elsewhere', () => {
    const reason = { cause: 'declined', actor: 'party', codes: { sip: 603 } } as const
    const { call, effects } = run(three, {
      type: 'branch-ended',
      at: 3,
      leg: 'a',
      branch: 'y',
      reason,
      speaksFor: 'leg',
    })
    expect(endingOf(call, 'a')).toMatchObject({ cause: 'declined', actor: 'callee' })
    expect(tells(effects)).toEqual([
      ['x', 'declined-elsewhere', 'lost'],
      ['z', 'declined-elsewhere', 'lost'],
    ])
    expect(effects.find((e) => e.type === 'tell-branch')?.view.ending.codes?.sip).toBe(603)
  })

  test('one busy device does not end the leg; the last one does, and the word that says most stands', () => {
    const out = (id: string, cause: 'busy' | 'unavailable' | 'network-failed'): Input => ({
      type: 'branch-ended',
      at: 3,
      leg: 'a',
      branch: id,
      reason: { cause, actor: 'party' },
      speaksFor: 'branch',
    })
    const two = run(three, out('x', 'network-failed'), out('y', 'busy'))
    expect(two.call.state.name).toBe('live')
    const { call } = run(two.call, out('z', 'unavailable'))
    expect(endingOf(call, 'a')?.cause).toBe('busy')
  })

  test('a leg ends when its last device is out, also where an earlier one had said the word that stands', () => {
    const out = (id: string, cause: 'busy' | 'unavailable', at: number): Input => ({
      type: 'branch-ended',
      at,
      leg: 'a',
      branch: id,
      reason: { cause, actor: 'party' },
      speaksFor: 'branch',
    })
    const two = run(begin('out'), branch('x'), branch('y'))
    const rings: Input = { type: 'ringing', at: 4, leg: 'a', branch: 'y' }
    const { call } = run(two.call, out('x', 'busy', 3), rings, out('y', 'unavailable', 5))
    expect(endingOf(call, 'a')).toMatchObject({ cause: 'busy', at: 5, phase: 'ringing' })
  })

  test('a withdrawn leg tells its far end once, for all its devices', () => {
    const { effects } = run(three, { type: 'end', at: 3, reason: { cause: 'no-answer', actor: 'timer' } })
    expect(tells(effects)).toEqual([['a', 'no-answer', 'own']])
  })
})

describe('timers', () => {
  const timer = { id: 't', due: 5, leg: 'a', cause: 'no-answer', until: 'ringing' } as const

  test('an answer disarms a ring limit', () => {
    const { call, effects } = run(begin('out'), { type: 'arm', at: 0, timer }, answered('a'))
    expect(call.timers).toEqual([])
    expect(effects).toContainEqual({ type: 'disarm', timer: 't' })
  })

  test('an alarm that rings after it was disarmed ends nothing', () => {
    const { call } = run(begin('out'), { type: 'arm', at: 0, timer }, answered('a'), {
      type: 'fired',
      at: 5,
      timer: 't',
    })
    expect(call.state.name).toBe('live')
  })

  test('of several, the first to fire ends the call by its own cause, and the others die with it', () => {
    const schedule = (id: string, cause: 'scheduled' | 'time-limit'): Input => ({
      type: 'arm',
      at: 0,
      timer: { id, due: 9, cause, until: 'any' },
    })
    const { call, effects } = run(
      begin(),
      schedule('one', 'scheduled'),
      schedule('two', 'time-limit'),
      { type: 'fired', at: 9, timer: 'two' },
      { type: 'fired', at: 9, timer: 'one' },
    )
    expect(call.state).toMatchObject({ ending: { cause: 'time-limit', actor: 'timer' } })
    expect(effects.filter((e) => e.type === 'settle')).toHaveLength(1)
    expect(call.timers).toEqual([])
  })
})

describe('late facts', () => {
  test('P1: what comes after the ending is kept, and changes nothing', () => {
    const over = run(begin(), answered('a'), { type: 'end', at: 5, reason: { cause: 'hangup', actor: 'app' } })
    const { call, effects } = run(over.call, hangup('a'))
    expect(endingOf(call, 'a')).toMatchObject({ actor: 'app' })
    expect(legOf(call, 'a')?.late).toMatchObject([{ cause: 'hangup', actor: 'caller' }])
    expect(effects.map((e) => e.type)).toEqual(['annex'])
  })
})
