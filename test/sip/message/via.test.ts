import { describe, expect, test } from 'vitest'
import { parseVia } from '../../../src/sip/message/via.ts'

describe('a Via is read', () => {
  test('with everything in it', () => {
    const value = parseVia('SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKa;rport=1024;received=198.51.100.7;x')
    expect(value).toMatchObject({
      protocol: 'SIP/2.0',
      transport: 'UDP',
      host: '192.0.2.1',
      port: 5062,
      branch: 'z9hG4bKa',
      rport: 1024,
      received: '198.51.100.7',
      wantsRport: true,
    })
    expect([...(value?.params.keys() ?? [])]).toEqual(['branch', 'rport', 'received', 'x'])
  })

  test.each([
    ['SIP/2.0/TCP host.example', 'TCP', 'host.example', undefined],
    ['sip / 2.0 / tls  host : 5061 ;branch=1', 'TLS', 'host', 5061],
    ['SIP/2.0/WSS x.invalid;branch=1', 'WSS', 'x.invalid', undefined],
    ['SIP/2.0/UDP [2001:db8::9]:5060;branch=1', 'UDP', '[2001:db8::9]', 5060],
    ['SIP/2.0/UDP [2001:db8::9]', 'UDP', '[2001:db8::9]', undefined],
    ['SIP/2.0/UDP under_score', 'UDP', 'under_score', undefined],
    ['SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b', 'UDP', 'a', undefined],
  ])('%s', (raw, transport, host, port) => {
    expect(parseVia(raw)).toMatchObject({ transport, host, port })
  })

  test('rport that only asks is not a port', () => {
    const value = parseVia('SIP/2.0/UDP a;rport;branch=')
    expect(value?.wantsRport).toBe(true)
    expect(value?.rport).toBeUndefined()
    expect(value?.branch).toBeUndefined()
  })

  test.each([
    '',
    'SIP/2.0',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/2.0/UDP ;branch=1',
    'SIP/2.0/UDP a:port',
    'SIP/2.0/UDP a:70000',
    'SIP/2.0/U(P a',
    'SIP/2.0/UDP a b',
    ';x=a/b/c d',
  ])('or refused: %s', (raw) => {
    expect(parseVia(raw)).toBeUndefined()
  })
})
