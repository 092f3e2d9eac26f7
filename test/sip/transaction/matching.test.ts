/** Which messages belong together (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2, §9.2), and what is never answered twice. */
import { describe, expect, test } from 'vitest'
import { first, nothingLeft, offer, order, Stage } from '../ua/stage.ts'

describe('server side', () => {
  test('a retransmitted INVITE is answered from what was said last', () => {
    const stage = new Stage()
    const { invite, session } = stage.incoming()
    stage.peer.send(invite)
    stage.pass()
    expect(stage.peer.heard).toEqual(['100 INVITE', '100 INVITE'])
    session.progress(180)
    stage.peer.send(invite)
    stage.pass()
    expect(stage.peer.heard.slice(2)).toEqual(['180 INVITE', '180 INVITE'])
    session.end(order)
    stage.peer.send(invite)
    stage.pass()
    expect(stage.peer.heard.slice(4)).toEqual(['486 INVITE', '486 INVITE'])
    expect(stage.calls).toHaveLength(1)
  })

  test('after the ACK of a refusal it is absorbed', () => {
    const stage = new Stage()
    const { invite, session } = stage.incoming()
    session.end(order)
    stage.pass()
    stage.peer.send(
      stage.peer.within(invite, first(stage.peer.responses('INVITE', 486)), 'ACK', { branch: 'z9hG4bKpeer1' }),
    )
    stage.pass()
    stage.peer.send(invite)
    stage.pass(4_999)
    expect(stage.peer.heard).toEqual(['100 INVITE', '486 INVITE'])
    expect(stage.calls).toHaveLength(1)
    stage.pass(1)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('the same branch from another sender is another transaction', () => {
    const stage = new Stage()
    const { invite } = stage.incoming()
    const other = stage.peer.invite({ callId: 'call-2', tag: 'carol' })
    other.headers.set('Via', (invite.headers.get('via') ?? '').replace('10.0.0.2:5060', '10.0.0.2:5062'))
    stage.peer.send(other)
    stage.pass()
    expect(stage.calls).toHaveLength(2)
  })

  test('an INVITE that came by two ways: the second is 482, and the call lives', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    stage.peer.send(stage.peer.invite({ branch: 'z9hG4bKdetour' }))
    stage.pass()
    expect(stage.peer.heard).toEqual(['100 INVITE', '482 INVITE'])
    expect(stage.calls).toHaveLength(1)
    expect(session.offered).toBe(true)
    stage.pass(40_000)
  })

  test('once the first is forgotten, its like is a call of its own', () => {
    const stage = new Stage()
    stage.incoming().session.end(order)
    stage.pass(32_000)
    stage.peer.send(stage.peer.invite({ branch: 'z9hG4bKlater' }))
    stage.pass()
    expect(stage.peer.responses('INVITE', 482)).toEqual([])
    expect(stage.calls).toHaveLength(2)
  })

  test('a new INVITE after a challenge (next CSeq) is not merged', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    session.end({ ...order, refuse: { status: 401 } })
    stage.peer.send(stage.peer.invite({ seq: 2 }))
    stage.pass()
    expect(stage.calls).toHaveLength(2)
  })

  test('the same method with another branch in a dialog is not merged', () => {
    const stage = new Stage()
    const { invite, ok } = stage.answeredIncoming()
    stage.peer.send(stage.peer.within(invite, ok, 'OPTIONS', { seq: 2 }))
    stage.peer.send(stage.peer.within(invite, ok, 'OPTIONS', { seq: 2 }))
    stage.pass()
    expect(stage.peer.responses('OPTIONS').map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('a client of RFC 2543, without the magic cookie', () => {
  const old = (stage: Stage, branch: string | undefined) => {
    const invite = stage.peer.invite()
    const via = `SIP/2.0/UDP 10.0.0.2:5060${branch === undefined ? '' : `;branch=${branch}`}`
    invite.headers.set('Via', via)
    return { invite, via }
  }

  test.each([undefined, '1'])('a retransmission is recognised (branch %s)', (branch) => {
    const stage = new Stage()
    const { invite } = old(stage, branch)
    stage.peer.send(invite)
    stage.peer.send(invite)
    stage.pass()
    expect(stage.calls).toHaveLength(1)
    expect(stage.peer.heard).toEqual(['100 INVITE', '100 INVITE'])
  })

  test('its ACK to a refusal is recognised, though it carries our tag', () => {
    const stage = new Stage()
    const { invite, via } = old(stage, '1')
    stage.peer.send(invite)
    stage.pass()
    const { session, heard } = first(stage.calls)
    session.end(order)
    stage.pass()
    const ack = stage.peer.within(invite, first(stage.peer.responses('INVITE', 486)), 'ACK')
    ack.headers.set('Via', via)
    stage.peer.send({ ...ack, uri: invite.uri })
    stage.pass()
    expect(heard.facts).toEqual([['told', 'delivered']])
  })

  test('its ACK to a 2xx, with the same Via, still reaches the dialog', () => {
    const stage = new Stage()
    const { invite, via } = old(stage, '1')
    stage.peer.send(invite)
    stage.pass()
    const { session, heard } = first(stage.calls)
    session.accept(offer)
    stage.pass()
    const ack = stage.peer.within(invite, first(stage.peer.responses('INVITE', 200)), 'ACK')
    ack.headers.set('Via', via)
    stage.peer.send({ ...ack, uri: invite.uri })
    stage.pass()
    expect(heard.names).toEqual(['acknowledged'])
  })

  test('its CANCEL is recognised', () => {
    const stage = new Stage()
    const { invite } = old(stage, '1')
    stage.peer.send(invite)
    stage.pass()
    stage.peer.send(stage.peer.cancel(invite))
    stage.pass()
    expect(stage.peer.heard.slice(1).sort()).toEqual(['200 CANCEL', '487 INVITE'])
  })

  test('without a From tag it can call, and hang up', () => {
    const stage = new Stage()
    const { invite } = old(stage, '1')
    invite.headers.set('From', '<sip:alice@10.0.0.2>')
    stage.peer.send(invite)
    stage.pass()
    const { session, heard } = first(stage.calls)
    session.accept(offer)
    stage.pass()
    const ok = first(stage.peer.responses('INVITE', 200))
    stage.peer.send(stage.peer.within(invite, ok, 'ACK'))
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass()
    expect(heard.names).toEqual(['acknowledged', 'byeReceived'])
  })
})

describe('client side', () => {
  test.each([
    ['another branch', (line: string) => line.replace(/branch=[^;]+/, 'branch=z9hG4bKother')],
    ['no branch', (line: string) => line.replace(/;branch=[^;]+/, '')],
  ])('a response with %s is nobody’s', (_what, change) => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    const copy = { ...invite, headers: invite.headers.clone() }
    copy.headers.set('Via', change(invite.headers.get('via') ?? ''))
    stage.peer.respond(copy, 486, { tag: 'bob' })
    stage.pass()
    expect(heard.facts).toEqual([])
  })

  test('a response for another method is nobody’s', () => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    const copy = { ...invite, headers: invite.headers.clone() }
    copy.headers.set('CSeq', '1 BYE')
    stage.peer.respond(copy, 200, { tag: 'bob' })
    stage.pass()
    expect(heard.facts).toEqual([])
  })

  test('a repeated refusal is acknowledged each time for 32 s, and reported once', () => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    for (const wait of [0, 500, 1_000, 30_000]) {
      stage.pass(wait)
      stage.peer.respond(invite, 486, { tag: 'bob' })
      stage.pass()
    }
    const acks = stage.peer.requests('ACK')
    expect(acks).toHaveLength(4)
    expect(acks[0]?.headers.get('via')).toBe(invite.headers.get('via'))
    expect(acks[0]?.headers.get('to')).toContain(';tag=bob')
    expect(heard.names).toEqual(['refused'])
    stage.pass(1_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test('a late 1xx or refusal after the 2xx changes nothing', () => {
    const stage = new Stage()
    const { invite, heard, session } = stage.answeredOutgoing()
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.peer.respond(invite, 486, { tag: 'bob' })
    stage.pass()
    expect(heard.names).toEqual(['answered', 'changed'])
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
    expect(session.answered).toBe(true)
  })
})
