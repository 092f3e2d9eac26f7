/** Which way a request takes: route set, original flow, a new flow when that one is gone (RFC 3261 §12.2.1.1, 3263, 3581, 5626). */
import { describe, expect, test } from 'vitest'
import { via } from '../../../src/sip/message/accessors.ts'
import { answer, first, nothingLeft, order, RawPeer, Stage } from './stage.ts'

const byeTo = (stage: Stage) => {
  const packet = stage.network.packets.findLast(({ startLine }) => startLine.startsWith('BYE'))
  return packet === undefined ? undefined : `${packet.to.host}:${packet.to.port}`
}

describe('a BYE to a caller', () => {
  test('behind a NAT goes back where the INVITE came from, not to its private Contact', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming({ contact: '<sip:alice@192.168.1.5:5062>' })
    session.end(order)
    stage.pass()
    expect(byeTo(stage)).toBe('10.0.0.2:5060')
    expect(stage.latest('BYE').uri).toBe('sip:alice@192.168.1.5:5062')
  })

  test('follows the peer when its NAT gives it another address', () => {
    const stage = new Stage()
    const { session, invite, ok } = stage.answeredIncoming()
    const moved = new RawPeer(stage, '10.0.0.99')
    moved.send(stage.peer.within(invite, ok, 'OPTIONS'))
    stage.pass()
    session.end(order)
    stage.pass()
    expect(byeTo(stage)).toBe('10.0.0.99:5060')
  })

  test('behind a proxy that records its route goes to that proxy', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming({
      recordRoutes: ['<sip:10.0.0.50:5080;lr>'],
      vias: ['SIP/2.0/UDP 10.7.7.7;branch=z9hG4bKfar'],
      contact: '<sip:alice@10.7.7.7>',
    })
    session.end(order)
    stage.pass()
    expect(byeTo(stage)).toBe('10.0.0.50:5080')
  })

  test('behind a proxy that does not goes to its Contact', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming({
      vias: ['SIP/2.0/UDP 10.7.7.7;branch=z9hG4bKfar'],
      contact: '<sip:alice@10.7.7.7>',
    })
    session.end(order)
    stage.pass()
    expect(byeTo(stage)).toBe('10.7.7.7:5060')
  })

  test('through a strict router puts that router into the Request-URI, and the target last', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming({ recordRoutes: ['<sip:10.0.0.2:5060>', '<sip:p2.example;lr>'] })
    session.end(order)
    stage.pass()
    const bye = stage.latest('BYE')
    expect(bye.uri).toBe('sip:10.0.0.2:5060')
    expect(bye.headers.all('route')).toEqual(['<sip:p2.example;lr>', '<sip:alice@10.0.0.2:5060>'])
  })
})

describe('a BYE to a callee', () => {
  test('follows its Contact', () => {
    const stage = new Stage()
    const { session } = stage.answeredOutgoing({ contact: '<sip:bob@10.0.0.60:5070>' })
    session.end(order)
    stage.pass()
    expect(byeTo(stage)).toBe('10.0.0.60:5070')
  })

  test('whose Contact is private while we hear it from a public address goes to that address', () => {
    const stage = new Stage()
    const far = new RawPeer(stage, '203.0.113.8')
    const { session } = stage.place({ target: 'sip:bob@203.0.113.8' })
    far.respond(first(far.requests('INVITE')), 200, { tag: 'bob', sdp: answer, contact: '<sip:bob@192.168.0.4>' })
    stage.pass()
    session.end(order)
    stage.pass()
    expect(far.heard).toEqual(['INVITE', 'ACK', 'BYE'])
  })

  test('uses the route set of its 2xx, in reverse', () => {
    const stage = new Stage()
    const { session } = stage.answeredOutgoing({ recordRoutes: ['<sip:far.example;lr>', '<sip:10.0.0.2:5060;lr>'] })
    session.end(order)
    stage.pass()
    expect(stage.latest('BYE').headers.all('route')).toEqual(['<sip:10.0.0.2:5060;lr>', '<sip:far.example;lr>'])
    expect(stage.latest('ACK').headers.all('route')).toEqual(['<sip:10.0.0.2:5060;lr>', '<sip:far.example;lr>'])
  })
})

describe('TCP', () => {
  test('nothing is repeated, but a 2xx is, end to end', () => {
    const stage = new Stage({ transport: 'TCP' })
    const { session } = stage.incoming()
    session.accept(answer)
    stage.pass(7_000)
    expect(stage.peer.times('200 INVITE').map((at) => at - stage.start)).toEqual([0, 500, 1500, 3500])
  })

  test('a connection that breaks does not end the call; the next request opens another', async () => {
    const stage = new Stage({ transport: 'TCP' })
    const { session, heard } = stage.answeredIncoming({ contact: '<sip:alice@10.0.0.2:5060;transport=tcp>' })
    stage.network.cut(stage.transport, stage.peer.transport)
    await stage.clock.pass(60_000)
    expect(heard.names).toEqual(['acknowledged'])
    session.end(order)
    await stage.clock.pass(1)
    expect(stage.peer.heard.at(-1)).toBe('BYE')
    expect(heard.facts.at(-1)).toEqual(['told', 'delivered'])
    await stage.clock.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('and when there is nobody any more, the end is local', async () => {
    const stage = new Stage({ transport: 'TCP' })
    const { session, heard } = stage.answeredIncoming({ contact: '<sip:alice@10.0.0.2:5060;transport=tcp>' })
    stage.network.cut(stage.transport, stage.peer.transport)
    await stage.peer.transport.close()
    await stage.clock.pass(1)
    expect(session.end(order)).toMatchObject({ message: 'BYE' })
    await stage.clock.pass(1)
    expect(heard.facts.at(-1)).toEqual(['told', 'local-only'])
    expect(session.answered).toBe(false)
    await stage.clock.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('a connection that breaks while it rings: the answer may come by another', async () => {
    const stage = new Stage({ transport: 'TCP' })
    const { invite, heard } = stage.outgoing({ target: 'sip:bob@10.0.0.2;transport=tcp' })
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    stage.network.cut(stage.transport, stage.peer.transport)
    await stage.clock.pass(1)
    stage.peer.respond(invite, 200, { tag: 'bob', sdp: answer, contact: '<sip:bob@10.0.0.2;transport=tcp>' })
    await stage.clock.pass(1)
    expect(heard.names).toEqual(['ringing', 'answered', 'changed'])
    expect(stage.peer.heard.at(-1)).toBe('ACK')
  })

  test('a response whose connection is gone opens one to the sender', async () => {
    const stage = new Stage({ transport: 'TCP' })
    const { session } = stage.incoming()
    stage.network.cut(stage.transport, stage.peer.transport)
    await stage.clock.pass(1)
    session.end(order)
    await stage.clock.pass(1)
    expect(stage.peer.heard.at(-1)).toBe('486 INVITE')
  })
})

test('UDP: a BYE that is refused by one way is tried by the other', async () => {
  const stage = new Stage()
  stage.network.nobody = 'refused'
  const { session, heard } = stage.answeredOutgoing({ contact: '<sip:bob@10.0.0.77>' })
  session.end(order)
  await stage.clock.pass(1)
  expect(byeTo(stage)).toBe('10.0.0.2:5060')
  expect(heard.facts.at(-1)).toEqual(['told', 'delivered'])
})

test('without rport a response goes to the port that the Via names', () => {
  const stage = new Stage()
  const far = new RawPeer(stage, '10.0.0.5')
  const invite = far.invite()
  invite.headers.set('Via', 'SIP/2.0/UDP 10.0.0.5:7777;branch=z9hG4bKx')
  far.send(invite)
  stage.pass()
  const packet = stage.network.packets.find(({ startLine }) => startLine.startsWith('SIP/2.0 100'))
  expect(packet?.to).toEqual({ host: '10.0.0.5', port: 7777 })
  expect(via(invite)?.wantsRport).toBe(false)
})
