import { isIPv4, isIPv6 } from 'node:net'

/** An IP address as a number, which makes a range a comparison of leading bits. */
export type Address = Readonly<{ bits: 32 | 128; value: bigint }>

/** A CIDR range: the addresses that share the first `prefix` bits with `base`. */
export type Range = Readonly<{ base: Address; prefix: number }>

function readV4(text: string): bigint {
  return text.split('.').reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** RFC 4291 §2.2: eight groups, one run of zero groups as `::`, the last two groups perhaps in IPv4's form. */
function readV6(text: string): bigint {
  const tail = text.slice(text.lastIndexOf(':') + 1)
  const hex = isIPv4(tail)
    ? `${text.slice(0, -tail.length)}${(readV4(tail) >> 16n).toString(16)}:${(readV4(tail) & 0xffffn).toString(16)}`
    : text
  const [head = '', rest] = hex.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (rest !== undefined) {
    const last = rest === '' ? [] : rest.split(':')
    while (groups.length + last.length < 8) groups.push('0')
    groups.push(...last)
  }
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

/** Undefined for what is not an address. A zone (`%eth0`) is dropped: it says where to, not whom. */
export function readAddress(text: string): Address | undefined {
  const [bare = ''] = text.split('%')
  if (isIPv4(bare)) return { bits: 32, value: readV4(bare) }
  if (isIPv6(bare)) return { bits: 128, value: readV6(bare) }
  return undefined
}

/** `10.0.0.0/8`, `fd00::/8`, or a single address. Undefined for what is none of these. */
export function readRange(text: string): Range | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const base = readAddress(address)
  if (base === undefined || more.length > 0) return undefined
  if (prefix === undefined) return { base, prefix: base.bits }
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > base.bits) return undefined
  return { base, prefix: Number(prefix) }
}

export function isWithin(address: Address, { base, prefix }: Range): boolean {
  const rest = BigInt(base.bits - prefix)
  return address.bits === base.bits && address.value >> rest === base.value >> rest
}
