import { type Address, formatAddress, type TransportName } from './flow.ts'

/** An address cannot be listened on. The only error a transport throws, and only from its `listen`. */
export class ListenError extends Error {
  readonly code = 'sip.transport.listen'
  override readonly name = 'ListenError'
  readonly transport: TransportName
  readonly address: Address

  constructor(transport: TransportName, address: Address, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`cannot listen on ${transport} ${formatAddress(address)}: ${why}`, { cause })
    this.transport = transport
    this.address = address
  }
}
