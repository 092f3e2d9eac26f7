/** What a transport has seen since it began. Plain numbers: read them whenever you like. */
export type TransportCounters = {
  /** Messages, or what should have been one: delivered + garbage + refused + dropped. */
  received: number
  /** Handed up. */
  delivered: number
  sent: number
  keepAlives: number
  /** What could not be read, not even so far that it could be answered. */
  garbage: number
  /** Requests answered by the transport itself with a final response. */
  refused: number
  /** Messages that could be read and were dropped all the same. */
  dropped: number
  /** Datagrams lost and connections broken, as far as the system says. */
  failures: number
  /** Connections turned away because there were too many, in all or of one source. */
  turnedAway: number
  /** Exceptions thrown by the floor above. Always 0 in a sound program. */
  userFaults: number
}

export function newCounters(): TransportCounters {
  return {
    received: 0,
    delivered: 0,
    sent: 0,
    keepAlives: 0,
    garbage: 0,
    refused: 0,
    dropped: 0,
    failures: 0,
    turnedAway: 0,
    userFaults: 0,
  }
}
