import { type Address, isWithin, type Range, readAddress, readRange } from './address.ts'

/** What an address is for, where it is not for the public internet. */
export type AddressKind = 'private' | 'loopback' | 'shared' | 'link-local' | 'metadata' | 'multicast' | 'reserved'

/**
 * Addresses that a customer's URL must not reach unless the configuration allows it.
 * IANA IPv4 and IPv6 Special-Purpose Address Registries, and the clouds' metadata services. The first match counts.
 */
const special: readonly (readonly [range: string, kind: AddressKind])[] = [
  ['169.254.169.254/32', 'metadata'], // AWS, Google, Azure and most others
  ['100.100.100.200/32', 'metadata'], // Alibaba
  ['168.63.129.16/32', 'metadata'], // Azure's host
  ['192.0.0.192/32', 'metadata'], // Oracle
  ['fd00:ec2::/32', 'metadata'], // AWS over IPv6
  ['0.0.0.0/8', 'reserved'], // RFC 791 §3.2: this network
  ['10.0.0.0/8', 'private'], // RFC 1918
  ['100.64.0.0/10', 'shared'], // RFC 6598: carrier-grade NAT
  ['127.0.0.0/8', 'loopback'], // RFC 1122 §3.2.1.3
  ['169.254.0.0/16', 'link-local'], // RFC 3927
  ['172.16.0.0/12', 'private'], // RFC 1918
  ['192.0.0.0/24', 'reserved'], // RFC 6890
  ['192.0.2.0/24', 'reserved'], // RFC 5737: documentation
  ['192.88.99.0/24', 'reserved'], // RFC 7526: 6to4 relays
  ['192.168.0.0/16', 'private'], // RFC 1918
  ['198.18.0.0/15', 'reserved'], // RFC 2544: benchmarks
  ['198.51.100.0/24', 'reserved'], // RFC 5737
  ['203.0.113.0/24', 'reserved'], // RFC 5737
  ['224.0.0.0/4', 'multicast'], // RFC 5771
  ['240.0.0.0/4', 'reserved'], // RFC 1112 §4, and the limited broadcast
  ['::1/128', 'loopback'], // RFC 4291 §2.5.3
  ['64:ff9b:1::/48', 'private'], // RFC 8215: a local translator's
  ['2001::/23', 'reserved'], // RFC 2928, Teredo (RFC 4380) among them
  ['2001:db8::/32', 'reserved'], // RFC 3849: documentation
  ['2002::/16', 'reserved'], // RFC 7526: 6to4
  ['3fff::/20', 'reserved'], // RFC 9637: documentation
  ['fc00::/7', 'private'], // RFC 4193
  ['fe80::/10', 'link-local'], // RFC 4291 §2.5.6
  ['ff00::/8', 'multicast'], // RFC 4291 §2.7
]

/** RFC 4291 §2.4: all that is global so far. Whatever lies outside and is not named above is not assigned. */
const globalUnicast = '2000::/3'

/** IPv6 forms that lead to the IPv4 address in their last 32 bits. */
const embedding = ['::ffff:0:0/96', '64:ff9b::/96'] // RFC 4291 §2.5.5.2, RFC 6052 §2.1

function range(text: string): Range {
  const read = readRange(text)
  if (read === undefined) throw new RangeError(`not an address range: ${text}`)
  return read
}

const rows = special.map(([text, kind]) => ({ range: range(text), kind }))
const global = range(globalUnicast)
const embeddings = embedding.map(range)

/** The address that is meant: the IPv4 one where an IPv6 form only wraps it. */
function unwrapped(address: Address): Address {
  const wraps = address.bits === 128 && embeddings.some((form) => isWithin(address, form))
  return wraps ? { bits: 32, value: address.value & 0xffff_ffffn } : address
}

/** What the address is for; null where it is an ordinary public one. */
export function kindOf(address: Address): AddressKind | null {
  const meant = unwrapped(address)
  for (const row of rows) if (isWithin(meant, row.range)) return row.kind
  return meant.bits === 128 && !isWithin(meant, global) ? 'reserved' : null
}

export type AddressRules = Readonly<{
  /** CIDR ranges that may be reached though they are not public. A metadata service needs its very address. */
  allow?: readonly string[]
  /** Allows every private, loopback and shared address; link-local and metadata ones still need naming. */
  allowPrivate?: boolean
}>

/** Why the address must not be reached; null if it may be. */
export type AddressGuard = (address: string) => AddressKind | 'unreadable' | null

const privateKinds: ReadonlySet<AddressKind> = new Set(['private', 'loopback', 'shared'])

/** @throws RangeError if an allowed range is not a CIDR range */
export function createAddressGuard(rules: AddressRules = {}): AddressGuard {
  const allowed = (rules.allow ?? []).map(range)

  function isAllowed(address: Address, kind: AddressKind): boolean {
    if (rules.allowPrivate === true && privateKinds.has(kind)) return true
    const meant = unwrapped(address)
    return allowed.some(
      (one) =>
        (isWithin(meant, one) || isWithin(address, one)) && (kind !== 'metadata' || one.prefix === one.base.bits),
    )
  }

  return (text) => {
    const address = readAddress(text)
    if (address === undefined) return 'unreadable'
    const kind = kindOf(address)
    return kind === null || isAllowed(address, kind) ? null : kind
  }
}
