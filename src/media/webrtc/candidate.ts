import { isIP } from 'node:net'

/** One way to a WebRTC end (RFC 8839 §5.1): UDP, component 1. */
export type Candidate = Readonly<{
  foundation: string
  priority: number
  address: string
  port: number
  type: 'host' | 'srflx' | 'relay'
  /** What it was made from; for people. */
  related?: Readonly<{ address: string; port: number }>
  ufrag?: string
}>

const grammar = /^(?:a=)?(?:candidate:)?(\S{1,64}) (\d{1,5}) (\S+) (\d{1,10}) (\S{1,255}) (\d{1,5}) typ (\S+)(.*)$/i
const types: readonly string[] = ['host', 'srflx', 'relay'] satisfies Candidate['type'][]

/**
 * Null for what cannot be used: TCP, RTCP's own component, names. Browsers hide their addresses behind names under
 * `.local` (mDNS); asking the network for them would take time and a multicast socket, and is not needed: such a
 * browser finds us, and its address is learnt from that (peer reflexive).
 */
export function readCandidate(line: string): Candidate | null {
  const match = line.length > 1024 ? null : grammar.exec(line.trim())
  if (match === null) return null
  const [, foundation, component, transport, priority, address, port, type, rest] = match as unknown as string[]
  const usable =
    component === '1' &&
    transport!.toLowerCase() === 'udp' &&
    types.includes(type!) &&
    Number(port) > 0 &&
    Number(port) < 65_536 &&
    Number(priority) <= 0xffff_ffff &&
    isReachable(address!)
  if (!usable) return null
  const ufrag = /(?:^| )ufrag (\S{1,256})/.exec(rest!)?.[1]
  return {
    foundation: foundation!,
    priority: Number(priority),
    address: address!,
    port: Number(port),
    type: type as Candidate['type'],
    ...(ufrag === undefined ? {} : { ufrag }),
  }
}

/** A number that one far end can have: no multicast, no broadcast, nobody. */
function isReachable(address: string): boolean {
  switch (isIP(address)) {
    case 4: {
      const first = Number(address.split('.')[0])
      return first > 0 && first < 224
    }
    case 6:
      return !/^(?:ff|::$)/i.test(address)
    default:
      return false
  }
}

/** As in `RTCIceCandidate.candidate`. */
export function writeCandidate(candidate: Candidate): string {
  const { foundation, priority, address, port, type, related, ufrag } = candidate
  const from = related === undefined ? '' : ` raddr ${related.address} rport ${related.port}`
  const under = ufrag === undefined ? '' : ` ufrag ${ufrag}`
  return `candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${from} generation 0${under}`
}
