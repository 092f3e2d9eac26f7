/** A digest of a trunk's password is shown to that trunk, and to nobody who only names its realm. */
import { expect, test } from 'vitest'
import { accountFor } from '../../../src/networks/sip/account.ts'
import type { SipTrunk } from '../../../src/networks/sip/settings.ts'

function trunk(name: string, server: string | undefined, source: string, realm?: string): SipTrunk {
  return {
    name,
    ...(server !== undefined && { server }),
    transport: 'udp',
    vouchesFor: (address) => address === source,
    credentials: { username: name, password: { reveal: () => 'secret' }, ...(realm !== undefined && { realm }) },
  }
}

const trunks = [
  trunk('one', 'sip.one.example', '198.51.100.1', 'one'),
  trunk('two', 'sip.two.example:5070', '198.51.100.2'),
  trunk('three', '[2001:db8::3]:5060', '2001:db8::3'),
  trunk('hears', undefined, '198.51.100.4'),
]

test.each([
  ['one', { called: 'sip:+15550100@sip.one.example' }, 'one'],
  ['one', { called: 'sip:+15550100@SIP.one.example' }, 'one'],
  ['anything', { called: 'sip:+15550100@sip.two.example:5070' }, 'two'],
  ['anything', { called: 'sip:+15550100@[2001:db8::3]:5060' }, 'three'],
  ['one', { caller: '198.51.100.1' }, 'one'],
  ['anything', { caller: '198.51.100.4' }, 'hears'],
  // Another realm than the one that is configured, another place, and no place at all.
  ['two', { called: 'sip:+15550100@sip.one.example' }, undefined],
  ['one', { called: 'sip:alice@house.example' }, undefined],
  ['one', { called: 'sip:sip.one.example@192.0.2.66' }, undefined],
  ['one', { called: 'sip:+15550100@sip.one.example:5099' }, undefined],
  ['anything', { called: 'sip:bob@192.0.2.66' }, undefined],
  ['one', { called: '' }, undefined],
  ['one', { caller: '192.0.2.66' }, undefined],
])('realm %s, %j: %s', (realm, challenger, username) => {
  expect(accountFor(trunks, realm, challenger)?.username).toBe(username)
})
