import type { Clock } from '../../switchboard/ports.ts'
import type { Ask, Homeserver, Reply } from './homeserver.ts'

/** Milliseconds between attempts at a homeserver that is away. */
const again = 1_000

/**
 * Asks until there is an answer, or it is too late, or it is asked for no more.
 *
 * @param until the moment after which no attempt begins; asked after each failure.
 * @param enough whether this failure is left as it is: asked of each when it comes, and again when the wait after it is over.
 */
export async function insist(
  homeserver: Homeserver,
  clock: Clock,
  ask: Ask,
  until: () => number,
  enough: (failure: Reply) => boolean = () => false,
): Promise<Reply> {
  for (;;) {
    const reply = await homeserver.ask(ask)
    if (reply.result === 'ok' || reply.result === 'refused') return reply
    const wait = reply.result === 'limited' ? reply.after : again
    if (enough(reply) || clock.now() + wait > until()) return reply
    await new Promise<void>((resolve) => clock.alarm(clock.now() + wait, resolve))
    if (enough(reply)) return reply
  }
}
