import { describe, expect, test } from 'vitest'
import type { Referral, Reoffer } from '../../../src/sip/ua/facts.ts'
import { answer, first, nothingLeft, offer, order, Stage } from './stage.ts'

const held = answer.replace('t=0 0', 't=0 0\r\na=sendonly')

describe('a re-INVITE of theirs', () => {
  const arrange = (sdp: string | undefined = held) => {
    const stage = new Stage()
    const call = stage.answeredIncoming()
    const offers: Reoffer[] = []
    call.heard.reoffered = (reoffer) => void offers.push(reoffer)
    const request = stage.peer.within(call.invite, call.ok, 'INVITE', { seq: 2, ...(sdp === '' ? {} : { sdp }) })
    stage.peer.send(request)
    stage.pass()
    return { stage, ...call, request, reoffer: first(offers), offers }
  }

  test('can be answered later; it gets a 100 meanwhile, and its 2xx is repeated until the ACK', () => {
    const { stage, reoffer, request, ok, invite, heard } = arrange()
    expect(reoffer.sdp).toBe(held)
    expect(stage.peer.heard.at(-1)).toBe('100 INVITE')
    stage.pass(1_000)
    reoffer.accept(held)
    reoffer.accept(answer)
    reoffer.refuse()
    stage.pass(600)
    const [, second] = stage.peer.responses('INVITE', 200).filter(({ headers }) => headers.get('cseq') === '2 INVITE')
    expect(Buffer.from(second?.body ?? []).toString()).toBe(held)
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 2 }))
    stage.pass(40_000)
    expect(stage.peer.responses('INVITE', 200)).toHaveLength(3)
    expect(heard.names).toEqual(['acknowledged'])
    expect(request.method).toBe('INVITE')
  })

  test('its 2xx is never acknowledged: the call is lost', () => {
    const { stage, reoffer, heard } = arrange()
    reoffer.accept(held)
    stage.pass(32_000)
    expect(heard.facts.slice(1)).toEqual([
      ['lost', 'no-ack'],
      ['told', 'delivered'],
    ])
  })

  test('can be refused, and the call goes on as it was', () => {
    const { stage, reoffer, session } = arrange()
    reoffer.refuse()
    stage.pass()
    expect(stage.peer.heard.at(-1)).toBe('488 INVITE')
    expect(session.answered).toBe(true)
  })

  test('moves the remote target once it is accepted', () => {
    const { stage, invite, ok, session, offers } = arrange()
    first(offers).refuse()
    const moved = stage.peer.within(invite, ok, 'INVITE', { seq: 3, sdp: held })
    moved.headers.set('Contact', '<sip:alice@10.0.0.2:5060;moved>')
    stage.peer.send(moved)
    stage.pass()
    offers[1]?.accept(answer)
    session.end(order)
    stage.pass()
    expect(stage.latest('BYE').uri).toBe('sip:alice@10.0.0.2:5060;moved')
  })

  test('without an offer asks for ours; the ACK brings the answer', () => {
    const { stage, reoffer, invite, ok, heard } = arrange('')
    expect(reoffer.sdp).toBeUndefined()
    reoffer.accept(answer)
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 2, sdp: offer }))
    stage.pass()
    expect(heard.facts.at(-1)).toEqual(['reofferSettled', { kind: 'accepted', sdp: offer }])
  })

  test('while another is pending: 500 with Retry-After of 0 to 10 s', () => {
    const { stage, invite, ok } = arrange()
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 3, sdp: held }))
    stage.pass()
    const later = first(stage.peer.responses('INVITE', 500))
    const seconds = Number(later.headers.get('retry-after'))
    expect(seconds).toBeGreaterThanOrEqual(0)
    expect(seconds).toBeLessThanOrEqual(10)
  })

  test('answering after the end does nothing', () => {
    const { stage, reoffer, session } = arrange()
    session.end(order)
    stage.pass()
    const before = stage.network.packets.length
    reoffer.accept(answer)
    reoffer.refuse()
    stage.pass()
    expect(stage.network.packets.length).toBe(before)
    stage.pass(40_000)
    expect(stage.left).toEqual({ ...nothingLeft })
  })

  test('nobody listens for it: 488', () => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming()
    Object.assign(heard, { reoffered: undefined })
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: held }))
    stage.pass()
    expect(stage.peer.heard.at(-1)).toBe('488 INVITE')
  })
})

describe('our own re-INVITE', () => {
  test('is acknowledged, and its answer reported', () => {
    const stage = new Stage()
    const { session, heard } = stage.answeredIncoming()
    session.reinvite(held)
    stage.pass()
    const reinvite = stage.latest('INVITE')
    expect(Buffer.from(reinvite.body).toString()).toBe(held)
    expect(reinvite.headers.get('cseq')).toBe('1 INVITE')
    stage.peer.respond(reinvite, 200, { sdp: offer, contact: '<sip:alice@10.0.0.2:5060;new>' })
    stage.pass()
    expect(heard.facts.at(-1)).toEqual(['reofferSettled', { kind: 'accepted', sdp: offer }])
    expect([stage.latest('ACK').headers.get('cseq'), stage.latest('ACK').uri]).toEqual([
      '1 ACK',
      'sip:alice@10.0.0.2:5060;new',
    ])
  })

  test('waits while theirs is pending', () => {
    const stage = new Stage()
    const { invite, ok, session, heard } = stage.answeredIncoming()
    let theirs: Reoffer | undefined
    heard.reoffered = (reoffer) => {
      theirs = reoffer
    }
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: held }))
    stage.pass()
    session.reinvite(answer)
    stage.pass()
    expect(stage.peer.requests('INVITE')).toEqual([])
    theirs?.accept(answer)
    stage.pass()
    stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 2 }))
    stage.pass(4_000)
    expect(stage.peer.requests('INVITE').length).toBeGreaterThan(0)
  })

  test('is not sent before the call is established, nor after its end', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    session.reinvite(held)
    session.end(order)
    session.reinvite(held)
    stage.pass(1_000)
    expect(stage.peer.requests('INVITE')).toEqual([])
  })
})

test('UPDATE in the early dialog with an offer: later, please; without: 200', () => {
  const stage = new Stage()
  const { invite, session } = stage.incoming()
  session.progress(180)
  stage.pass()
  const ringing = first(stage.peer.responses('INVITE', 180))
  stage.peer.send(stage.peer.within(invite, ringing, 'UPDATE', { seq: 2, sdp: offer }))
  stage.peer.send(stage.peer.within(invite, ringing, 'UPDATE', { seq: 3 }))
  stage.pass()
  expect(stage.peer.responses('UPDATE').map(({ status }) => status)).toEqual([500, 200])
})

test('INFO is answered and handed on, both ways', () => {
  const stage = new Stage()
  const { invite, ok, heard, session } = stage.answeredIncoming()
  const body = 'Signal=5\r\nDuration=160\r\n'
  stage.peer.send(stage.peer.within(invite, ok, 'INFO', { lines: [['Content-Type', 'application/dtmf-relay']], body }))
  stage.pass()
  expect(stage.peer.responses('INFO').map(({ status }) => status)).toEqual([200])
  expect(heard.facts.at(-1)).toEqual(['info', 'application/dtmf-relay', body])
  session.info('application/dtmf-relay', body)
  stage.pass()
  expect(Buffer.from(stage.latest('INFO').body).toString()).toBe(body)
  stage.peer.respond(stage.latest('INFO'), 200)
  stage.pass()
  expect(heard.names).toEqual(['acknowledged', 'info'])
})

test('OPTIONS inside the dialog is answered', () => {
  const stage = new Stage()
  const { invite, ok } = stage.answeredIncoming()
  stage.peer.send(stage.peer.within(invite, ok, 'OPTIONS'))
  stage.pass()
  expect(stage.peer.responses('OPTIONS').map(({ status }) => status)).toEqual([200])
})

test.each(['NOTIFY', 'PRACK'])('%s for what we never asked: refused, and the call lives', (method) => {
  const stage = new Stage()
  const { invite, ok, session } = stage.answeredIncoming()
  stage.peer.send(stage.peer.within(invite, ok, method))
  stage.pass()
  expect([481, 501]).toContain(stage.peer.responses(method)[0]?.status)
  expect(session.answered).toBe(true)
})

describe('REFER', () => {
  const arrange = (value = '<sip:carol@10.0.0.9?Replaces=abc%3Bto-tag%3D1%3Bfrom-tag%3D2>') => {
    const stage = new Stage()
    const call = stage.answeredIncoming()
    const referrals: Referral[] = []
    call.heard.referred = (referral) => void referrals.push(referral)
    const refer = (accept: boolean) => {
      if (accept)
        call.heard.referred = (referral) => {
          referrals.push(referral)
          referral.accept()
        }
      stage.peer.send(
        stage.peer.within(call.invite, call.ok, 'REFER', {
          lines: [
            ['Refer-To', value],
            ['Referred-By', '<sip:alice@10.0.0.2>'],
          ],
        }),
      )
      stage.pass()
    }
    return { stage, ...call, referrals, refer }
  }

  test('not taken: 603', () => {
    const { stage, refer } = arrange()
    refer(false)
    expect(stage.peer.heard.at(-1)).toBe('603 REFER')
  })

  test('is shown whole: target, Replaces, who asks', () => {
    const { referrals, refer } = arrange()
    refer(true)
    expect(referrals).toMatchObject([
      { target: 'sip:carol@10.0.0.9', replaces: 'abc;to-tag=1;from-tag=2', referredBy: '<sip:alice@10.0.0.2>' },
    ])
  })

  test('taken: 202, a NOTIFY at once, one for each step, none after the last; it ends nothing', () => {
    const { stage, referrals, refer, session } = arrange('<sip:carol@10.0.0.9>')
    refer(true)
    const [referral] = referrals
    referral?.notify(180)
    referral?.notify(486)
    referral?.notify(200)
    stage.pass()
    const notifies = stage.peer.requests('NOTIFY')
    expect(notifies.map(({ body }) => Buffer.from(body).toString())).toEqual([
      'SIP/2.0 100 Trying\r\n',
      'SIP/2.0 180 Ringing\r\n',
      'SIP/2.0 486 Busy Here\r\n',
    ])
    expect(notifies.map(({ headers }) => headers.get('subscription-state'))).toEqual([
      'active;expires=180',
      'active;expires=180',
      'terminated;reason=noresource',
    ])
    expect(notifies.every(({ headers }) => headers.get('event') === 'refer')).toBe(true)
    expect(session.answered).toBe(true)
  })

  test.each(['', 'not a uri <'])('a bad Refer-To is 400: %j', (value) => {
    const { stage, refer } = arrange(value)
    refer(true)
    expect(stage.peer.heard.at(-1)).toBe('400 REFER')
  })
})

test('early media and ringing of ours carry tag, Contact and Record-Route', () => {
  const stage = new Stage()
  const { session } = stage.incoming({ recordRoutes: ['<sip:10.0.0.2;lr>'] })
  session.progress(183, answer)
  stage.pass()
  const early = first(stage.peer.responses('INVITE', 183))
  expect(early.headers.get('record-route')).toBe('<sip:10.0.0.2;lr>')
  expect(early.headers.get('contact')).toBe('<sip:10.0.0.1:5060>')
  expect(early.headers.get('to')).toContain(`;tag=${session.localTag}`)
  expect(Buffer.from(early.body).toString()).toBe(answer)
})

test('a caller that waits hears something every minute', () => {
  const stage = new Stage()
  const { session } = stage.incoming()
  session.progress(180)
  stage.pass(125_000)
  expect(stage.peer.times('180 INVITE').map((at) => at - stage.start)).toEqual([0, 60_000, 120_000])
  session.end(order)
  stage.pass(125_000)
  expect(stage.peer.responses('INVITE', 180)).toHaveLength(3)
})
