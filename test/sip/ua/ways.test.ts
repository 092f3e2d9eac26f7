import { expect, test } from 'vitest'
import type { Address, Flow, Transport, TransportName } from '../../../src/sip/transport/flow.ts'
import { Ways } from '../../../src/sip/ua/ways.ts'

const listener = (name: TransportName, host: string, port = 5060): Transport => {
  const local: Address = { host, port }
  const flowTo = (remote: Address) => ({ transport: name, local, remote }) as Flow
  return { name, reliable: name !== 'UDP', local, flowTo, close: async () => {} }
}

const ways = new Ways()
for (const each of [
  listener('UDP', '127.0.0.1'),
  listener('UDP', '192.0.2.1'),
  listener('UDP', '192.0.2.1', 5070),
  listener('UDP', '2001:db8::1'),
  listener('TCP', '192.0.2.1'),
]) {
  ways.add(each)
}

const from = (host: string, transport: TransportName, near?: Address) => {
  const local = ways.flowTo({ transport, address: { host, port: 5060 } }, near)?.local
  return local === undefined ? undefined : `${local.host} ${local.port}`
}

test.each([
  ['127.0.0.9', 'UDP', undefined, '127.0.0.1 5060'],
  ['203.0.113.7', 'UDP', undefined, '192.0.2.1 5060'],
  ['203.0.113.7', 'UDP', { host: '192.0.2.1', port: 5070 }, '192.0.2.1 5070'],
  ['203.0.113.7', 'UDP', { host: '127.0.0.1', port: 5060 }, '192.0.2.1 5060'],
  ['2001:db8::9', 'UDP', undefined, '2001:db8::1 5060'],
  ['127.0.0.9', 'TCP', undefined, '192.0.2.1 5060'],
  ['203.0.113.7', 'TLS', undefined, undefined],
] as const)('to %s over %s, near %o: from %s', (host, transport, near, local) => {
  expect(from(host, transport, near)).toBe(local)
})

test.each([
  ['UDP', '192.0.2.1', 5070, '192.0.2.1 5070'],
  ['UDP', '127.0.0.1', 5060, '127.0.0.1 5060'],
  ['TCP', '192.0.2.1', 49_152, '192.0.2.1 5060'],
  ['TLS', '192.0.2.1', 5061, undefined],
] as const)('a %s flow from %s port %i belongs to %s', (transport, host, port, owner) => {
  const found = ways.of({ transport, local: { host, port } } as Flow)?.local
  expect(found === undefined ? undefined : `${found.host} ${found.port}`).toBe(owner)
})
