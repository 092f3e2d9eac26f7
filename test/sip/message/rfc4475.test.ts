import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contacts, cseq, from, to, via } from '../../../src/sip/message/accessors.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { parse } from '../../../src/sip/message/parse.ts'
import { parseUri, unescapeUri } from '../../../src/sip/message/uri.ts'
import { type RequestRules, validateRequest, validateResponse } from '../../../src/sip/message/validate.ts'

const folder = new URL('../../fixtures/rfc4475/', import.meta.url)
const bytesOf = (name: string) => readFileSync(new URL(`${name}.dat`, folder))

const methods = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'MESSAGE']
const udp: RequestRules = { transport: 'UDP', methods }
const tcp: RequestRules = { transport: 'TCP', methods }

function read(name: string): SipRequest | SipResponse {
  const message = parse(bytesOf(name))
  if (message.kind === 'fault') throw new Error(`${name}: ${message.code}`)
  return message
}

function request(name: string): SipRequest {
  const message = read(name)
  if (message.kind !== 'request') throw new Error(`${name} is a response`)
  return message
}

/** `accept`, `drop`, or the status; `close` behind it where a stream must end. */
function outcome(name: string, rules: RequestRules): string {
  const message = read(name)
  const verdict = message.kind === 'request' ? validateRequest(message, rules) : validateResponse(message, rules)
  if (verdict.kind === 'accept') return 'accept'
  const word = verdict.kind === 'drop' ? 'drop' : String(verdict.status)
  return verdict.close ? `${word} close` : word
}

/** Section of RFC 4475, name, outcome over UDP, and over TCP where it differs. Where the RFC leaves a choice, the note says ours. */
const table: readonly (readonly [
  section: string,
  name: string,
  udp: string,
  tcp?: string | undefined,
  note?: string,
])[] = [
  ['3.1.1.1', 'wsinv', 'accept'],
  ['3.1.1.2', 'intmeth', '501'],
  ['3.1.1.3', 'esc01', 'accept'],
  ['3.1.1.4', 'escnull', 'accept'],
  ['3.1.1.5', 'esc02', '501'],
  ['3.1.1.6', 'lwsdisp', 'accept'],
  ['3.1.1.7', 'longreq', 'accept'],
  ['3.1.1.8', 'dblreq', 'accept'],
  ['3.1.1.9', 'semiuri', 'accept'],
  ['3.1.1.10', 'transports', 'accept'],
  ['3.1.1.11', 'mpart01', 'accept'],
  ['3.1.1.12', 'unreason', 'accept'],
  ['3.1.1.13', 'noreason', 'accept'],
  ['3.1.2.1', 'badinv01', '400'],
  ['3.1.2.2', 'clerr', '400', '400 close', 'a stream waits in its framer; a frame this short never gets here'],
  ['3.1.2.3', 'ncl', '400', '400 close'],
  ['3.1.2.4', 'scalar02', '400'],
  ['3.1.2.5', 'scalarlg', 'drop'],
  ['3.1.2.6', 'quotbal', '400'],
  ['3.1.2.7', 'ltgtruri', '400'],
  ['3.1.2.8', 'lwsruri', '400'],
  ['3.1.2.9', 'lwsstart', 'accept', undefined, 'liberal: nobody can mean anything else'],
  ['3.1.2.10', 'trws', 'accept', undefined, 'liberal: nobody can mean anything else'],
  ['3.1.2.11', 'escruri', 'accept', undefined, 'the URI headers are ignored'],
  ['3.1.2.12', 'baddate', 'accept', undefined, 'nobody reads Date'],
  ['3.1.2.13', 'regbadct', '400', undefined, 'whose the question mark is cannot be told'],
  ['3.1.2.14', 'badaspec', 'accept', undefined, 'liberal: the spaces are trimmed'],
  ['3.1.2.15', 'baddn', '400'],
  ['3.1.2.16', 'badvers', '505'],
  ['3.1.2.17', 'mismatch01', '400'],
  ['3.1.2.18', 'mismatch02', '501'],
  ['3.1.2.19', 'bigcode', 'drop'],
  ['3.2.1', 'badbranch', '400'],
  ['3.3.1', 'insuf', '400'],
  ['3.3.2', 'unkscm', '416'],
  ['3.3.3', 'novelsc', '416'],
  ['3.3.4', 'unksm2', 'accept'],
  ['3.3.5', 'bext01', '420'],
  ['3.3.6', 'invut', '415'],
  ['3.3.7', 'regaut01', 'accept', undefined, 'the registrar ignores the scheme and challenges'],
  ['3.3.8', 'multi01', '400'],
  ['3.3.9', 'mcl01', '400', '400 close'],
  ['3.3.10', 'bcast', 'drop'],
  ['3.3.11', 'zeromf', 'accept'],
  ['3.3.12', 'cparam01', 'accept'],
  ['3.3.13', 'cparam02', 'accept'],
  ['3.3.14', 'regescrt', 'accept'],
  ['3.3.15', 'sdp01', '406'],
  ['3.4.1', 'inv2543', 'accept', '400 close', 'on a stream a body needs its length'],
]

describe('RFC 4475: every torture message has its outcome', () => {
  test('the table names all 49 messages of the RFC, and the archive holds no other but test.dat', () => {
    const named = table.map(([, name]) => name)
    const held = readdirSync(folder).flatMap((file) => (file.endsWith('.dat') ? [file.slice(0, -4)] : []))
    expect(named).toHaveLength(49)
    expect([...named, 'test'].sort()).toEqual(held.sort())
  })

  const rows = table.map(([section, name, overUdp, overTcp]) => ({
    section,
    name,
    overUdp,
    overTcp: overTcp ?? overUdp,
  }))

  test.each(rows)('$section $name', ({ name, overUdp, overTcp }) => {
    expect(outcome(name, udp)).toBe(overUdp)
    expect(outcome(name, tcp)).toBe(overTcp)
  })

  test('test.dat, which the RFC does not describe, has no version in its start line', () => {
    expect(parse(bytesOf('test'))).toMatchObject({ kind: 'fault', code: 'sip.parse.start-line' })
  })
})

describe('RFC 4475: what is accepted is read right', () => {
  test('wsinv: folding, white space and compact forms are seen through', () => {
    const invite = request('wsinv')
    expect(to(invite)?.tag).toBe('1918181833n')
    expect(from(invite)).toMatchObject({ display: 'J Rosenberg \\"', uri: 'sip:jdrosen@example.com', tag: '98asjd8' })
    expect(cseq(invite)).toEqual({ seq: 9, method: 'INVITE' })
    expect(via(invite)).toMatchObject({ protocol: 'SIP/2.0', transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' })
    expect(invite.headers.all('via')).toHaveLength(3)
    const contact = contacts(invite)[0]
    expect(contact?.display).toBe('Quoted string ""')
    expect([...(contact?.params ?? [])]).toEqual([
      ['newparam', 'newvalue'],
      ['secondparam', undefined],
      ['q', '0.33'],
    ])
    expect(invite.headers.get('subject')).toBe('')
    expect(invite.headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value')
    expect(invite.body).toHaveLength(150)
  })

  test('intmeth: every character of a token is a token, and a quoted NUL is a character', () => {
    const message = request('intmeth')
    expect(message.method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
    expect(to(message)?.display).toBe('BEL:\u0007 NUL:\u0000 DEL:\u007f')
    expect(from(message)?.tag).toBe("_token~1'+`*%!-.")
    expect(from(message)?.params.get("fromparam''~+*_!.-%")).toBe('работающий')
    expect(validateRequest(message, udp)).toMatchObject({ headers: [['Allow', methods.join(', ')]] })
  })

  test('esc01: an escape is undone once, and only on demand', () => {
    const uri = parseUri(request('esc01').uri)
    expect(uri).toMatchObject({ scheme: 'sip', user: 'sips%3Auser%40example.com', host: 'example.net' })
    const contact = parseUri(contacts(request('esc01'))[0]?.uri ?? '')
    expect(contact?.scheme === 'sip' && contact.params.get('n%61me')).toBe('v%61lue%25%34%31')
    expect(unescapeUri('v%61lue%25%34%31')).toBe('value%41')
  })

  test('escnull: an escaped NUL cuts nothing off', () => {
    expect(contacts(request('escnull')).map((each) => each.uri)).toEqual([
      'sip:%00@host5.example.com',
      'sip:%00%00@host5.example.com',
    ])
  })

  test('esc02: escapes in method and header names mean nothing', () => {
    expect(contacts(request('esc02')).map((each) => each.uri)).toEqual([
      'sip:alias1@host1.example.com',
      'sip:alias3@host3.example.com',
    ])
  })

  test('dblreq: octets past the Content-Length of a datagram are ignored', () => {
    expect(request('dblreq')).toMatchObject({ method: 'REGISTER', body: { length: 0 } })
  })

  test('semiuri: a semicolon may stand in the user part', () => {
    expect(parseUri(request('semiuri').uri)).toMatchObject({ user: 'user;par=u%40example.net', host: 'example.com' })
  })

  test('transports: every Via is read, whatever its transport', () => {
    expect(request('transports').headers.all('via')).toHaveLength(5)
  })

  test('mpart01: the body is framed by bytes', () => {
    const { body } = request('mpart01')
    expect(body).toHaveLength(553)
    expect(body.includes(0)).toBe(true)
  })

  test('unreason, noreason: a reason phrase may be anything, or nothing', () => {
    expect(read('unreason')).toMatchObject({ status: 200, reason: '= 2**3 * 5**2 но сто девяносто девять - простое' })
    expect(read('noreason')).toMatchObject({ status: 100, reason: '' })
  })

  test('longreq: long values arrive whole', () => {
    const invite = request('longreq')
    expect(invite.headers.all('via')).toHaveLength(34)
    expect(from(invite)?.tag).toMatch(/^12982(?:982)*424$/)
  })

  test('bext01: the unsupported tags are named', () => {
    expect(validateRequest(request('bext01'), udp)).toMatchObject({
      headers: [['Unsupported', 'nothingSupportsThis, nothingSupportsThisEither']],
    })
  })

  test('cparam01, cparam02: a parameter after a bare URI is the header’s, inside brackets the URI’s', () => {
    const bare = contacts(request('cparam01'))[0]
    expect(bare).toMatchObject({ uri: 'sip:+19725552222@gw1.example.net' })
    expect(bare?.params.has('unknownparam')).toBe(true)
    const bracketed = contacts(request('cparam02'))[0]
    expect(bracketed).toMatchObject({ uri: 'sip:+19725552222@gw1.example.net;unknownparam' })
    expect(bracketed?.params.size).toBe(0)
  })

  test('regescrt: an escaped Route stays in the contact', () => {
    expect(parseUri(contacts(request('regescrt'))[0]?.uri ?? '')).toMatchObject({
      headers: 'Route=%3Csip:sip.example.com%3E',
    })
  })

  test('inv2543: an old INVITE needs no From tag, Max-Forwards or Content-Length', () => {
    const invite = request('inv2543')
    expect(from(invite)?.tag).toBeUndefined()
    expect(via(invite)?.branch).toBeUndefined()
    expect(invite.body).toHaveLength(105)
  })
})
