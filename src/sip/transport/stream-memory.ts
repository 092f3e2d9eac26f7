/** What all connections together may hold: thousands of them, each within its own limit, would fill memory all the same. */
export type StreamMemory = Readonly<{
  /** Octets of messages that are begun and not complete. Past it, the one that was begun first ends its connection. Default 32 MiB. */
  begun: number
  /** Octets that peers do not read. Past it, those that read least are ended, within `sweepEvery`. Default 128 MiB. */
  waiting: number
}>

export const defaultMemory: StreamMemory = { begun: 32 * 1024 * 1024, waiting: 128 * 1024 * 1024 }

type Begun = Readonly<{ partialSince: number | undefined }>
type Queue = Readonly<{ queued: number }>

/** Of those with an incomplete message, the one whose message was begun first. */
export function begunFirst<F extends Begun>(flows: Iterable<F>): F | undefined {
  let first: F | undefined
  for (const flow of flows) {
    if (flow.partialSince === undefined) continue
    if (first?.partialSince === undefined || flow.partialSince < first.partialSince) first = flow
  }
  return first
}

/** Those without whom the others are within the limit; the longest queues first. */
export function readingLeast<F extends Queue>(flows: Iterable<F>, limit: number): F[] {
  let waiting = 0
  for (const { queued } of flows) waiting += queued
  if (waiting <= limit) return []
  const out: F[] = []
  for (const flow of [...flows].sort((one, other) => other.queued - one.queued)) {
    if (waiting <= limit) break
    waiting -= flow.queued
    out.push(flow)
  }
  return out
}
