import { describe, expect, test } from 'vitest'
import { via } from '../../../src/sip/message/accessors.ts'
import { headersOf, request } from '../../../src/sip/message/build.ts'
import { parse } from '../../../src/sip/message/parse.ts'
import type { Flow, Transport } from '../../../src/sip/transport/flow.ts'
import { returnFlow, stampVia } from '../../../src/sip/transport/return-path.ts'

const source = { host: '198.51.100.7', port: 40_000 }

function stamped(value: string): string[] {
  const message = request({ method: 'OPTIONS', uri: 'sip:a', headers: headersOf([['Via', value]]) })
  stampVia(message, source)
  return message.headers.all('via')
}

describe('the top Via says where a request really came from', () => {
  test.each([
    ['SIP/2.0/UDP 10.0.0.1;rport;branch=1', 'SIP/2.0/UDP 10.0.0.1;branch=1;received=198.51.100.7;rport=40000'],
    ['SIP/2.0/UDP 10.0.0.1;branch=1', 'SIP/2.0/UDP 10.0.0.1;branch=1;received=198.51.100.7'],
    ['SIP/2.0/UDP host.example;branch=1', 'SIP/2.0/UDP host.example;branch=1;received=198.51.100.7'],
    ['SIP/2.0/UDP 198.51.100.7:5060;branch=1', 'SIP/2.0/UDP 198.51.100.7:5060;branch=1'],
    [
      'SIP/2.0/UDP 198.51.100.7:5060;branch=1;rport',
      'SIP/2.0/UDP 198.51.100.7:5060;branch=1;received=198.51.100.7;rport=40000',
    ],
    ['SIP/2.0/UDP a;received=203.0.113.9;rport=9;branch=1', 'SIP/2.0/UDP a;branch=1;received=198.51.100.7;rport=40000'],
    [
      'SIP/2.0/UDP 198.51.100.7;RECEIVED = 203.0.113.9 ;branch=1',
      'SIP/2.0/UDP 198.51.100.7;branch=1;received=198.51.100.7',
    ],
    ['SIP/2.0/UDP a;x="; rport";branch=1', 'SIP/2.0/UDP a;x="; rport";branch=1;received=198.51.100.7'],
    ['SIP/2.0/UDP a', 'SIP/2.0/UDP a;received=198.51.100.7'],
  ])('%s', (before, after) => {
    expect(stamped(before)).toEqual([after])
  })

  test('and the others in the same line stay as they are', () => {
    expect(stamped('SIP/2.0/UDP a;rport;branch=1, SIP/2.0/TCP b;rport')).toEqual([
      'SIP/2.0/UDP a;branch=1;received=198.51.100.7;rport=40000',
      'SIP/2.0/TCP b;rport',
    ])
  })

  test('an IPv6 source is compared without brackets', () => {
    const message = request({
      method: 'OPTIONS',
      uri: 'sip:a',
      headers: headersOf([['Via', 'SIP/2.0/UDP [2001:db8::1]']]),
    })
    stampVia(message, { host: '2001:db8::1', port: 5060 })
    expect(message.headers.get('via')).toBe('SIP/2.0/UDP [2001:db8::1]')
  })

  test('a parsed message is stamped without being rewritten', () => {
    const message = parse(Buffer.from('OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP x;rport\r\nTo: b\r\n\r\n'))
    if (message.kind !== 'request') throw new Error(message.kind)
    stampVia(message, source)
    expect(via(message)).toMatchObject({ received: '198.51.100.7', rport: 40_000 })
    expect([...message.headers].map(([name]) => name)).toEqual(['v', 'To'])
  })
})

describe('responses go', () => {
  const opened: string[] = []
  const flow = (remote: Flow['remote'], reliable: boolean, open = true) =>
    ({ remote, reliable, open, transport: reliable ? 'TCP' : 'UDP' }) as Flow
  const transport = {
    flowTo: (remote: Flow['remote']) => {
      opened.push(`${remote.host}:${remote.port}`)
      return flow(remote, false)
    },
  } as Transport

  const to = (value: string, arrived: Flow) => {
    const message = request({ method: 'OPTIONS', uri: 'sip:a', headers: headersOf([['Via', value]]) })
    stampVia(message, arrived.remote)
    const back = returnFlow(message, arrived, transport)
    return { same: back === arrived, to: `${back.remote.host}:${back.remote.port}` }
  }

  test.each([
    [
      'back on the flow if rport was asked for',
      'SIP/2.0/UDP 10.0.0.1:5080;rport',
      false,
      true,
      true,
      '198.51.100.7:40000',
    ],
    ['to the port in the Via if not', 'SIP/2.0/UDP 10.0.0.1:5080', false, true, false, '198.51.100.7:5080'],
    ['to 5060 if it names none', 'SIP/2.0/UDP 10.0.0.1', false, true, false, '198.51.100.7:5060'],
    ['not to where maddr says', 'SIP/2.0/UDP 10.0.0.1;maddr=203.0.113.9', false, true, false, '198.51.100.7:5060'],
    ['on the same stream', 'SIP/2.0/TCP 10.0.0.1:5080', true, true, true, '198.51.100.7:40000'],
    [
      'on a new stream to the sender if that is gone',
      'SIP/2.0/TCP 10.0.0.1:5080',
      true,
      false,
      false,
      '198.51.100.7:5080',
    ],
  ])('%s', (_promise, value, reliable, open, same, address) => {
    expect(to(value, flow(source, reliable, open))).toEqual({ same, to: address })
  })
})
