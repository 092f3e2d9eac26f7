/** The Reason header where a user agent has to do with it (RFC 3326, 6432, 8606): what arrives reaches the listener, what is ordered leaves. */
import { describe, expect, test } from 'vitest'
import type { Farewell } from '../../../src/sip/ua/facts.ts'
import { first, order, Stage } from './stage.ts'

/** Header lines, and what the listener sees of them. */
const readings: readonly [what: string, lines: string[], seen: [string, number | undefined, string | undefined][]][] = [
  ['one value', ['Q.850;cause=16'], [['Q.850', 16, undefined]]],
  ['a text', ['SIP;cause=200;text="Call completed elsewhere"'], [['SIP', 200, 'Call completed elsewhere']]],
  [
    'two protocols in one line',
    ['SIP;cause=408, Q.850;cause=102;text="a"'],
    [
      ['SIP', 408, undefined],
      ['Q.850', 102, 'a'],
    ],
  ],
  [
    'two lines',
    ['SIP;cause=503', 'Q.850;cause=41'],
    [
      ['SIP', 503, undefined],
      ['Q.850', 41, undefined],
    ],
  ],
  [
    '; and , inside a text',
    ['Q.850;cause=16;text="a;cause=1, SIP;cause=2"'],
    [['Q.850', 16, 'a;cause=1, SIP;cause=2']],
  ],
  ['a missing cause', ['Q.850;text="no cause"'], [['Q.850', undefined, 'no cause']]],
  ['any case', ['q.850;CAUSE=31;Text="x"'], [['Q.850', 31, 'x']]],
  ['a vendor protocol', ['X.int;reasoncode=0x0'], [['X.int', undefined, undefined]]],
  ['another', ['RELEASE_CAUSE;cause=1'], [['RELEASE_CAUSE', 1, undefined]]],
  ['a location', ['Q.850;cause=17;location=LN'], [['Q.850', 17, undefined]]],
  ['a private code under SIP', ['SIP;cause=604;text="MEDIA_TIMEOUT"'], [['SIP', 604, 'MEDIA_TIMEOUT']]],
  ['nothing', [], []],
]

describe.each(readings)('%s', (_what, lines, seen) => {
  const header = lines.map((value): [string, string] => ['Reason', value])
  const check = (farewell: Farewell | undefined) => {
    expect(farewell?.reasons.map(({ protocol, cause, text }) => [protocol, cause, text])).toEqual(seen)
    expect(farewell?.raw.join(', ')).toBe(lines.join(', '))
  }

  test('in a BYE', () => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming()
    let got: Farewell | undefined
    heard.byeReceived = (bye) => {
      got = bye
    }
    stage.peer.send(stage.peer.within(invite, ok, 'BYE', { lines: header }))
    stage.pass()
    check(got)
  })

  test('in a CANCEL', () => {
    const stage = new Stage()
    const { invite, heard } = stage.incoming()
    let got: Farewell | undefined
    heard.cancelled = (cancel) => {
      got = cancel
    }
    stage.peer.send(stage.peer.cancel(invite, header))
    stage.pass()
    check(got)
  })

  test('in a refusal', () => {
    const stage = new Stage()
    const { invite, heard } = stage.outgoing()
    let got: Pick<Farewell, 'reasons' | 'raw'> | undefined
    heard.refused = (refusal) => {
      got = refusal
    }
    stage.peer.respond(invite, 480, { tag: 'bob', lines: header })
    stage.pass()
    check(got as Farewell)
  })
})

test('a Reason never changes what the protocol does', () => {
  const stage = new Stage()
  const { invite, ok, heard } = stage.answeredIncoming()
  stage.peer.send(stage.peer.within(invite, ok, 'BYE', { lines: [['Reason', 'SIP;cause=200;text="go on"']] }))
  stage.pass()
  expect(stage.peer.responses('BYE').map(({ status }) => status)).toEqual([200])
  expect(heard.names).toContain('byeReceived')
})

describe('what is ordered leaves: at most one value for each protocol, nothing if there is nothing', () => {
  const two = [
    { protocol: 'SIP', cause: 503 },
    { protocol: 'Q.850', cause: 41, text: 'say "no"' },
    { protocol: 'sip', cause: 500 },
  ]
  const wire = 'SIP;cause=503, Q.850;cause=41;text="say \\"no\\""'

  test('on a BYE', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    expect(session.end({ ...order, bye: two })).toEqual({ message: 'BYE', queued: false, reason: wire })
    stage.pass()
    expect(stage.latest('BYE').headers.get('reason')).toBe(wire)
  })

  test('on a CANCEL', () => {
    const stage = new Stage()
    const { session, invite } = stage.outgoing()
    stage.peer.respond(invite, 180, { tag: 'bob' })
    stage.pass()
    expect(session.end({ ...order, cancel: two })).toEqual({ message: 'CANCEL', queued: false, reason: wire })
    stage.pass()
    expect(stage.latest('CANCEL').headers.get('reason')).toBe(wire)
  })

  test('on a refusal', () => {
    const stage = new Stage()
    const { session } = stage.incoming()
    expect(session.end({ ...order, refuse: { status: 503, reasons: two } })).toEqual({
      message: '503',
      queued: false,
      reason: wire,
    })
    stage.pass()
    expect(first(stage.peer.responses('INVITE', 503)).headers.get('reason')).toBe(wire)
  })

  test('nowhere', () => {
    const stage = new Stage()
    const { session } = stage.answeredIncoming()
    expect(session.end({ ...order, bye: [] })).toEqual({ message: 'BYE', queued: false })
    stage.pass()
    expect(stage.latest('BYE').headers.has('reason')).toBe(false)
  })
})

/** Table 1.6: the reasons of ends that the library begins itself. */
test.each([
  ['no ACK', 'SIP;cause=408;text="ACK timeout"', (stage: Stage) => void stage.incoming().session.accept('v=0')],
  [
    'session timer',
    'SIP;cause=408, Q.850;cause=102',
    (stage: Stage) => {
      stage.answeredIncoming({
        lines: [
          ['Session-Expires', '90;refresher=uac'],
          ['Supported', 'timer'],
        ],
      })
      stage.pass(60_000)
    },
  ],
])('%s', (_what, reason, act) => {
  const stage = new Stage()
  act(stage)
  stage.pass(32_000)
  expect(stage.latest('BYE').headers.get('reason')).toBe(reason)
})

test('a refusal can carry what 607 and 608 need', () => {
  const stage = new Stage()
  const { session } = stage.incoming()
  const jcard = '<https://block.example/card>;purpose=jwscard'
  session.end({ ...order, refuse: { status: 608, headers: [['Call-Info', jcard]] } })
  stage.pass()
  const response = first(stage.peer.responses('INVITE', 608))
  expect([response.reason, response.headers.get('call-info')]).toEqual(['Rejected', jcard])
})

test('a listener that ends a lost call chooses its reason', () => {
  const stage = new Stage()
  const { session, heard } = stage.incoming()
  heard.lost = () => void session.end({ ...order, bye: [{ protocol: 'SIP', cause: 500 }] })
  session.accept('v=0')
  stage.pass(32_000)
  expect(stage.peer.requests('BYE').map(({ headers }) => headers.get('reason'))).toEqual(['SIP;cause=500'])
})
