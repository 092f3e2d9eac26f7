import { expect, test } from 'vitest'
import type { PeerState } from '../../../src/media/index.ts'
import { grace, quiet, Reach, type Ways } from '../../../src/media/webrtc/reach.ts'

const used: Ways = { agent: 'connected', next: null, keys: 'agreed' }

test.each<[string, Ways, PeerState | null]>([
  ['no way yet', { agent: null, next: 'checking', keys: 'none' }, null],
  ['a way, and no keys yet', { ...used, keys: 'none' }, null],
  ['a way and keys', used, 'connected'],
  ['a restart beside it', { ...used, next: 'checking' }, 'connected'],
  ['no way was found', { agent: 'failed', next: null, keys: 'none' }, 'failed'],
  ['consent ran out', { ...used, agent: 'failed' }, 'failed'],
  ['consent ran out, and a restart is offered', { ...used, agent: 'failed', next: 'new' }, 'failed'],
  ['consent ran out, and a restart is under way', { ...used, agent: 'failed', next: 'checking' }, null],
])('%s', (_, ways, expected) => {
  expect(new Reach().judge(ways, 0)).toBe(expected)
})

test('silence puts it out of reach; sound or an answer brings it back', () => {
  const reach = new Reach()
  reach.alive(1000)
  expect(reach.judge(used, 1000 + quiet - 1)).toBe('connected')
  expect(reach.judge(used, 1000 + quiet)).toBe('disconnected')
  reach.answered(1, 20_000)
  expect(reach.judge(used, 20_000)).toBe('connected')
  reach.answered(1, 90_000)
  expect(reach.judge(used, 90_000)).toBe('disconnected')
})

test('a goodbye leaves time for the signalling', () => {
  const reach = new Reach()
  reach.broke('left', 5)
  expect(reach.judge(used, 5)).toBe('disconnected')
  expect(reach.judge(used, 5 + grace)).toBe('failed')
  reach.begin()
  expect(reach.judge(used, 5 + grace)).toBe('disconnected')
})

test('failed DTLS is final for its association', () => {
  const reach = new Reach()
  reach.broke('failed', 5)
  expect(reach.isBroken).toBe(true)
  expect(reach.judge(used, 5)).toBe('failed')
  reach.begin()
  expect(reach.judge(used, 5)).toBe('connected')
})
