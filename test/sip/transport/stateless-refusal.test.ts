import { describe, expect, test } from 'vitest'
import { to } from '../../../src/sip/message/accessors.ts'
import type { SipResponse } from '../../../src/sip/message/message.ts'
import { MemoryNetwork } from '../../../src/sip/transport/memory.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { Listener, requestText } from './listener.ts'

const here = { host: '192.0.2.1', port: 5060 }
const there = { host: '192.0.2.2', port: 5060 }

function start() {
  const clock = new VirtualClock()
  const network = new MemoryNetwork((ms, run) => void clock.alarm(clock.now() + ms, run))
  const caller = new Listener()
  const callee = new Listener()
  const left = network.listen(here, caller)
  const right = network.listen(there, callee, 'UDP', { methods: ['INVITE', 'ACK', 'BYE', 'OPTIONS'] })
  const send = (text: string) => {
    left.flowTo(there).send(Buffer.from(text))
    clock.advance(0)
    clock.advance(0)
  }
  const answers = () => caller.messages.map(({ message }) => message as SipResponse)
  return { send, answers, callee, right }
}

describe('a request that breaks the rules is answered without state', () => {
  test('with what the validator says, and never handed up', () => {
    const { send, answers, callee, right } = start()
    send(requestText('FOO', '1'))
    expect(answers()).toMatchObject([{ status: 501, reason: 'Not Implemented' }])
    expect(answers()[0]?.headers.get('allow')).toBe('INVITE, ACK, BYE, OPTIONS')
    expect(answers()[0]?.headers.get('via')).toContain('received=192.0.2.1;rport=5060')
    expect(callee.messages).toEqual([])
    expect(callee.rejections[0]).toMatchObject({
      message: { method: 'FOO' },
      verdict: { kind: 'respond', status: 501 },
    })
    expect(right.counters).toMatchObject({ received: 1, refused: 1, delivered: 0 })
  })

  test('a retransmission gets the same To tag, another request another', () => {
    const { send, answers } = start()
    send(requestText('FOO', '1'))
    send(requestText('FOO', '1'))
    send(requestText('FOO', '2'))
    const [first, second, third] = answers().map((response) => to(response)?.tag)
    expect(first).toBeDefined()
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test('an ACK, a response, and what has no Via get nothing', () => {
    const { send, answers, callee, right } = start()
    send(requestText('ACK', '1').replace('CSeq: 1', 'CSeq: x'))
    send(requestText('OPTIONS', '2').replace(/Via:.*\r\n/, ''))
    send('SIP/2.0 999 Odd\r\nVia: SIP/2.0/UDP a\r\n\r\n')
    send('INVITE sip:a\r\nCall-ID: x\r\n\r\n')
    expect(answers()).toEqual([])
    expect(callee.messages).toEqual([])
    expect(callee.rejections.map(({ verdict }) => verdict.kind)).toHaveLength(4)
    expect(right.counters.refused).toBe(0)
  })

  test('a start line without a version, where there is a way back', () => {
    const { send, answers } = start()
    send(requestText('OPTIONS', '1').replace(' SIP/2.0\r\nVia', '\r\nVia'))
    expect(answers()).toMatchObject([{ status: 400, reason: 'Malformed Request Line' }])
  })

  test('and what keeps them comes through', () => {
    const { send, callee } = start()
    send(requestText('OPTIONS', '1'))
    expect(callee.messages).toHaveLength(1)
    expect(callee.rejections).toEqual([])
  })
})
