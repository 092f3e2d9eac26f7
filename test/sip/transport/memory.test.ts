import { describe, expect, test } from 'vitest'
import { delivered, lost, MemoryNetwork, twice } from '../../../src/sip/transport/memory.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { Listener, requestText } from './listener.ts'

const here = { host: '192.0.2.1', port: 5060 }
const there = { host: '192.0.2.2', port: 5060 }

function pair(name: 'UDP' | 'TCP' = 'UDP') {
  const clock = new VirtualClock()
  const network = new MemoryNetwork((ms, run) => void clock.alarm(clock.now() + ms, run))
  const a = new Listener()
  const b = new Listener()
  const left = network.listen(here, a, name)
  const right = network.listen(there, b, name)
  const send = (id: string, method = 'OPTIONS') => left.flowTo(there).send(Buffer.from(requestText(method, id)))
  const ids = () => b.messages.map(({ message }) => message.headers.get('call-id'))
  return { clock, network, a, b, left, right, send, ids }
}

describe('a network in memory', () => {
  test('delivers later than the call that sends, with the sender’s address', () => {
    const { clock, b, send } = pair()
    send('1')
    expect(b.messages).toEqual([])
    clock.advance(0)
    expect(b.messages).toHaveLength(1)
    expect(b.messages[0]?.flow).toMatchObject({ remote: here, local: there, transport: 'UDP', open: true })
    expect(b.messages[0]?.message.headers.get('via')).toContain('received=192.0.2.1;rport=5060')
  })

  test('loses, delays and repeats what a rule names, as often as it says', () => {
    const { clock, network, send, ids } = pair()
    network.when((packet) => packet.startLine.startsWith('BYE'), lost, 1)
    network.when((packet) => packet.text.includes('Call-ID: late'), [30])
    network.when((packet) => packet.text.includes('Call-ID: two'), twice)
    send('late')
    send('two')
    send('bye-1', 'BYE')
    send('bye-2', 'BYE')
    clock.advance(29)
    expect(ids()).toEqual(['two', 'two', 'bye-2'])
    clock.advance(1)
    expect(ids()).toEqual(['two', 'two', 'bye-2', 'late'])
    expect(network.packets).toHaveLength(4)
  })

  test('has a usual fate for the rest, which may be a function', () => {
    const { clock, network, send, ids } = pair()
    network.usual = (packet) => (packet.n % 2 === 0 ? delivered : lost)
    for (const id of ['0', '1', '2', '3']) send(id)
    clock.advance(0)
    expect(ids()).toEqual(['0', '2'])
  })

  test('is silent or refuses where nobody listens', () => {
    const { clock, network, a, left } = pair()
    const nowhere = { host: '192.0.2.9', port: 5060 }
    left.flowTo(nowhere).send(Buffer.from('x'))
    clock.advance(10)
    expect(a.failures).toEqual([])
    network.nobody = 'refused'
    left.flowTo(nowhere).send(Buffer.from('x'))
    clock.advance(10)
    expect(a.failures[0]).toMatchObject({
      failure: { code: 'sip.transport.refused' },
      flow: { remote: nowhere, open: true },
    })
  })

  test('keeps the order of a stream, whatever the delays', () => {
    const { clock, network, send, ids } = pair('TCP')
    network.when((packet) => packet.text.includes('Call-ID: 1'), [50])
    network.when((packet) => packet.text.includes('Call-ID: 2'), lost)
    for (const id of ['1', '2', '3']) send(id)
    clock.advance(50)
    expect(ids()).toEqual(['1', '2', '3'])
  })

  test('cuts a stream for both ends, once', () => {
    const { clock, network, a, b, left, right, send } = pair('TCP')
    send('1')
    clock.advance(0)
    const flow = left.flowTo(there)
    network.cut(left, right)
    network.cut(left, right)
    clock.advance(0)
    expect(a.failures.map(({ failure }) => failure.code)).toEqual(['sip.transport.reset'])
    expect(b.failures.map(({ failure }) => failure.code)).toEqual(['sip.transport.reset'])
    expect(flow.open).toBe(false)
    expect(left.flowTo(there)).not.toBe(flow)
  })

  test('is silent once closed', async () => {
    const { clock, a, b, left, right, send } = pair()
    send('1')
    await right.close()
    clock.advance(0)
    await left.close()
    left.flowTo(there).send(Buffer.from('x'))
    clock.advance(0)
    expect([...a.messages, ...b.messages, ...a.failures, ...b.failures]).toEqual([])
    expect(clock.armed).toBe(0)
  })
})
