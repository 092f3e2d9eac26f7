import { BlockList, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAddress, readRange } from '../../src/delivery/address.ts'
import { type AddressKind, type AddressRules, createAddressGuard } from '../../src/delivery/address-guard.ts'

const runs = process.env.ONHOOK_LONG ? 100_000 : 1000

const table: readonly (readonly [address: string, kind: AddressKind | 'unreadable' | null])[] = [
  ['8.8.8.8', null],
  ['1.1.1.1', null],
  ['9.255.255.255', null],
  ['10.0.0.0', 'private'],
  ['10.255.255.255', 'private'],
  ['11.0.0.0', null],
  ['100.63.255.255', null],
  ['100.64.0.1', 'shared'],
  ['100.127.255.255', 'shared'],
  ['100.100.100.200', 'metadata'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['168.63.129.16', 'metadata'],
  ['169.254.1.1', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['172.15.255.255', null],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', null],
  ['192.0.0.192', 'metadata'],
  ['192.0.2.1', 'reserved'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'reserved'],
  ['203.0.113.9', 'reserved'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['0.0.0.0', 'reserved'],
  ['2606:4700:4700::1111', null],
  ['2a00:1450:4001:80b::200e', null],
  ['::', 'reserved'],
  ['::1', 'loopback'],
  ['::127.0.0.1', 'reserved'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['::ffff:8.8.8.8', null],
  ['64:ff9b::8.8.8.8', null],
  ['64:ff9b::10.1.2.3', 'private'],
  ['64:ff9b::a9fe:a9fe', 'metadata'],
  ['64:ff9b:1::1', 'private'],
  ['100::1', 'reserved'],
  ['2001::1', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['2002:7f00:1::', 'reserved'],
  ['3fff::1', 'reserved'],
  ['5f00::1', 'reserved'],
  ['fc00::1', 'private'],
  ['fd12:3456::1', 'private'],
  ['fd00:ec2::254', 'metadata'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['fec0::1', 'reserved'],
  ['ff02::1', 'multicast'],
  ['', 'unreadable'],
  ['localhost', 'unreadable'],
  ['127.1', 'unreadable'],
  ['0x7f.0.0.1', 'unreadable'],
  ['1.2.3.4.5', 'unreadable'],
  [':::', 'unreadable'],
]

test.each(table)('%s is refused as %s', (address, kind) => {
  expect(createAddressGuard()(address)).toBe(kind)
})

const rules: readonly (readonly [AddressRules, address: string, AddressKind | null])[] = [
  [{ allow: ['127.0.0.0/8'] }, '127.0.0.1', null],
  [{ allow: ['127.0.0.0/8'] }, '::ffff:127.0.0.1', null],
  [{ allow: ['127.0.0.0/8'] }, '10.0.0.1', 'private'],
  [{ allow: ['10.1.0.0/16'] }, '10.1.2.3', null],
  [{ allow: ['10.1.0.0/16'] }, '10.2.0.1', 'private'],
  [{ allow: ['10.1.2.3'] }, '10.1.2.3', null],
  [{ allow: ['::1/128'] }, '::1', null],
  [{ allow: ['169.254.0.0/16'] }, '169.254.1.1', null],
  [{ allow: ['169.254.0.0/16'] }, '169.254.169.254', 'metadata'],
  [{ allow: ['0.0.0.0/0'] }, '169.254.169.254', 'metadata'],
  [{ allow: ['169.254.169.254/32'] }, '169.254.169.254', null],
  [{ allowPrivate: true }, '10.0.0.1', null],
  [{ allowPrivate: true }, '127.0.0.1', null],
  [{ allowPrivate: true }, '100.64.0.1', null],
  [{ allowPrivate: true }, 'fd12::1', null],
  [{ allowPrivate: true }, '169.254.1.1', 'link-local'],
  [{ allowPrivate: true }, '169.254.169.254', 'metadata'],
  [{ allowPrivate: true }, '100.100.100.200', 'metadata'],
  [{ allowPrivate: true }, '224.0.0.1', 'multicast'],
]

test.each(rules)('with %j, %s is %s', (rule, address, kind) => {
  expect(createAddressGuard(rule)(address)).toBe(kind)
})

test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/8/8', 'internal', '10.0.0.0/-1', ''])(
  'a range that is none (%j) is not taken',
  (range) => {
    expect(() => createAddressGuard({ allow: [range] })).toThrow(RangeError)
  },
)

const v4 = fc.ipV4()
const v6 = fc.ipV6()

test('ranges contain what Node says they contain', () => {
  fc.assert(
    fc.property(fc.oneof(fc.tuple(v4, v4, fc.nat(32)), fc.tuple(v6, v6, fc.nat(128))), ([address, base, prefix]) => {
      const family = isIPv4(base) ? 'ipv4' : 'ipv6'
      const list = new BlockList()
      list.addSubnet(base, prefix, family)
      const guard = createAddressGuard({ allow: [`${base}/${prefix}`] })
      const kind = createAddressGuard()(address)
      fc.pre(kind !== null && kind !== 'metadata')
      // Node reads ::ffff:1.2.3.4 as the IPv4 address too.
      expect(guard(address) === null).toBe(list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'))
    }),
    { numRuns: runs },
  )
})

test('an IPv4 address means the same however IPv6 wraps it', () => {
  const guard = createAddressGuard()
  fc.assert(
    fc.property(v4, fc.constantFrom('::ffff:', '64:ff9b::', '0:0:0:0:0:FFFF:'), (address, wrap) => {
      expect(guard(`${wrap}${address}`)).toBe(guard(address))
    }),
    { numRuns: runs },
  )
})

test('every spelling of an address is the same number, and nothing throws', () => {
  fc.assert(
    fc.property(v6, (address) => {
      const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
      expect(readAddress(canonical)).toEqual(readAddress(address))
    }),
    { numRuns: runs },
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      readAddress(text)
      readRange(text)
    }),
    { numRuns: runs },
  )
})
