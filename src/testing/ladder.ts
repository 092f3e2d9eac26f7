import type { TraceEntry } from './trace.ts'

/** One arrow of a ladder, ready to be painted: `left` and `right` are the two lifelines with what is between them. */
export type Rung = Readonly<{
  /** Milliseconds since the first message. */
  after: number
  direction: 'in' | 'out'
  /** `INVITE`, `486 Busy Here`. */
  label: string
  /** Reason values, and how often the message was repeated. */
  notes: readonly string[]
  entry: TraceEntry
}>

/** What passed, as the arrows of a ladder. Retransmissions are counted at the message that they repeat. */
export function rungsOf(entries: readonly TraceEntry[]): readonly Rung[] {
  const first = entries[0]?.at ?? 0
  return entries.flatMap((entry) => {
    if (entry.again) return []
    const repeats = entries.filter((other) => other.again && sameMessage(other, entry)).length
    return {
      after: entry.at - first,
      direction: entry.direction,
      label: entry.status === null ? entry.method : `${entry.status} ${entry.phrase}`,
      notes: [...entry.reasons, ...(repeats === 0 ? [] : [`sent ${repeats + 1} times`])],
      entry,
    }
  })
}

function sameMessage(one: TraceEntry, other: TraceEntry): boolean {
  const { direction, method, status, callId, message } = one
  return (
    direction === other.direction &&
    method === other.method &&
    status === other.status &&
    callId === other.callId &&
    message.headers.get('cseq') === other.message.headers.get('cseq') &&
    message.headers.get('via') === other.message.headers.get('via') &&
    message.headers.get('to') === other.message.headers.get('to')
  )
}

const span = 34

/**
 * ```
 *    phone                              server
 *      │ INVITE ───────────────────────▶│        0 ms
 *      │◀─────────────────── 100 Trying │        2 ms
 *      │◀────────────────────────── BYE │    2,104 ms  Q.850;cause=16;text="…"
 * ```
 */
export function ladderText(entries: readonly TraceEntry[], left = 'phone', right = 'server'): string {
  const head = `${left.padEnd(span + 2)}${right}`
  return [head, ...rungsOf(entries).map((rung) => ladderLine(rung))].join('\n')
}

export function ladderLine({ after, direction, label, notes }: Rung): string {
  const dashes = '─'.repeat(Math.max(2, span - label.length - 3))
  const arrow = direction === 'out' ? ` ${label} ${dashes}▶` : `◀${dashes} ${label} `
  const time = `${after.toLocaleString('en')} ms`.padStart(10)
  return `│${arrow}│${time}${notes.length === 0 ? '' : `  ${notes.join(', ')}`}`
}
