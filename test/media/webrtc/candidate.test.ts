import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCandidate, writeCandidate } from '../../../src/media/webrtc/candidate.ts'

test.each([
  [
    'candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.1 rport 46154 generation 0 ufrag 54+t',
    'srflx',
    '54+t',
  ],
  ['candidate:1 1 UDP 2130706431 fd00::2 9 typ host', 'host', undefined],
  [
    'a=candidate:f 1 udp 41885439 198.51.100.4 3478 typ relay raddr 0.0.0.0 rport 0 network-cost 999',
    'relay',
    undefined,
  ],
])('%s', (line, type, ufrag) => {
  expect(readCandidate(line)).toMatchObject({ type, ...(ufrag === undefined ? {} : { ufrag }) })
})

test.each([
  'candidate:1 1 udp 2122260223 4b1f4a5c-9a2b-4a7c-8f0e-0a1b2c3d4e5f.local 50000 typ host',
  'candidate:1 1 tcp 1518280447 192.0.2.2 9 typ host tcptype active',
  'candidate:1 2 udp 2122260222 192.0.2.2 50001 typ host',
  'candidate:1 1 udp 2122260223 192.0.2.2 0 typ host',
  'candidate:1 1 udp 2122260223 192.0.2.2 70000 typ host',
  'candidate:1 1 udp 2122260223 224.0.0.251 5353 typ host',
  'candidate:1 1 udp 2122260223 255.255.255.255 5000 typ host',
  'candidate:1 1 udp 2122260223 0.0.0.0 5000 typ host',
  'candidate:1 1 udp 2122260223 example.com 5000 typ host',
  'candidate:1 1 udp 99999999999 192.0.2.2 5000 typ host',
  'candidate:1 1 udp 2122260223 192.0.2.2 5000 typ prflx',
  '',
  'end-of-candidates',
])('not usable: %s', (line) => {
  expect(readCandidate(line)).toBeNull()
})

test('what is written is read as it was', () => {
  const candidate = {
    foundation: 'ab12',
    priority: 2_130_706_431,
    address: '192.0.2.7',
    port: 4000,
    type: 'host',
    ufrag: 'x+/9',
  } as const
  expect(readCandidate(writeCandidate(candidate))).toEqual(candidate)
})

test('anything at all is read or not, and nothing is thrown', () => {
  const part = fc.constantFrom('candidate:1', '1', 'udp', '5', '192.0.2.2', 'typ', 'host', '::', ' ', '-1', 'ufrag')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join(' ')),
      ),
      (line) => {
        readCandidate(line)
      },
    ),
  )
})
