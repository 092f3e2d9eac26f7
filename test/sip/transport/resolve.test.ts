import { describe, expect, test } from 'vitest'
import { parseUri, type SipUri } from '../../../src/sip/message/uri.ts'
import type { TransportName } from '../../../src/sip/transport/flow.ts'
import {
  bySrvOrder,
  numericTarget,
  type ResolveOptions,
  type Resolver,
  resolve,
  type SrvRecord,
} from '../../../src/sip/transport/resolve.ts'

const zone: Readonly<Record<string, readonly string[] | readonly SrvRecord[]>> = {
  'one.example': ['192.0.2.1'],
  'two.example': ['192.0.2.2', '2001:db8::2'],
  '_sip._udp.srv.example': [
    { name: 'two.example', port: 5070, priority: 20, weight: 0 },
    { name: 'one.example', port: 5080, priority: 10, weight: 0 },
  ],
  '_sip._tcp.srv.example': [{ name: 'one.example', port: 5090, priority: 1, weight: 0 }],
  '_sips._tcp.srv.example': [{ name: 'one.example', port: 5061, priority: 1, weight: 0 }],
}

const asked: string[] = []
const resolver: Resolver = {
  addresses: async (host) => {
    asked.push(host)
    if (host === 'broken.example') throw new Error('SERVFAIL')
    return (zone[host] ?? []) as readonly string[]
  },
  srv: async (name) => {
    asked.push(name)
    return (zone[name] ?? []) as readonly SrvRecord[]
  },
}

const options = (transports: readonly TransportName[] = ['UDP', 'TCP']): ResolveOptions => ({
  resolver,
  transports,
  random: () => 0,
})

async function targets(uri: string, transports?: readonly TransportName[]): Promise<string[] | string> {
  const result = await resolve(parseUri(uri) as SipUri, options(transports))
  if (result.kind === 'failed') return result.code
  return result.targets.map(({ transport, address }) => `${transport} ${address.host} ${address.port}`)
}

describe('a URI leads', () => {
  test.each<[string, string[] | string, (readonly TransportName[])?]>([
    ['sip:a@192.0.2.7', ['UDP 192.0.2.7 5060']],
    ['sip:a@192.0.2.7:5099;transport=tcp', ['TCP 192.0.2.7 5099']],
    ['sip:a@[2001:db8::7]', ['UDP 2001:db8::7 5060']],
    ['sip:a@one.example;maddr=192.0.2.8', ['UDP 192.0.2.8 5060']],
    ['sip:a@one.example', ['UDP 192.0.2.1 5060']],
    ['sip:a@two.example:5070', ['UDP 192.0.2.2 5070', 'UDP 2001:db8::2 5070']],
    ['sip:a@one.example;transport=TCP', ['TCP 192.0.2.1 5060']],
    ['sip:a@srv.example', ['UDP 192.0.2.1 5080', 'UDP 192.0.2.2 5070', 'UDP 2001:db8::2 5070', 'TCP 192.0.2.1 5090']],
    ['sip:a@srv.example;transport=tcp', ['TCP 192.0.2.1 5090']],
    ['sip:a@srv.example:5060', 'sip.resolve.not-found'],
    ['sips:a@srv.example', ['TLS 192.0.2.1 5061'], ['UDP', 'TLS']],
    ['sips:a@192.0.2.7;transport=tcp', ['TLS 192.0.2.7 5061'], ['UDP', 'TLS']],
    ['sips:a@192.0.2.7', 'sip.resolve.transport'],
    ['sip:a@192.0.2.7', 'sip.resolve.transport', ['TCP']],
    ['sip:a@one.example', ['TCP 192.0.2.1 5060'], ['TCP']],
    ['sip:a@one.example;transport=sctp', 'sip.resolve.transport'],
    ['sip:a@nowhere.example', 'sip.resolve.not-found'],
    ['sip:a@broken.example', 'sip.resolve.unavailable'],
  ])('%s: %j', async (uri, expected, transports) => {
    expect(await targets(uri, transports)).toEqual(expected)
  })

  test('asks nobody about a number', async () => {
    asked.length = 0
    await targets('sip:a@192.0.2.7')
    expect(asked).toEqual([])
    expect(numericTarget(parseUri('sip:a@one.example') as SipUri, ['UDP'])).toBeUndefined()
  })
})

describe('SRV records are tried', () => {
  const record = (name: string, priority: number, weight: number): SrvRecord => ({ name, port: 5060, priority, weight })
  const records = [record('c', 2, 0), record('a', 1, 30), record('b', 1, 70)]

  test.each([
    [0, ['a', 'b', 'c']],
    [0.29, ['a', 'b', 'c']],
    [0.31, ['b', 'a', 'c']],
    [0.999, ['b', 'a', 'c']],
  ])('by priority, and by weight: %d gives %j', (random, names) => {
    expect(bySrvOrder(records, () => random).map((each) => each.name)).toEqual(names)
  })

  test('all of them, once, whatever the weights', () => {
    const zero = [record('a', 1, 0), record('b', 1, 0), record('c', 1, 5)]
    for (const random of [0, 0.5, 0.999_999]) {
      expect(
        bySrvOrder(zero, () => random)
          .map((each) => each.name)
          .sort(),
      ).toEqual(['a', 'b', 'c'])
    }
  })
})
