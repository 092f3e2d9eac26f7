/** What a failure response to a request inside a dialog destroys (RFC 5057 §5.1). */
export type Effect = 'transaction' | 'usage' | 'dialog'

const usage: readonly number[] = [405, 480, 481, 489, 501]
const dialog: readonly number[] = [404, 410, 416, 482, 483, 484, 485, 502, 604]

/** A status not listed is treated as x00 (RFC 3261 §8.1.3.2), and ends the transaction only. 408 ends the usage it happened in. */
export function effectOf(status: number): Effect {
  if (usage.includes(status) || status === 408) return 'usage'
  return dialog.includes(status) ? 'dialog' : 'transaction'
}
