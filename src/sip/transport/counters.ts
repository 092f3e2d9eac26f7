/** What a transport has seen since it began. Plain numbers: read them whenever you like. */
export type TransportCounters = {
  received: number
  sent: number
  keepAlives: number
  /** Bytes that were not SIP, and were dropped. */
  garbage: number
  /** Requests answered here with a final response, because the validator said so. */
  refused: number
  /** Messages dropped because the validator said so. */
  dropped: number
  failures: number
  /** Exceptions thrown by the floor above. Always 0 in a sound program. */
  userFaults: number
}

export function newCounters(): TransportCounters {
  return { received: 0, sent: 0, keepAlives: 0, garbage: 0, refused: 0, dropped: 0, failures: 0, userFaults: 0 }
}
