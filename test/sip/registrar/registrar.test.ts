import { describe, expect, test } from 'vitest'
import { request as buildRequest, headersOf } from '../../../src/sip/message/build.ts'
import { formatCredentials, parseChallenge } from '../../../src/sip/message/digest.ts'
import { DigestVerifier } from '../../../src/sip/message/digest-verifier.ts'
import { Authenticator } from '../../../src/sip/registrar/authenticator.ts'
import { MemoryBindings } from '../../../src/sip/registrar/bindings.ts'
import { type RegisterAnswer, Registrar } from '../../../src/sip/registrar/registrar.ts'
import type { Flow } from '../../../src/sip/transport/flow.ts'
import { seeded } from '../ua/stage.ts'

const flow = (n: number) => ({ id: `flow ${n}`, remote: { host: '192.0.2.9', port: n } }) as unknown as Flow

class Phone {
  now = 1_700_000_000_000
  readonly store = new MemoryBindings(() => this.now)
  readonly registrar: Registrar
  username = 'alice'
  password = 'secret'
  #challenge: string | undefined
  #count = 0
  #seq = 0

  constructor() {
    const verifier = new DigestVerifier({
      realm: 'here',
      key: new Uint8Array(32),
      now: () => this.now,
      fillRandom: seeded(7),
      algorithms: ['MD5'],
    })
    const authenticator = new Authenticator({
      realm: 'here',
      verifier,
      secretOf: (name) => (name === 'alice' || name === 'bob' ? { password: 'secret' } : undefined),
    })
    this.registrar = new Registrar({ store: this.store, authenticator, now: () => this.now })
  }

  /** Sends a REGISTER as it is: with the last challenge answered, if there was one. */
  send(contacts: string[], lines: [string, string][] = [], aor = 'alice', seq = ++this.#seq, via = 1): RegisterAnswer {
    const uri = 'sip:here'
    const all: [string, string][] = [
      ['To', aor.startsWith('<') ? aor : `<sip:${aor}@here>`],
      ['Call-ID', 'reg-1'],
      ['CSeq', `${seq} REGISTER`],
      ...contacts.map((value): [string, string] => ['Contact', value]),
      ...lines,
    ]
    const challenge = this.#challenge === undefined ? undefined : parseChallenge(this.#challenge)
    if (challenge !== undefined) {
      this.#count += 1
      all.push([
        'Authorization',
        formatCredentials({
          challenge,
          username: this.username,
          secret: { password: this.password },
          method: 'REGISTER',
          uri,
          cnonce: 'c',
          nonceCount: this.#count,
        }),
      ])
    }
    const answer = this.registrar.register(
      buildRequest({ method: 'REGISTER', uri, headers: headersOf(all) }),
      flow(via),
    )
    const asked = answer.lines.find(([name]) => name === 'WWW-Authenticate')?.[1]
    if (asked !== undefined) {
      this.#challenge = asked
      this.#count = 0
    }
    return answer
  }

  /** As a phone does it: again when challenged. */
  register(contacts: string[], lines: [string, string][] = [], aor = 'alice', via = 1): RegisterAnswer {
    const answer = this.send(contacts, lines, aor, undefined, via)
    return answer.status === 401 ? this.send(contacts, lines, aor, undefined, via) : answer
  }

  get contacts(): string[] {
    return this.store.of('alice').map(({ contact }) => contact)
  }
}

const contactLines = (answer: RegisterAnswer) =>
  answer.lines.filter(([name]) => name === 'Contact').map(([, value]) => value)

test('a phone registers, with the way it came by, and the registration expires', () => {
  const phone = new Phone()
  const answer = phone.register(['<sip:alice@10.1.1.1:5060;ob>;expires=600'], [['User-Agent', 'desk phone']])
  expect(answer.status).toBe(200)
  expect(contactLines(answer)).toEqual(['<sip:alice@10.1.1.1:5060;ob>;expires=600'])
  expect(answer.lines.at(-1)).toEqual(['Date', 'Tue, 14 Nov 2023 22:13:20 GMT'])
  expect(phone.store.of('alice')).toMatchObject([
    { contact: 'sip:alice@10.1.1.1:5060;ob', q: 1, userAgent: 'desk phone', flow: { id: 'flow 1' } },
  ])
  phone.now += 599_999
  expect(phone.contacts).toHaveLength(1)
  phone.now += 1
  expect(phone.contacts).toEqual([])
  expect(phone.store.size).toBe(0)
})

describe('who may', () => {
  test('nobody without credentials', () => {
    const phone = new Phone()
    const answer = phone.send(['<sip:a@10.1.1.1>'])
    expect(answer.status).toBe(401)
    expect(answer.lines.map(([name]) => name)).toEqual(['WWW-Authenticate'])
    expect(phone.contacts).toEqual([])
  })

  test.each([
    ['a wrong password', 'alice', 'guess'],
    ['an unknown user', 'mallory', ''],
  ])('%s is challenged again', (_what, username, password) => {
    const phone = new Phone()
    phone.username = username
    phone.password = password
    expect(phone.register(['<sip:a@10.1.1.1>'], [], username).status).toBe(401)
  })

  test("one user's password does not register another", () => {
    const phone = new Phone()
    phone.username = 'bob'
    expect(phone.register(['<sip:b@10.1.1.1>']).status).toBe(403)
    expect(phone.contacts).toEqual([])
  })

  test('an old nonce is stale, and the phone goes on with the new one', () => {
    const phone = new Phone()
    phone.register(['<sip:a@10.1.1.1>'])
    phone.now += 301_000
    const answer = phone.send(['<sip:a@10.1.1.1>'])
    expect(answer.status).toBe(401)
    expect(answer.lines[0]?.[1]).toContain('stale=true')
    expect(phone.register(['<sip:a@10.1.1.1>']).status).toBe(200)
  })
})

describe('expiry', () => {
  test("the contact's own wins over the header's, and ours is the default and the limit", () => {
    const phone = new Phone()
    const answer = phone.register(
      ['<sip:a@1>;expires=120', '<sip:b@1>', '<sip:c@1>;expires=99999', '<sip:d@1>;expires=nonsense'],
      [['Expires', '300']],
    )
    expect(contactLines(answer)).toEqual([
      '<sip:a@1>;expires=120',
      '<sip:b@1>;expires=300',
      '<sip:c@1>;expires=3600',
      '<sip:d@1>;expires=300',
    ])
    expect(contactLines(new Phone().register(['<sip:a@1>']))).toEqual(['<sip:a@1>;expires=3600'])
  })

  test('too short: 423 with Min-Expires, and nothing of the request is done', () => {
    const phone = new Phone()
    phone.register(['<sip:old@1>'])
    const answer = phone.register(['<sip:old@1>;expires=0', '<sip:a@1>;expires=59'])
    expect([answer.status, answer.lines]).toEqual([423, [['Min-Expires', '60']]])
    expect(phone.contacts).toEqual(['sip:old@1'])
  })

  test('0 removes one device', () => {
    const phone = new Phone()
    phone.register(['<sip:a@1>', '<sip:b@1>'])
    expect(contactLines(phone.register(['<sip:a@1>'], [['Expires', '0']]))).toEqual(['<sip:b@1>;expires=3600'])
  })

  test('* with Expires: 0 removes all; anything else about it is 400', () => {
    const phone = new Phone()
    phone.register(['<sip:a@1>', '<sip:b@1>'])
    expect(phone.register(['*']).status).toBe(400)
    expect(phone.register(['*'], [['Expires', '60']]).status).toBe(400)
    expect(phone.register(['*', '<sip:a@1>'], [['Expires', '0']]).status).toBe(400)
    expect(phone.contacts).toHaveLength(2)
    const answer = phone.register(['*'], [['Expires', '0']])
    expect([answer.status, contactLines(answer), phone.contacts]).toEqual([200, [], []])
  })
})

test('without a contact it is a question', () => {
  const phone = new Phone()
  phone.register(['<sip:a@1>;q=0.5', '<sip:b@1>'])
  phone.now += 600_000
  expect(contactLines(phone.register([]))).toEqual(['<sip:b@1>;expires=3000', '<sip:a@1>;expires=3000;q=0.5'])
})

test('the same device with a new address replaces itself', () => {
  const phone = new Phone()
  const instance = '+sip.instance="<urn:uuid:1>"'
  phone.register([`<sip:a@1:1000>;${instance}`])
  phone.register([`<sip:a@1:2000>;${instance}`], [], 'alice', 2)
  expect(phone.store.of('alice')).toMatchObject([{ contact: 'sip:a@1:2000', flow: { id: 'flow 2' } }])
})

test('a request that was overtaken by a newer one changes nothing', () => {
  const phone = new Phone()
  phone.register(['<sip:a@1>'])
  const answer = phone.send(['<sip:a@1>;expires=0'], [], 'alice', 1)
  expect(answer.status).toBe(500)
  expect(phone.contacts).toEqual(['sip:a@1'])
})

test('an eleventh device pushes out the one that would expire first', () => {
  const phone = new Phone()
  for (let n = 0; n < 11; n++) phone.register([`<sip:d${n}@1>;expires=${n === 3 ? 100 : 1000}`])
  expect(phone.contacts).toHaveLength(10)
  expect(phone.contacts).not.toContain('sip:d3@1')
})

test.each(['<sip:here>', '<tel:+1555>', '<mailto:a@b>'])(
  'an address of record without a user is not found: %s',
  (aor) => {
    expect(new Phone().register(['<sip:a@1>'], [], aor).status).toBe(404)
  },
)

test('users that never come back are forgotten while others register', () => {
  const phone = new Phone()
  phone.register(['<sip:a@1>;expires=60'])
  phone.username = 'bob'
  phone.now += 200_000
  phone.register(['<sip:b@1>'], [], 'bob')
  expect([...phone.store.users()]).toEqual(['bob'])
})
