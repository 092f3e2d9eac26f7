/** Users, numbers and addresses as callers and URIs spell them. */
import { expect, test } from 'vitest'
import { offerOf } from '../../../src/networks/sip/offer.ts'
import { placesOf } from '../../../src/networks/sip/places.ts'
import type { SipSettings } from '../../../src/networks/sip/settings.ts'
import { Sources } from '../../../src/networks/sip/source.ts'
import {
  formatCredentials,
  headersOf,
  type InviteSpec,
  type MemoryBindings,
  parseChallenge,
  parseUri,
  request,
  type UserAgent,
} from '../../../src/sip/index.ts'
import type { Target } from '../../../src/switchboard/ports.ts'

const sip: SipSettings = {
  listen: [],
  realm: 'house.example',
  digest: ['MD5'],
  users: [
    { name: 'alice', password: { reveal: () => 'secret' } },
    { name: 'bob', password: { reveal: () => 'secret' } },
  ],
}

function invite(uri: string, from: string, to = '<sip:dialled@house.example>') {
  return request({
    method: 'INVITE',
    uri,
    headers: headersOf([
      ['From', from],
      ['To', to],
      ['Call-ID', 'c'],
    ]),
  })
}

const stranger = { kind: 'anonymous', name: '', address: '10.0.0.9:5060' } as const

test.each([
  ['sip:%23100@house.example', '#100'],
  ['sip:%2B15550123@house.example', '+15550123'],
  ['sip:+15550123@house.example;user=phone', '+15550123'],
  ['sip:%2541@house.example', '%41'],
  ['tel:+1-555-0123', '+15550123'],
  ['sip:house.example', 'dialled'],
])('called at %s: %s', (uri, called) => {
  expect(offerOf(invite(uri, '<sip:bob@there.example>;tag=1'), stranger).to).toBe(called)
})

test.each([
  ['"Bob" <sip:%2B15550123@there.example>;tag=1', '+15550123'],
  ['<tel:+15550123>;tag=1', '+15550123'],
  ['<sip:there.example>;tag=1', ''],
  ['"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', 'anonymous'],
])('calling from %s: %s', (from, caller) => {
  expect(offerOf(invite('sip:1@house.example', from), stranger).from).toBe(caller)
})

test.each(['alice', '%61lice', 'al%69ce'])(
  'whoever claims to be a user has to prove it, however it is spelled: %s',
  (user) => {
    const sources = new Sources(sip, [], () => 0)
    const remote = { host: '10.0.0.9', port: 5060 }
    expect(sources.of(invite('sip:1@house.example', `<sip:${user}@there.example>;tag=1`), remote).kind).toBe(
      'challenge',
    )
  },
)

test.each([
  ['her own name', 'alice', 'known'],
  ['a number of hers', '+15550123', 'known'],
  ['a name that nobody has', 'carol', 'known'],
  ["another user's name", 'bob', 'impostor'],
  ["another user's name, spelled otherwise", '%62ob', 'impostor'],
])('alice calls under %s', (_, claimed, kind) => {
  const sources = new Sources(sip, [], () => 0)
  const remote = { host: '10.0.0.9', port: 5060 }
  const uri = 'sip:1@house.example'
  const first = invite(uri, `<sip:alice@there.example>;tag=1`)
  const asked = sources.of(first, remote)
  if (asked.kind !== 'challenge') throw new Error('nobody asked for a proof')
  const challenge = parseChallenge(asked.lines[0]![1])!
  const answer = { challenge, username: 'alice', secret: { password: 'secret' }, method: 'INVITE', uri }
  const credentials = formatCredentials({ ...answer, cnonce: 'c', nonceCount: 1 })
  const proven = request({
    method: 'INVITE',
    uri,
    headers: headersOf([...headerLines(claimed), ['Proxy-Authorization', credentials]]),
  })
  expect(sources.of(proven, remote).kind).toBe(kind)
})

function headerLines(user: string): [string, string][] {
  return [
    ['From', `<sip:${user}@there.example>;tag=1`],
    ['To', '<sip:1@house.example>'],
    ['Call-ID', 'c'],
  ]
}

function invited(target: Partial<Target>): InviteSpec {
  const specs: InviteSpec[] = []
  const agent = { invite: (spec: InviteSpec) => void specs.push(spec) } as unknown as UserAgent
  const reach = {
    agent,
    sip,
    trunks: [{ name: 'carrier', server: 'carrier.example', transport: 'udp', vouchesFor: () => false }],
    bindings: undefined as unknown as MemoryBindings,
    ids: { uuid: () => 'id' },
    here: () => '[::1]:5060',
  } as const
  const [place] = placesOf({ network: 'sip', to: '+15550199', from: 'us', trunk: 'carrier', ...target }, reach)
  place!.session({} as never)
  return specs[0]!
}

/** Each must be a URI by the grammar, whatever stands in the user part. */
test.each([
  ['#100', 'sip:%23100@'],
  ['smile \u{1F600}', 'sip:smile%20%F0%9F%98%80@'],
  ['half \ud83d', 'sip:half%20%EF%BF%BD@'],
  ['', 'sip:'],
])('calls from and to %j are placed', (user, spelled) => {
  const { from, target } = invited(user === '' ? { from: '' } : { from: user, to: user })
  expect(from.uri).toBe(`${spelled}[::1]:5060`)
  expect(parseUri(from.uri)).toMatchObject({ host: '[::1]', port: 5060 })
  if (user !== '') expect(target).toBe(`${spelled}carrier.example`)
  expect(parseUri(target)).toMatchObject({ host: 'carrier.example' })
})
