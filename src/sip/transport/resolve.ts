import { lookup, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { SipUri } from '../message/uri.ts'
import type { Address, TransportName } from './flow.ts'
import { defaultPort, unbracketed } from './return-path.ts'

/** Where to send a request: tried in order (RFC 3263 §4.3). */
export type Target = Readonly<{ transport: TransportName; address: Address }>

export type SrvRecord = Readonly<{ name: string; port: number; priority: number; weight: number }>

/** Each answers [] for a name that does not exist, and rejects only if the question could not be asked. */
export interface Resolver {
  addresses(host: string): Promise<readonly string[]>
  srv(name: string): Promise<readonly SrvRecord[]>
}

export type Resolution =
  | Readonly<{ kind: 'found'; targets: readonly [Target, ...Target[]] }>
  | Readonly<{
      kind: 'failed'
      code: 'sip.resolve.not-found' | 'sip.resolve.unavailable' | 'sip.resolve.transport'
      detail: string
    }>

export type ResolveOptions = Readonly<{
  resolver: Resolver
  /** What we can speak, best first. A URI that wants another fails with `sip.resolve.transport`. */
  transports: readonly TransportName[]
  /** 0 ≤ n < 1, for SRV weights. */
  random: () => number
}>

/** The target of a URI whose host is a numeric address; undefined if it must be looked up. */
export function numericTarget(uri: SipUri, transports: readonly TransportName[]): Target | undefined {
  const host = unbracketed(uri.params.get('maddr') ?? uri.host)
  if (isIP(host) === 0) return undefined
  const transport = wantedTransport(uri) ?? (uri.scheme === 'sips' ? 'TLS' : 'UDP')
  if (!transports.includes(transport)) return undefined
  return { transport, address: { host, port: uri.port ?? defaultPort(transport) } }
}

/**
 * The subset of RFC 3263 that needs no NAPTR: a numeric host as it is; a host with a port by its addresses; any other by SRV for the
 * transports that we speak, and by its addresses if there is no SRV record. Never rejects.
 */
export async function resolve(uri: SipUri, options: ResolveOptions): Promise<Resolution> {
  const { resolver, transports, random } = options
  const wanted = wantedTransport(uri)
  const secure = uri.scheme === 'sips'
  const usable = transports.filter((each) => (wanted === undefined ? !secure || each === 'TLS' : each === wanted))
  if (usable.length === 0) {
    return { kind: 'failed', code: 'sip.resolve.transport', detail: wanted ?? (secure ? 'TLS' : 'none') }
  }
  const numeric = numericTarget(uri, usable)
  if (numeric !== undefined) return { kind: 'found', targets: [numeric] }
  const host = unbracketed(uri.params.get('maddr') ?? uri.host)
  if (isIP(host) !== 0)
    return { kind: 'failed', code: 'sip.resolve.transport', detail: `no usable transport to ${host}` }
  // Without a word about the transport, an address without SRV means UDP (§4.1), if we speak it.
  const plain = usable.includes('UDP') ? 'UDP' : (usable[0] as TransportName)
  try {
    const targets: Target[] = []
    if (uri.port === undefined) {
      for (const transport of usable) {
        const records = await resolver.srv(serviceName(transport, secure, host))
        for (const record of bySrvOrder(records, random)) {
          for (const address of await resolver.addresses(record.name)) {
            targets.push({ transport, address: { host: address, port: record.port } })
          }
        }
      }
    }
    if (targets.length === 0) {
      const port = uri.port ?? defaultPort(plain)
      for (const address of await resolver.addresses(host)) {
        targets.push({ transport: plain, address: { host: address, port } })
      }
    }
    const [first, ...others] = targets
    if (first === undefined) return { kind: 'failed', code: 'sip.resolve.not-found', detail: host }
    return { kind: 'found', targets: [first, ...others] }
  } catch (error) {
    return { kind: 'failed', code: 'sip.resolve.unavailable', detail: `${host}: ${String(error)}` }
  }
}

function wantedTransport(uri: SipUri): TransportName | undefined {
  const name = uri.params.get('transport')?.toUpperCase()
  if (name === undefined) return undefined
  // `sips:` with `transport=tcp` is TLS over TCP (RFC 3261 §26.2.2).
  if (uri.scheme === 'sips' && name === 'TCP') return 'TLS'
  return name as TransportName
}

function serviceName(transport: TransportName, secure: boolean, host: string): string {
  if (transport === 'TLS' || secure) return `_sips._tcp.${host}`
  return `_sip._${transport.toLowerCase()}.${host}`
}

/** RFC 2782: by priority, and among equals at random by weight. */
export function bySrvOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = [...records].sort((a, b) => a.priority - b.priority || a.weight - b.weight)
  const ordered: SrvRecord[] = []
  while (left.length > 0) {
    const { priority } = left[0] as SrvRecord
    const equals = left.filter((each) => each.priority === priority)
    const total = equals.reduce((sum, each) => sum + each.weight, 0)
    const at = random() * total
    let passed = 0
    const chosen =
      equals.find((each) => {
        passed += each.weight
        return passed > at
      }) ?? (equals.at(-1) as SrvRecord)
    ordered.push(chosen)
    left.splice(left.indexOf(chosen), 1)
  }
  return ordered
}

const absent = new Set(['ENOTFOUND', 'ENODATA', 'NXDOMAIN', 'ENONAME'])

async function orNone<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

/** Addresses as the system finds them (hosts file included), SRV from DNS. */
export const systemResolver: Resolver = {
  addresses: async (host) => (await orNone(lookup(host, { all: true }))).map((found) => found.address),
  srv: (name) => orNone(resolveSrv(name)),
}
