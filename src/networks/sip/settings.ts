import type { Media } from '../../media/index.ts'
import type { DigestAlgorithm } from '../../sip/index.ts'
import type { Clock, Ids, SwitchboardPort } from '../../switchboard/ports.ts'

/** A secret that says its value only when asked. */
type Revealing = Readonly<{ reveal(): string }>

/** A carrier or PBX: calls come from its sources, and are sent to its server. */
export type SipTrunk = Readonly<{
  name: string
  /** `host` or `host:port`; absent: incoming only. */
  server?: string
  transport: 'udp' | 'tcp'
  /** Whether a numeric source address is one of the trunk's. */
  vouchesFor(address: string): boolean
  credentials?: Readonly<{ username: string; password: Revealing; realm?: string }>
}>

export type SipSettings = Readonly<{
  listen: readonly Readonly<{ transport: 'udp' | 'tcp'; host: string; port: number }>[]
  /** Host that others reach us at. */
  advertised?: string
  realm: string
  /** What challenges offer, the best first. */
  digest: readonly DigestAlgorithm[]
  users: readonly Readonly<{ name: string; password: Revealing }>[]
}>

export type SipNetworkOptions = Readonly<{
  sip: SipSettings
  trunks: readonly SipTrunk[]
  clock: Clock
  ids: Ids
  media: Media
  /** Address in our session descriptions. */
  mediaAddress: string
  switchboard: SwitchboardPort
  onFault(fault: unknown, context: string): void
  /** Every message, for ladders and traces. */
  trace?(direction: 'in' | 'out', bytes: Uint8Array, peer: string): void
  /** Told when a datagram has been handled. */
  handled?(): void
}>
