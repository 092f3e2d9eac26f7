import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { via } from '../../../src/sip/message/accessors.ts'
import { Headers } from '../../../src/sip/message/headers.ts'
import { parse } from '../../../src/sip/message/parse.ts'

function parsed(...lines: string[]) {
  const message = parse(Buffer.from(['OPTIONS sip:a SIP/2.0', ...lines, '', ''].join('\r\n')))
  if (message.kind === 'fault') throw new Error(message.code)
  return message
}

describe('a field is found', () => {
  test('by any case, and by its compact form', () => {
    const { headers } = parsed('v: SIP/2.0/UDP a', 'CALL-ID: 1', 'i: 2', 'x-Own: y')
    expect(headers.get('Via')).toBe('SIP/2.0/UDP a')
    expect(headers.get('call-id')).toBe('1')
    expect(headers.count('Call-ID')).toBe(2)
    expect(headers.get('X-OWN')).toBe('y')
    expect(headers.has('f')).toBe(false)
    expect(headers.get('subject')).toBeUndefined()
  })

  test('with white space before the colon, and folded over lines', () => {
    const { headers } = parsed('Subject  :  I know', '\tyou are', '  there', 'Empty:', 'Next: 1')
    expect(headers.get('subject')).toBe('I know you are there')
    expect(headers.get('empty')).toBe('')
    expect(headers.get('next')).toBe('1')
  })

  test('whatever the line ends are', () => {
    const message = parse(Buffer.from('OPTIONS sip:a SIP/2.0\nFrom: a\nTo: b\r\nl: 2\n\nhi'))
    if (message.kind === 'fault') throw new Error(message.code)
    expect([...message.headers]).toEqual([
      ['From', 'a'],
      ['To', 'b'],
      ['l', '2'],
    ])
    expect(Buffer.from(message.body).toString()).toBe('hi')
  })

  test('and a line without a colon is skipped, with what continues it', () => {
    const { headers } = parsed('From: a', 'rubbish', ' more rubbish', 'To: b')
    expect([...headers]).toEqual([
      ['From', 'a'],
      ['To', 'b'],
    ])
  })
})

describe('lists', () => {
  test('are split at commas outside quotes and brackets, over all lines', () => {
    const { headers } = parsed(
      'Contact: "a, b" <sip:a@b;x=1,2>;q=1, <sip:c>',
      'm: sip:d;e="x,\\",y", *',
      'Allow: INVITE,, ACK ,',
    )
    expect(headers.all('contact')).toEqual(['"a, b" <sip:a@b;x=1,2>;q=1', '<sip:c>', 'sip:d;e="x,\\",y"', '*'])
    expect(headers.all('allow')).toEqual(['INVITE', 'ACK'])
  })

  test('but not where a comma belongs to the value', () => {
    const { headers } = parsed('Date: Fri, 20 Nov 2026 11:00:00 GMT', 'Subject: a, b', 'X-Any: c, d')
    expect(headers.all('date')).toEqual(['Fri, 20 Nov 2026 11:00:00 GMT'])
    expect(headers.all('subject')).toEqual(['a, b'])
    expect(headers.all('x-any')).toEqual(['c, d'])
  })
})

describe('changes', () => {
  const start = () => parsed('Via: 1', 'From: f', 'v: 2', 'To: t').headers

  test('set replaces every line and keeps the first one’s place', () => {
    expect([...start().set('via', '3')].map(String)).toEqual(['Via,3', 'From,f', 'To,t'])
    expect([...start().set('subject', 's')].at(-1)).toEqual(['Subject', 's'])
  })

  test('append goes last, prepend before the first of its kind', () => {
    expect([...start().append('v', '3')].map(String)).toEqual(['Via,1', 'From,f', 'v,2', 'To,t', 'Via,3'])
    expect([...start().prepend('to', 's')].map(String)).toEqual(['Via,1', 'From,f', 'v,2', 'To,s', 'To,t'])
    expect([...start().prepend('route', 'r')][0]).toEqual(['Route', 'r'])
  })

  test('replaceFirst changes one line; delete takes all of them', () => {
    expect([...start().replaceFirst('via', '9').replaceFirst('from', '8')].map(String)).toEqual([
      'Via,9',
      'From,8',
      'v,2',
      'To,t',
    ])
    expect([...start().replaceFirst('route', '9')]).toHaveLength(4)
    expect([...start().delete('via')].map(String)).toEqual(['From,f', 'To,t'])
  })

  test('a clone goes its own way', () => {
    const first = start().replaceFirst('via', '9')
    const second = first.clone().set('to', 'x').append('a', 'b')
    expect(first.get('to')).toBe('t')
    expect(second.get('via')).toBe('9')
    expect(second.get('to')).toBe('x')
  })

  test('a typed value is read anew after a change', () => {
    const message = parsed('Via: SIP/2.0/UDP a')
    expect(via(message)?.host).toBe('a')
    message.headers.replaceFirst('via', 'SIP/2.0/TCP b')
    expect(via(message)?.host).toBe('b')
    message.headers.delete('via')
    expect(via(message)).toBeUndefined()
  })
})

describe('bytes', () => {
  test('that are not UTF-8 are copied as they came', () => {
    const head = Buffer.from('OPTIONS sip:a SIP/2.0\r\nFrom: \xff\xfe"\xe9" <sip:a>\r\nTo: b\r\n\r\n', 'latin1')
    const message = parse(head)
    if (message.kind === 'fault') throw new Error(message.code)
    expect(new Headers().copy(message.headers, 'from').toWire()).toBe('From: \xff\xfe"\xe9" <sip:a>\r\n')
    expect(message.headers.get('from')).toContain('\ufffd')
    expect(message.headers.get('to')).toBe('b')
  })

  test('no value can begin a line of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const wire = new Headers().append('Subject', value).toWire()
        expect(wire.endsWith('\r\n')).toBe(true)
        expect(wire.slice(0, -2)).not.toMatch(/[\r\n]/)
      }),
    )
  })

  test('any text goes out and comes back the same', () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replace(/\s+/g, ' ').trim())
    fc.assert(
      fc.property(text, (value) => {
        const bytes = Buffer.from(
          `OPTIONS sip:a SIP/2.0\r\n${new Headers().append('Subject', value).toWire()}\r\n`,
          'latin1',
        )
        const message = parse(bytes)
        expect(message.kind === 'request' && message.headers.get('subject')).toBe(value)
      }),
    )
  })
})
