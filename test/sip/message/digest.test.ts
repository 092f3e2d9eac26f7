import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { headersOf } from '../../../src/sip/message/build.ts'
import {
  challengesOf,
  digestResponse,
  formatCredentials,
  parseChallenge,
  parseCredentials,
} from '../../../src/sip/message/digest.ts'
import { DigestVerifier, type DigestVerifierOptions } from '../../../src/sip/message/digest-verifier.ts'

const mufasa = {
  username: 'Mufasa',
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  uri: '/dir/index.html',
  session: false,
  qop: 'auth' as const,
  nonceCount: 1,
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}

describe('responses are computed as the RFCs compute them', () => {
  test('RFC 7616 §3.9.1, MD5', () => {
    const response = digestResponse({ password: 'Circle of Life' }, 'GET', undefined, { ...mufasa, algorithm: 'MD5' })
    expect(response).toBe('8ca523f5e9506fed4657c9700eebdbec')
  })

  test('RFC 7616 §3.9.1, SHA-256', () => {
    const response = digestResponse({ password: 'Circle of Life' }, 'GET', undefined, {
      ...mufasa,
      algorithm: 'SHA-256',
    })
    expect(response).toBe('753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1')
  })

  test('RFC 7616 §3.9.2, SHA-512-256, as corrected by erratum 4897', () => {
    const response = digestResponse({ password: 'Secret, or not?' }, 'GET', undefined, {
      username: 'Jäsøn Doe',
      realm: 'api@example.org',
      nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
      uri: '/doe.json',
      session: false,
      qop: 'auth',
      nonceCount: 1,
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      algorithm: 'SHA-512-256',
    })
    expect(response).toBe('3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5')
  })

  test('RFC 2617 §3.5, and without qop as RFC 2069 did', () => {
    const old = {
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      uri: '/dir/index.html',
      session: false,
      algorithm: 'MD5' as const,
    }
    const secret = { password: 'Circle Of Life' }
    expect(digestResponse(secret, 'GET', undefined, { ...old, qop: 'auth', nonceCount: 1, cnonce: '0a4f113b' })).toBe(
      '6629fae49393a05397450978507c4ef1',
    )
    expect(digestResponse(secret, 'GET', undefined, old)).toBe('670fd8c2df070c60b045671b8b24ff02')
  })

  test('a stored H(A1) serves as well as the password', () => {
    const ha1 = createHash('md5').update('Mufasa:http-auth@example.org:Circle of Life').digest('hex').toUpperCase()
    expect(digestResponse({ ha1 }, 'GET', undefined, { ...mufasa, algorithm: 'MD5' })).toBe(
      '8ca523f5e9506fed4657c9700eebdbec',
    )
  })
})

describe('challenges are read', () => {
  test('with commas in quotes, in any case, with unknown fields', () => {
    expect(
      parseChallenge(
        'DIGEST Realm="a, \\"b\\"", nonce="n,=", QOP="auth-int, AUTH,x", algorithm=sha-256-SESS, stale=TRUE, opaque="", domain="sip:x", foo',
      ),
    ).toEqual({
      realm: 'a, "b"',
      nonce: 'n,=',
      qop: ['auth-int', 'auth'],
      algorithm: 'SHA-256',
      session: true,
      stale: true,
      opaque: '',
    })
  })

  test('MD5 and no qop where nothing is said', () => {
    expect(parseChallenge('Digest realm="r",nonce="n"')).toEqual({
      realm: 'r',
      nonce: 'n',
      qop: [],
      algorithm: 'MD5',
      session: false,
      stale: false,
    })
  })

  test.each([
    'Basic realm="r"',
    'Digest',
    'Digest realm="r"',
    'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
    'Digest realm="r", nonce="n", qop="token"',
    'NoOneKnowsThisScheme opaque-data=here',
  ])('or passed over: %s', (value) => {
    expect(parseChallenge(value)).toBeUndefined()
  })

  test('in the server’s order of preference', () => {
    const headers = headersOf([
      ['WWW-Authenticate', 'Digest realm="r", nonce="1", algorithm=SHA-512-256'],
      ['WWW-Authenticate', 'Digest realm="r", nonce="2", algorithm=TOKEN'],
      ['WWW-Authenticate', 'Digest realm="r", nonce="3"'],
    ])
    expect(challengesOf({ headers }, 'www-authenticate').map((each) => each.nonce)).toEqual(['1', '3'])
    expect(challengesOf({ headers }, 'proxy-authenticate')).toEqual([])
  })

  test.each([
    'Basic dXNlcjpwYXNz',
    'Digest username="a"',
    'Digest username="a", realm="r", nonce="n", uri="u", response="not hex"',
    'Digest username="a", realm="r", nonce="n", uri="u", response="00", qop=magic',
    'Digest username="a", realm="r", nonce="n", uri="u", response="00", qop=auth, nc=123456789',
  ])('credentials that cannot be checked are passed over: %s', (value) => {
    expect(parseCredentials(value)).toBeUndefined()
  })
})

describe('the server', () => {
  function server(options: Partial<DigestVerifierOptions> = {}) {
    let now = 1_700_000_000_000
    let drawn = 0
    const verifier = new DigestVerifier({
      realm: 'onhook',
      key: new Uint8Array(32).fill(7),
      now: () => now,
      fillRandom: (view) => new DataView(view.buffer, view.byteOffset, view.byteLength).setUint32(0, ++drawn),
      ...options,
    })
    return { verifier, wait: (ms: number) => (now += ms) }
  }

  const secret = { password: 'pässword' }

  function answer(challenge: string, nonceCount: number, changes: { username?: string; password?: string } = {}) {
    const parsed = parseChallenge(challenge)
    if (parsed === undefined) throw new Error(challenge)
    return parseCredentials(
      formatCredentials({
        challenge: parsed,
        username: changes.username ?? 'alïce',
        secret: { password: changes.password ?? secret.password },
        method: 'INVITE',
        uri: 'sip:bob@example.com',
        cnonce: 'c',
        nonceCount,
      }),
    )!
  }

  test.each(['SHA-512-256', 'SHA-256', 'MD5'] as const)('takes right credentials by %s', (algorithm) => {
    const { verifier } = server({ algorithms: [algorithm] })
    const [challenge = ''] = verifier.challenge()
    expect(verifier.verify(answer(challenge, 1), 'INVITE', secret)).toEqual({ kind: 'right', username: 'alïce' })
  })

  test('offers SHA-256 before MD5, both with one nonce', () => {
    const offers = server().verifier.challenge().map(parseChallenge)
    expect(offers.map((each) => each?.algorithm)).toEqual(['SHA-256', 'MD5'])
    expect(offers[0]?.nonce).toBe(offers[1]?.nonce)
  })

  test('refuses a wrong password, method, realm, algorithm, nonce, and credentials without qop', () => {
    const { verifier } = server({ algorithms: ['MD5'] })
    const [challenge = ''] = verifier.challenge()
    const good = answer(challenge, 1)
    const { qop: _qop, ...withoutQop } = good
    expect(verifier.verify(answer(challenge, 1, { password: 'x' }), 'INVITE', secret)).toEqual({
      kind: 'wrong',
      why: 'response',
    })
    expect(verifier.verify(good, 'BYE', secret)).toEqual({ kind: 'wrong', why: 'response' })
    expect(verifier.verify({ ...good, realm: 'other' }, 'INVITE', secret)).toEqual({ kind: 'wrong', why: 'realm' })
    expect(verifier.verify({ ...good, algorithm: 'SHA-256' }, 'INVITE', secret)).toEqual({
      kind: 'wrong',
      why: 'algorithm',
    })
    expect(verifier.verify({ ...good, nonce: `${good.nonce.slice(0, -1)}A` }, 'INVITE', secret)).toEqual({
      kind: 'wrong',
      why: 'nonce',
    })
    expect(verifier.verify({ ...good, nonce: '' }, 'INVITE', secret)).toEqual({ kind: 'wrong', why: 'nonce' })
    expect(verifier.verify(withoutQop, 'INVITE', secret)).toEqual({ kind: 'wrong', why: 'qop' })
    expect(verifier.verify(good, 'INVITE', secret).kind).toBe('right')
  })

  test('takes a nonce of another process with the same key, and of none with another', () => {
    const [challenge = ''] = server().verifier.challenge()
    expect(server().verifier.verify(answer(challenge, 1), 'INVITE', secret).kind).toBe('right')
    const stranger = server({ key: new Uint8Array(32).fill(8) }).verifier
    expect(stranger.verify(answer(challenge, 1), 'INVITE', secret)).toEqual({ kind: 'wrong', why: 'nonce' })
  })

  test('takes each count once, in any near order', () => {
    const { verifier } = server()
    const [challenge = ''] = verifier.challenge()
    const kinds = [1, 1, 3, 2, 2, 3, 4, 40, 9, 8, 7, 40, 39].map(
      (count) => verifier.verify(answer(challenge, count), 'INVITE', secret).kind,
    )
    expect(kinds).toEqual([
      'right',
      'stale',
      'right',
      'right',
      'stale',
      'stale',
      'right',
      'right',
      'right',
      'right',
      'stale',
      'stale',
      'right',
    ])
    expect(verifier.challenge(true)[0]).toContain('stale=true')
  })

  test('calls a nonce stale when its time is over, and forgets it', () => {
    const { verifier, wait } = server({ lifetime: 1_000 })
    const [challenge = ''] = verifier.challenge()
    wait(1_000)
    expect(verifier.verify(answer(challenge, 1), 'INVITE', secret).kind).toBe('right')
    wait(1)
    expect(verifier.verify(answer(challenge, 2), 'INVITE', secret).kind).toBe('stale')
    expect(verifier.verify(answer(challenge, 2, { password: 'x' }), 'INVITE', secret).kind).toBe('wrong')
    const [next = ''] = verifier.challenge()
    expect(verifier.verify(answer(next, 1), 'INVITE', secret).kind).toBe('right')
    expect(verifier.size).toBe(1)
  })

  test('remembers a bounded number, and what it forgot can never be used again', () => {
    const { verifier, wait } = server({ remembered: 10 })
    const challenges: string[] = []
    for (let i = 0; i < 50; i++) {
      const [challenge = ''] = verifier.challenge()
      challenges.push(challenge)
      expect(verifier.verify(answer(challenge, 1), 'INVITE', secret).kind).toBe('right')
      wait(1)
    }
    expect(verifier.size).toBe(10)
    for (const challenge of challenges)
      expect(verifier.verify(answer(challenge, 1), 'INVITE', secret).kind).toBe('stale')
  })
})

test('a client signs the body where only auth-int is offered', () => {
  const challenge = parseChallenge('Digest realm="r", nonce="n", qop="auth-int"')!
  const parts = {
    challenge,
    username: 'u',
    secret: { password: 'p' },
    method: 'INVITE',
    uri: 'sip:a',
    cnonce: 'c',
    nonceCount: 255,
  }
  const one = parseCredentials(formatCredentials({ ...parts, body: Buffer.from('1') }))
  const two = parseCredentials(formatCredentials({ ...parts, body: Buffer.from('2') }))
  expect(one).toMatchObject({ qop: 'auth-int', nonceCount: 255, cnonce: 'c' })
  expect(one?.response).not.toBe(two?.response)
})
