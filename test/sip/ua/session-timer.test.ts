/** RFC 4028, under a virtual clock. */
import { describe, expect, test } from 'vitest'
import { answer, first, nothingLeft, offer, order, Stage } from './stage.ts'

const supported: [string, string] = ['Supported', 'timer']
const asks = (seconds: number, refresher?: 'uac' | 'uas'): [string, string][] => [
  supported,
  ['Session-Expires', refresher === undefined ? `${seconds}` : `${seconds};refresher=${refresher}`],
]

/** Table 2 of §9, and what we ask for ourselves. Seconds, and who refreshes; null: no timer. */
const agreements: readonly [
  what: string,
  ours: number | undefined,
  lines: [string, string][],
  agreed: string | null,
  require: boolean,
][] = [
  ['nobody asks', undefined, [supported], null, false],
  ['they ask, and refresh', undefined, asks(1800, 'uac'), '1800;refresher=uac', true],
  ['they ask, and we refresh', undefined, asks(1800, 'uas'), '1800;refresher=uas', false],
  ['they ask, and do not say who', undefined, asks(1800), '1800;refresher=uac', true],
  ['a proxy asks for one that cannot', undefined, [['Session-Expires', '1800']], '1800;refresher=uas', false],
  ['we ask, and they can', 900, [supported], '900;refresher=uas', false],
  ['we ask, and they cannot', 900, [], '900;refresher=uas', false],
  ['both ask', 900, asks(1800, 'uac'), '1800;refresher=uac', true],
  ['their Min-SE is above our wish', 900, [supported, ['Min-SE', '1000']], '1000;refresher=uas', false],
]

test.each(agreements)('%s', (_what, ours, lines, agreed, require) => {
  const stage = new Stage(ours === undefined ? {} : { sessionTimer: { expires: ours, minimum: 90 } })
  const { ok } = stage.answeredIncoming({ lines })
  expect(ok.headers.get('session-expires') ?? null).toBe(agreed)
  expect(ok.headers.all('require')).toEqual(require ? ['timer'] : [])
})

describe('too short', () => {
  test('422 with Min-SE, and no call', () => {
    const stage = new Stage()
    stage.peer.send(stage.peer.invite({ lines: asks(60) }))
    stage.pass()
    expect(first(stage.peer.responses('INVITE', 422)).headers.get('min-se')).toBe('90')
    expect(stage.calls).toEqual([])
  })

  test('our own minimum counts', () => {
    const stage = new Stage({ sessionTimer: { expires: 1800, minimum: 600 } })
    stage.peer.send(stage.peer.invite({ lines: asks(599) }))
    stage.pass()
    expect(first(stage.peer.responses('INVITE', 422)).headers.get('min-se')).toBe('600')
  })

  test('in a re-INVITE: 422, and the call lives', () => {
    const stage = new Stage()
    const { invite, ok, session } = stage.answeredIncoming({ lines: asks(1800, 'uac') })
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer, lines: asks(30) }))
    stage.pass()
    expect(stage.peer.responses('INVITE').at(-1)?.status).toBe(422)
    expect(session.answered).toBe(true)
  })

  test('as caller: a 422 is answered with the longer interval', () => {
    const stage = new Stage({ sessionTimer: { expires: 300, minimum: 90 } })
    const { invite, heard } = stage.outgoing()
    expect(invite.headers.get('session-expires')).toBe('300')
    stage.peer.respond(invite, 422, { tag: 'x', lines: [['Min-SE', '900']] })
    stage.pass()
    const second = stage.latest('INVITE')
    expect([second.headers.get('session-expires'), second.headers.get('min-se')]).toEqual(['900', '900'])
    stage.peer.respond(second, 422, { tag: 'y', lines: [['Min-SE', '900']] })
    stage.pass()
    expect(heard.facts.at(-1)).toEqual(['refused', 422, []])
  })
})

describe('they refresh', () => {
  test.each([
    [1800, 1768],
    [90, 60],
    [96, 64],
    [93, 62],
  ])('no refresh within %i s: BYE at %i s', (interval, at) => {
    const stage = new Stage()
    const { heard } = stage.answeredIncoming({ lines: asks(interval, 'uac') })
    stage.pass(at * 1000 - 1)
    expect(stage.peer.heard).not.toContain('BYE')
    stage.pass(1)
    expect(stage.peer.times('BYE')).toEqual([stage.start + at * 1000])
    expect(heard.facts.slice(1)).toEqual([
      ['lost', 'session-expired'],
      ['told', 'delivered'],
    ])
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
  })

  test.each([
    ['INVITE', offer],
    ['UPDATE', undefined],
    ['UPDATE', offer],
  ])('a 2xx to %s extends it', (method, sdp) => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming({ lines: asks(90, 'uac') })
    stage.pass(50_000)
    const refresh = stage.peer.within(invite, ok, method, {
      seq: 2,
      lines: asks(90, 'uac'),
      ...(sdp === undefined ? {} : { sdp }),
    })
    stage.peer.send(refresh)
    stage.pass()
    expect(stage.peer.responses(method).at(-1)?.headers.get('session-expires')).toBe('90;refresher=uac')
    if (method === 'INVITE') stage.peer.send(stage.peer.within(invite, ok, 'ACK', { seq: 2 }))
    stage.pass(59_999)
    expect(heard.names).not.toContain('lost')
    stage.pass(1)
    expect(heard.names).toContain('lost')
  })

  test.each([491, 488, 500])('a refresh answered %i does not', (status) => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming({ lines: asks(90, 'uac') })
    heard.reoffered = (reoffer) => reoffer.refuse(status)
    stage.pass(50_000)
    stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer, lines: asks(90, 'uac') }))
    stage.pass(9_999)
    expect(heard.names).not.toContain('lost')
    stage.pass(1)
    expect(heard.names).toContain('lost')
  })
})

describe('we refresh', () => {
  const withUpdate: [string, string] = ['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE']

  test('at half the interval, by UPDATE without a body, and again after its 2xx', () => {
    const stage = new Stage()
    const { heard } = stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    const update = stage.latest('UPDATE')
    expect(update.body).toHaveLength(0)
    expect(update.headers.get('session-expires')).toBe('90;refresher=uac')
    expect(update.headers.get('contact')).toBe('<sip:10.0.0.1:5060>')
    stage.peer.respond(update, 200, { lines: [['Session-Expires', '90;refresher=uac']] })
    stage.pass(44_999)
    expect(stage.peer.requests('UPDATE')).toHaveLength(1)
    stage.pass(1)
    expect(stage.peer.requests('UPDATE')).toHaveLength(2)
    expect(heard.names).toEqual(['acknowledged'])
  })

  test('by re-INVITE with our last description, unchanged, if they do not know UPDATE', () => {
    const stage = new Stage()
    const { heard } = stage.answeredIncoming({ lines: asks(90, 'uas') })
    stage.pass(45_000)
    const reinvite = stage.latest('INVITE')
    expect(Buffer.from(reinvite.body).toString()).toBe(answer)
    stage.peer.respond(reinvite, 200, { sdp: offer, lines: [['Session-Expires', '90;refresher=uac']] })
    stage.pass()
    expect(stage.peer.heard.at(-1)).toBe('ACK')
    // A refresh is nobody's re-offer.
    expect(heard.names).toEqual(['acknowledged'])
    stage.pass(45_000)
    expect(stage.peer.requests('INVITE')).toHaveLength(2)
  })

  test('by re-INVITE once they have refused UPDATE', () => {
    const stage = new Stage()
    stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    stage.peer.respond(stage.latest('UPDATE'), 501)
    stage.pass()
    expect(stage.peer.requests('INVITE')).toHaveLength(1)
  })

  test.each([408, 481])('answered %i: BYE at once', (status) => {
    const stage = new Stage()
    const { heard } = stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    stage.peer.respond(stage.latest('UPDATE'), status)
    stage.pass()
    expect(heard.facts.slice(1)).toEqual([
      ['lost', 'session-expired'],
      ['told', 'delivered'],
    ])
  })

  test('never answered: BYE when the transaction gives up', () => {
    const stage = new Stage()
    const { heard } = stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000 + 31_999)
    expect(heard.names).not.toContain('lost')
    stage.pass(1)
    expect(heard.names).toContain('lost')
  })

  test('answered 500: not tried again, and BYE at the end of the interval', () => {
    const stage = new Stage()
    const { heard } = stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    stage.peer.respond(stage.latest('UPDATE'), 500)
    stage.pass(44_999)
    expect(stage.peer.requests('UPDATE')).toHaveLength(1)
    expect(heard.names).not.toContain('lost')
    stage.pass(1)
    expect(heard.fact('lost')).toEqual(['session-expired'])
  })

  test('answered 422: again, with the longer interval', () => {
    const stage = new Stage()
    stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    stage.peer.respond(stage.latest('UPDATE'), 422, { lines: [['Min-SE', '300']] })
    stage.pass()
    expect(stage.latest('UPDATE').headers.get('session-expires')).toBe('300;refresher=uac')
  })

  test('answered 422 with an interval that we offer already: no loop', () => {
    const stage = new Stage()
    stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    stage.peer.respond(stage.latest('UPDATE'), 422, { lines: [['Min-SE', '90']] })
    stage.pass(1_000)
    expect(stage.peer.requests('UPDATE')).toHaveLength(1)
  })

  test('answered 491: again after a while', () => {
    const stage = new Stage()
    stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    stage.pass(45_000)
    stage.peer.respond(stage.latest('UPDATE'), 491)
    stage.pass(4_000)
    expect(stage.peer.requests('UPDATE')).toHaveLength(2)
  })

  test('nothing more after the end', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming({ lines: [...asks(90, 'uas'), withUpdate] })
    session.end(order)
    stage.pass(40_000)
    expect(stage.left).toEqual(nothingLeft)
    stage.pass(100_000)
    expect(stage.peer.requests('UPDATE')).toEqual([])
  })
})

describe('as caller', () => {
  test.each([
    ['1800;refresher=uac', 'UPDATE', 900_000],
    ['1800;refresher=uas', 'BYE', 1_768_000],
  ])('their 2xx says %s: %s after %i ms', (line, method, at) => {
    const stage = new Stage({ sessionTimer: { expires: 1800, minimum: 90 } })
    stage.answeredOutgoing({
      lines: [
        ['Session-Expires', line],
        ['Allow', 'INVITE, UPDATE'],
      ],
    })
    stage.pass(at - 1)
    expect(stage.peer.heard).not.toContain(method)
    stage.pass(1)
    expect(stage.peer.heard).toContain(method)
  })

  test('their 2xx says nothing: no timer', () => {
    const stage = new Stage({ sessionTimer: { expires: 1800, minimum: 90 } })
    const { session } = stage.answeredOutgoing()
    stage.pass(4_000_000)
    expect(session.answered).toBe(true)
    expect(stage.peer.heard).toEqual(['INVITE', 'ACK'])
  })
})
