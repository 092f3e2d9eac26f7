import type { Instant } from '../../call/ending.ts'
import type { Clock } from '../../switchboard/ports.ts'
import type { Ask, Homeserver, Reply } from './homeserver.ts'

/** Milliseconds between attempts at a homeserver that is away. */
const again = 1_000

/**
 * Asks until there is an answer, or enough of it.
 *
 * @param enough whether this failure is left as it is, with the moment at which the next attempt would begin: asked when it comes, and again
 *   when the wait after it is over.
 */
export async function insist(
  homeserver: Homeserver,
  clock: Clock,
  ask: Ask,
  enough: (failure: Reply, next: Instant) => boolean,
): Promise<Reply> {
  for (;;) {
    const reply = await homeserver.ask(ask)
    if (reply.result === 'ok' || reply.result === 'refused') return reply
    const next = clock.now() + (reply.result === 'limited' ? reply.after : again)
    if (enough(reply, next)) return reply
    await new Promise<void>((resolve) => clock.alarm(next, resolve))
    if (enough(reply, next)) return reply
  }
}
