import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IceServer } from '../../../src/media/index.ts'
import { readIceServers } from '../../../src/media/webrtc/ice-servers.ts'

const login = { username: '1700000000:alice', credential: 'secret' }

test.each([
  ['stun:stun.example.org', { type: 'stun', host: 'stun.example.org', port: 3478 }],
  ['STUN:192.0.2.1:3479', { type: 'stun', host: '192.0.2.1', port: 3479 }],
  ['turn:turn.example.org?transport=udp', { type: 'turn', transport: 'udp', port: 3478 }],
  ['turn:turn.example.org:80?transport=tcp', { type: 'turn', transport: 'tcp', port: 80 }],
  ['turns:turn.example.org', { type: 'turn', transport: 'tls', port: 5349 }],
  ['turns:[2001:db8::1]:443?transport=tcp', { type: 'turn', transport: 'tls', host: '2001:db8::1', port: 443 }],
])('%s', (url, expected) => {
  expect(readIceServers([{ urls: [url], ...login }])).toMatchObject([expected])
})

test.each<[string, unknown]>([
  ['no credentials', [{ urls: ['turn:turn.example.org'] }]],
  ['another scheme', [{ urls: ['http://turn.example.org'], ...login }]],
  ['a port that is none', [{ urls: ['turn:turn.example.org:99999', 'stun:x:0'], ...login }]],
  ['{} of a homeserver without TURN', [{}]],
  ['no list', {}],
  ['nulls', [null, { urls: null }]],
])('left out: %s', (_, servers) => {
  expect(readIceServers(servers as IceServer[])).toEqual([])
})

test('one URL without a list is read like a list of one', () => {
  expect(readIceServers([{ urls: 'stun:192.0.2.1' } as unknown as IceServer])).toHaveLength(1)
})

test('a list without end is cut off', () => {
  expect(readIceServers([{ urls: Array(100).fill('stun:192.0.2.1') }])).toHaveLength(4)
})

test('anything at all is read', () => {
  fc.assert(fc.property(fc.anything(), (servers) => void readIceServers(servers as IceServer[])))
})
