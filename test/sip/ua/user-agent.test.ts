import { describe, expect, test } from 'vitest'
import { request as buildRequest, headersOf } from '../../../src/sip/message/build.ts'
import { answer, first, nothingLeft, offer, order, type RawPeer, Stage } from './stage.ts'

/** A request outside any dialog. */
function alone(peer: RawPeer, method: string, lines: [string, string][] = [], toTag?: string) {
  return buildRequest({
    method,
    uri: 'sip:1000@10.0.0.1',
    headers: headersOf([
      ['Via', peer.viaLine(peer.branch())],
      ['Max-Forwards', '70'],
      ['From', '<sip:alice@10.0.0.2>;tag=a'],
      ['To', `<sip:1000@10.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`],
      ['Call-ID', `alone-${method}`],
      ['CSeq', `1 ${method}`],
      ...lines,
    ]),
  })
}

/** What a request outside any dialog gets. */
test.each([
  ['OPTIONS', 200],
  ['REGISTER', 405],
  ['BYE', 481],
  ['UPDATE', 481],
  ['INFO', 481],
  ['NOTIFY', 481],
  ['REFER', 405],
  ['SUBSCRIBE', 501],
  ['MESSAGE', 501],
  ['PUBLISH', 501],
  ['PRACK', 501],
  ['FOO', 501],
])('%s outside a dialog: %i', (method, status) => {
  const stage = new Stage()
  stage.peer.send(alone(stage.peer, method))
  stage.pass()
  const response = first(stage.peer.responses(method))
  expect(response.status).toBe(status)
  if (status === 405 || status === 501) expect(response.headers.get('allow')).toContain('INVITE')
  stage.pass(40_000)
  expect(stage.left).toEqual(nothingLeft)
})

test.each(['INVITE', 'BYE', 'OPTIONS', 'UPDATE', 'INFO', 'REFER', 'NOTIFY'])(
  '%s with a To tag that we do not know: 481',
  (method) => {
    const stage = new Stage()
    stage.peer.send(alone(stage.peer, method, [['Contact', '<sip:alice@10.0.0.2>']], 'nobody'))
    stage.pass()
    expect(stage.peer.responses(method).map(({ status }) => status)).toEqual([481])
    expect(stage.calls).toEqual([])
  },
)

test('OPTIONS tells what we can', () => {
  const stage = new Stage()
  stage.peer.send(alone(stage.peer, 'OPTIONS'))
  stage.pass()
  const { headers } = first(stage.peer.responses('OPTIONS'))
  expect(headers.all('allow')).toEqual([
    'INVITE',
    'ACK',
    'CANCEL',
    'BYE',
    'OPTIONS',
    'INFO',
    'UPDATE',
    'REFER',
    'NOTIFY',
  ])
  expect(headers.all('accept')).toEqual(['application/sdp'])
  expect(headers.all('supported')).toEqual(['timer'])
})

test('an INVITE gets its 100 before anybody decides anything', () => {
  const stage = new Stage()
  let sent = -1
  stage.onInvite = () => {
    sent = stage.network.packets.filter(({ startLine }) => startLine.startsWith('SIP/2.0 100')).length
  }
  stage.incoming()
  expect(sent).toBe(1)
  expect(first(stage.peer.responses('INVITE', 100)).headers.get('to')).toBe('<sip:1000@10.0.0.1>')
})

test('Require: 100rel is refused with 420', () => {
  const stage = new Stage()
  stage.peer.send(stage.peer.invite({ lines: [['Require', '100rel']] }))
  stage.pass()
  expect(first(stage.peer.responses('INVITE', 420)).headers.get('unsupported')).toBe('100rel')
  expect(stage.calls).toEqual([])
})

test('an INVITE without Contact cannot make a dialog: 400', () => {
  const stage = new Stage()
  const invite = stage.peer.invite()
  invite.headers.delete('contact')
  stage.peer.send(invite)
  stage.pass()
  expect(first(stage.peer.responses('INVITE', 400)).reason).toBe('Missing Contact')
})

describe('draining', () => {
  test('new calls get 503 without Retry-After, everything else is served', () => {
    const stage = new Stage()
    const live = stage.answeredIncoming()
    const ringing = stage.incoming({ callId: 'call-2', tag: 'alice2' })
    stage.agent.drain()
    stage.peer.send(stage.peer.invite({ callId: 'call-3', tag: 'alice3' }))
    stage.pass()
    const refusal = first(stage.peer.responses('INVITE', 503))
    expect(refusal.headers.has('retry-after')).toBe(false)
    expect(stage.calls).toHaveLength(2)
    stage.peer.send(stage.peer.within(live.invite, live.ok, 'BYE'))
    stage.peer.send(stage.peer.cancel(ringing.invite))
    stage.peer.send(alone(stage.peer, 'OPTIONS'))
    stage.pass()
    expect(stage.peer.heard.slice(-4).sort()).toEqual(['200 BYE', '200 CANCEL', '200 OPTIONS', '487 INVITE'])
    expect(live.heard.names).toContain('byeReceived')
  })

  test('stopping leaves no alarm behind', async () => {
    const stage = new Stage()
    stage.answeredIncoming()
    stage.incoming({ callId: 'call-2', tag: 'alice2' })
    await stage.agent.stop()
    expect(stage.left).toEqual(nothingLeft)
  })
})

describe('a listener that throws', () => {
  test('in `invite`: the call is still there, and the fault is reported', () => {
    const stage = new Stage()
    stage.onInvite = (session) => {
      session.progress(180)
      throw new Error('bad listener')
    }
    stage.incoming()
    expect(stage.peer.heard).toEqual(['100 INVITE', '180 INVITE'])
    expect(stage.faults).toHaveLength(1)
  })

  test('in `byeReceived`: the BYE has its 200, and nothing is left', () => {
    const stage = new Stage()
    const { invite, ok, heard } = stage.answeredIncoming()
    heard.byeReceived = () => {
      throw new Error('bad listener')
    }
    stage.peer.send(stage.peer.within(invite, ok, 'BYE'))
    stage.pass(40_000)
    expect(stage.peer.heard.at(-1)).toBe('200 BYE')
    expect(stage.agent.counts).toEqual({ sessions: 0, clients: 0, servers: 0, alarms: 0 })
    expect(stage.faults).toHaveLength(1)
  })

  test('in `lost`: the BYE goes out all the same', () => {
    const stage = new Stage()
    const { heard, session } = stage.incoming()
    heard.lost = () => {
      throw new Error('bad listener')
    }
    session.accept(answer)
    stage.pass(32_000)
    expect(stage.peer.requests('BYE')).toHaveLength(1)
  })
})

describe('addresses of ours', () => {
  test('an advertised address stands in Contact and Via', () => {
    const stage = new Stage({ advertise: { host: '203.0.113.5', port: 15060 } })
    const { invite } = stage.outgoing()
    expect(invite.headers.get('contact')).toBe('<sip:203.0.113.5:15060>')
    expect(invite.headers.get('via')).toContain('SIP/2.0/UDP 203.0.113.5:15060;branch=')
  })

  test('over TCP the listening port, not that of the connection; and the transport is named', () => {
    const stage = new Stage({ transport: 'TCP' })
    const { invite } = stage.outgoing({ target: 'sip:bob@10.0.0.2;transport=tcp' })
    expect(invite.headers.get('contact')).toBe('<sip:10.0.0.1:5060;transport=tcp>')
  })
})

test('a REGISTER goes to the listener, if it has an ear for it', () => {
  const stage = new Stage({
    listener: {
      invite: () => {
        throw new Error('no calls here')
      },
      register: () => ({ status: 200, lines: [['Contact', '<sip:alice@10.0.0.2>;expires=60']] }),
    },
  })
  stage.peer.send(alone(stage.peer, 'REGISTER'))
  stage.pass()
  expect(first(stage.peer.responses('REGISTER', 200)).headers.get('contact')).toBe('<sip:alice@10.0.0.2>;expires=60')
})

test('every message passes the tap', () => {
  const seen: string[] = []
  const stage = new Stage({
    tap: {
      received: (message) =>
        void seen.push(message.kind === 'request' ? `in ${message.method}` : `in ${message.status}`),
      sent: (bytes) => void seen.push(`out ${Buffer.from(bytes).toString().split('\r\n')[0]}`),
    },
  })
  const { session } = stage.answeredIncoming()
  session.end(order)
  stage.pass()
  expect(seen.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'in INVITE',
    'out SIP/2.0 100',
    'out SIP/2.0 200',
    'in ACK',
    'out BYE sip:alice@10.0.0.2:5060',
    'in 200',
  ])
})

test('an offer inside a multipart body is found', () => {
  const stage = new Stage()
  const parts = `--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/sdp\r\n\r\n${offer}\r\n--b--\r\n`
  const invite = stage.peer.invite({ sdp: null, lines: [['Content-Type', 'multipart/mixed; boundary="b"']] })
  stage.peer.send({ ...invite, body: Buffer.from(parts) })
  stage.pass()
  const call = first(stage.calls)
  call.session.accept(answer)
  stage.pass()
  const ok = first(stage.peer.responses('INVITE', 200))
  // Had the offer not been seen, ours would be out without its answer, and this would be 491 (RFC 5407 §3.1.5).
  stage.peer.send(stage.peer.within(invite, ok, 'INVITE', { seq: 2, sdp: offer }))
  stage.pass()
  expect(call.heard.names).toEqual(['reoffered'])
})
