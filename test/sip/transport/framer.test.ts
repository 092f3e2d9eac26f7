import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Framer } from '../../../src/sip/transport/framer.ts'
import { requestText } from './listener.ts'

const limits = { head: 1_000, body: 2_000 }

/** What comes out, in short: the body of each message, `ping`, or the fault’s words. */
function frames(...chunks: (string | Buffer)[]): string[] {
  const framer = new Framer(limits)
  const out: string[] = []
  for (const chunk of chunks) {
    for (const frame of framer.push(Buffer.from(chunk as string, 'latin1'))) {
      if (frame.kind === 'message') out.push(frame.bytes.toString('latin1').split('\r\n\r\n')[1] ?? '')
      else
        out.push(
          frame.kind === 'ping'
            ? 'ping'
            : `${frame.status} ${frame.detail}${frame.head === undefined ? '' : ' (head)'}`,
        )
    }
  }
  return out
}

const message = (body: string) => requestText('MESSAGE', body, [], body)

describe('a stream is cut into messages', () => {
  test('two in one chunk, one in two, with their bodies', () => {
    expect(frames(message('one') + message('two'))).toEqual(['one', 'two'])
    const whole = message('hello')
    for (let at = 1; at < whole.length; at++) expect(frames(whole.slice(0, at), whole.slice(at))).toEqual(['hello'])
  })

  test('however the bytes are cut', () => {
    const body = fc.string({ unit: fc.constantFrom('a', '\r', '\n', ':', ' ', '\u00ff', '\u0000'), maxLength: 60 })
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (bodies, cuts) => {
          // The bodies may hold empty lines, so they are compared by the tail of each frame.
          const stream = Buffer.from(
            bodies.map((each) => `A a SIP/2.0\r\nl: ${each.length}\r\n\r\n${each}`).join('\r\n'),
            'latin1',
          )
          const framer = new Framer(limits)
          const points = [...cuts.map((cut) => cut % stream.length), stream.length].sort((a, b) => a - b)
          const found: string[] = []
          let start = 0
          for (const point of points) {
            for (const frame of framer.push(stream.subarray(start, point))) {
              if (frame.kind === 'message') found.push(frame.bytes.toString('latin1'))
            }
            start = point
          }
          expect(found.map((frame) => frame.slice(frame.indexOf('\r\n\r\n') + 4))).toEqual(bodies)
          expect(framer.partial).toBe(false)
        },
      ),
    )
  })

  test('a bare line feed ends a line here as in the parser', () => {
    expect(frames('A a SIP/2.0\nl: 2\n\nhi', message('x'))).toHaveLength(2)
    expect(frames('A a SIP/2.0\nl: 2\n\r\nhi')).toHaveLength(1)
  })

  test('no Content-Length is none, if there is no body to have one', () => {
    expect(frames('BYE a SIP/2.0\r\nTo: b\r\n\r\n', message('next'))).toEqual(['', 'next'])
    expect(frames('INVITE a SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0')).toEqual([
      '400 Bad Content-Length (head)',
    ])
  })
})

describe('between messages', () => {
  test('a double line end is a ping, in one piece or two, and many at once are one', () => {
    expect(frames('\r\n\r\n')).toEqual(['ping'])
    expect(frames('\r\n', '\r\n', message('a'), '\r\n\r\n')).toEqual(['ping', 'a', 'ping'])
    expect(frames('\r\n'.repeat(40))).toEqual(['ping'])
  })

  test('a lone line end is a pong, and means nothing', () => {
    expect(frames('\r\n', message('a'), '\r\n', message('b'))).toEqual(['a', 'b'])
  })
})

describe('a stream that cannot be cut ends', () => {
  test.each([
    ['-999', '400 Bad Content-Length (head)'],
    ['5, 6', '400 Bad Content-Length (head)'],
    ['5\r\nContent-Length: 5', '400 Bad Content-Length (head)'],
    ['', '400 Bad Content-Length (head)'],
    ['1e3', '400 Bad Content-Length (head)'],
    ['2001', '413 Message Too Large (head)'],
    ['99999999999999999999', '400 Bad Content-Length (head)'],
  ])('Content-Length: %j', (value, fault) => {
    expect(frames(`A a SIP/2.0\r\nContent-Length: ${value}\r\n\r\nbody`, message('never'))).toEqual([fault])
  })

  test('a folded Content-Length is read', () => {
    expect(frames('A a SIP/2.0\r\nL:\r\n 2\r\n\r\nhi')).toEqual(['hi'])
  })

  test('at the cap, not one octet later', () => {
    const body = 'x'.repeat(limits.body)
    expect(frames(`A a SIP/2.0\r\nl: ${body.length}\r\n\r\n${body}`)).toEqual([body])
    expect(frames(`A a SIP/2.0\r\nX: ${'y'.repeat(limits.head)}`)).toEqual(['413 the head does not end'])
    expect(frames(`A a SIP/2.0\r\nX: ${'y'.repeat(limits.head)}\r\n\r\n`)).toEqual(['413 the head is too long (head)'])
    const framer = new Framer(limits)
    for (let i = 0; i < 5_000; i++) framer.push(Buffer.from('z'))
    expect(framer.partial).toBe(false)
  })
})
