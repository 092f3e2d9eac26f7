import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { StreamTransport } from '../../../src/sip/transport/stream.ts'
import { UdpTransport } from '../../../src/sip/transport/udp.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { Listener, requestText } from './listener.ts'

/** A machine without an IPv6 loopback cannot run these. */
const noIpv6 = !Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

test.skipIf(noIpv6).each([
  ['UDP', UdpTransport],
  ['TCP', StreamTransport],
] as const)('%s works over IPv6, with addresses without brackets', async (_name, kind) => {
  const local = { host: '::1', port: 0 }
  const caller = new Listener()
  const callee = new Listener()
  callee.answer = 200
  const left = await kind.listen({ local, user: caller, clock: new VirtualClock() })
  const right = await kind.listen({ local, user: callee, clock: new VirtualClock() })
  try {
    left.flowTo(right.local).send(Buffer.from(requestText('OPTIONS', '1')))
    await caller.until(() => caller.messages.length === 1)
    expect(callee.messages[0]?.flow.remote.host).toBe('::1')
    expect(caller.messages[0]?.message.headers.get('via')).toContain('received=::1')
    expect(caller.messages[0]?.message).toMatchObject({ status: 200 })
  } finally {
    await Promise.all([left.close(), right.close()])
  }
})
