/** IP addresses and ranges, as configuration needs them. */
import { BlockList, isIP, isIPv4 } from 'node:net'

export function isAddress(text: string): boolean {
  return isIP(text) !== 0
}

/** An address, or `address/prefix`. */
export function isRange(text: string): boolean {
  const [address, prefix, ...rest] = text.split('/')
  if (address === undefined || rest.length > 0 || isIP(address) === 0) return false
  if (prefix === undefined) return true
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128)
}

/** Tells whether an address lies in one of some ranges. IPv4 written in IPv6 (`::ffff:10.0.0.1`) is the same address. */
export function rangeMatcher(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [address, prefix] = range.split('/') as [string, string?]
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  const answer = (address: string) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  return remembering(answer)
}

/** Calls come from few addresses, and each is asked about at every call. */
const mostRemembered = 256

function remembering(answer: (address: string) => boolean): (address: string) => boolean {
  const known = new Map<string, boolean>()
  return (address) => {
    let found = known.get(address)
    if (found === undefined) {
      found = answer(address)
      if (known.size === mostRemembered) known.clear()
      known.set(address, found)
    }
    return found
  }
}

const inLoopback = rangeMatcher(['127.0.0.0/8', '::1'])

/** 127/8, ::1, and the name `localhost`; any other name is not, whatever it may resolve to today. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || inLoopback(bare(host))
}

const inPrivate = rangeMatcher([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
])

/** An address that only this machine or its own network reaches. */
export function isPrivate(address: string): boolean {
  return inPrivate(bare(address))
}

/** `0.0.0.0` and `::` listen everywhere, and are nowhere to be reached. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** Without the brackets of an IPv6 address in a URL. */
export function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
