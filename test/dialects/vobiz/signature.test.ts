import plivo from 'plivo'
import { describe, expect, it } from 'vitest'
import { formatForm, type Pairs, withQuery } from '../../../src/dialects/vobiz/form.ts'
import {
  hmac,
  signatureHeaders,
  signedPlivoV3,
  signedV1,
  signedV2,
  signedVobizV3,
} from '../../../src/dialects/vobiz/signature.ts'

const token = 'my_auth_token'
const nonce = '05429567804466091622'
const hangup = 'https://app.example.com/hangup'

describe('published and measured vectors', () => {
  it('V2 is base URL and nonce', () => {
    expect(hmac('sha256', token, signedV2('https://answer.url', '12345'))).toBe(
      'ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=',
    )
    expect(hmac('sha256', token, signedV2(hangup, nonce))).toBe('JBX9E31dEtgqAO0zCWdJ+KL1+7XAilE0cswmnpBQoog=')
  })

  it('the V3 of Vobiz covers neither query nor body', () => {
    const expected = '3BROW3zhzpO6pCmp64fZxUsYp0Q6OYjvrE7vb2oskNE='
    expect(hmac('sha256', token, signedVobizV3(hangup, nonce))).toBe(expected)
    expect(hmac('sha256', token, signedVobizV3(`${hangup}?tenant=a`, nonce))).toBe(expected)
  })

  const vectors: readonly [method: 'GET' | 'POST', url: string, params: Pairs, signature: string][] = [
    [
      'POST',
      hangup,
      [
        ['CallUUID', '97ceeb52-58b6-11e1-86da-77300b68f8bb'],
        ['HangupCause', 'NORMAL_CLEARING'],
        ['Duration', '300'],
        ['Event', 'Hangup'],
      ],
      '2U8QwBnsdWqfUq6d1e2mExcI6KjUzqAB5+iDkC1hfpU=',
    ],
    [
      'POST',
      `${hangup}?tenant=a&x=2`,
      [
        ['CallUUID', 'u1'],
        ['HangupCauseName', 'Normal Hangup'],
      ],
      'LFEYMXLz10lsXMZICIhfnWUWH0hCjTb7ztlNgm73Kz8=',
    ],
    [
      'GET',
      'https://app.example.com/answer?x=2',
      [
        ['CallUUID', 'u1'],
        ['From', '14155551234'],
      ],
      'SVWKXuUJiyFv9MYCRVM678Q+sx8X8u0rtm5ghyEWg+o=',
    ],
    ['POST', 'https://app.example.com:8443/answer', [], '3I/XWZA4ChEK9LmRlfRp3hYGp1GQDjAKkJ7zKimVUN4='],
  ]
  it.each(vectors)('Plivo V3: %s %s', (method, url, params, signature) => {
    const sent = method === 'GET' ? withQuery(url, params) : url
    expect(hmac('sha256', token, signedPlivoV3({ method, url: sent, params }, nonce))).toBe(signature)
  })
})

describe('the unmodified plivo package', () => {
  const requests: readonly [
    name: string,
    method: 'GET' | 'POST',
    url: string,
    params: Record<string, string | string[]>,
  ][] = [
    ['a hangup callback', 'POST', hangup, { CallUUID: 'u1', HangupCauseName: 'Normal Hangup', Event: 'Hangup' }],
    ['one with a query and a port', 'POST', 'http://10.0.0.7:8080/h?b=2&a=1', { CallUUID: 'u1', From: '14155551234' }],
    ['one without parameters', 'POST', 'https://app.example.com:8443/answer', {}],
    ['a GET', 'GET', 'https://app.example.com/answer?x=2', { CallUUID: 'u1', To: 'sip:bob@example.com' }],
    ['a repeated key', 'POST', hangup, { CallUUID: 'u1', 'X-VH-Tag': ['b', 'a'] }],
    ['words beyond ASCII', 'POST', `${hangup}?name=J%C3%BCrgen`, { CallUUID: 'u1', CallerName: 'Zoë 📞' }],
    ['a GET with words beyond ASCII', 'GET', `${hangup}?name=J%C3%BCrgen`, { CallerName: 'a b&c=d' }],
  ]

  it.each(requests)('accepts the V2 and V3 signature of %s', (_name, method, url, given) => {
    const params = Object.entries(given).flatMap(([key, value]) => [value].flat().map((one) => [key, one] as const))
    const sent = method === 'GET' ? withQuery(url, params) : url
    const headers = signatureHeaders({ method, url: sent, params }, token, nonce)
    // What an app sees: for GET the URL holds everything.
    const seen = method === 'GET' ? {} : given
    expect(plivo.validateV3Signature(method, sent, nonce, token, headers['X-Plivo-Signature-V3']!, seen)).toBe(true)
    expect(plivo.validateSignature(sent, nonce, headers['X-Plivo-Signature-V2']!, token)).toBe(true)
    expect(plivo.validateSignature(sent, nonce, headers['X-Vobiz-Signature-V2']!, token)).toBe(true)
  })

  it('refuses a body that was tampered with', () => {
    const request = { method: 'POST', url: hangup, params: [['Duration', '3']] } as const
    const signature = signatureHeaders(request, token, nonce)['X-Plivo-Signature-V3']!
    expect(plivo.validateV3Signature('POST', hangup, nonce, token, signature, { Duration: '3' })).toBe(true)
    expect(plivo.validateV3Signature('POST', hangup, nonce, token, signature, { Duration: '300' })).toBe(false)
  })
})

describe('headers', () => {
  it('come in both families, and never hold the token', () => {
    const headers = signatureHeaders(
      {
        method: 'POST',
        url: hangup,
        params: [
          ['b', '2'],
          ['a', '1'],
        ],
      },
      token,
      nonce,
    )
    expect(Object.keys(headers)).toHaveLength(14)
    expect(JSON.stringify(headers)).not.toContain(token)
    expect(headers['X-Vobiz-Signature']).toBe(hmac('sha1', token, `${hangup}a1b2`))
  })

  it('V1 is the URL and the sorted parameters', () => {
    expect(
      signedV1({
        method: 'POST',
        url: 'http://a/b',
        params: [
          ['z', '1'],
          ['a', '2'],
          ['a', '1'],
        ],
      }),
    ).toBe('http://a/ba1a2z1')
    expect(formatForm([['a b', 'c&d']])).toBe('a+b=c%26d')
  })
})
