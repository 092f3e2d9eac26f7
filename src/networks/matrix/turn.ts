import type { IceServer } from '../../media/index.ts'
import type { Clock, Disarm } from '../../switchboard/ports.ts'
import type { Homeserver } from './homeserver.ts'

/** Milliseconds until the next question where the last one brought nothing. */
const retry = { unreachable: 30_000, none: 3_600_000 } as const
/** The same where it brought credentials: whatever they live, an operator's new secret is heard of within the hour. */
const renewal = { soonest: 5_000, latest: 3_600_000 } as const

/**
 * The homeserver's TURN servers, asked ahead of time and again before their credentials expire: a call takes what is
 * known when it begins, and waits for nothing.
 */
export class TurnServers {
  readonly #homeserver: Homeserver
  readonly #clock: Clock
  #servers: readonly IceServer[] = []
  #until = 0
  #disarm: Disarm | undefined
  #state: 'running' | 'stopped' = 'stopped'

  constructor(homeserver: Homeserver, clock: Clock) {
    this.#homeserver = homeserver
    this.#clock = clock
  }

  get servers(): readonly IceServer[] {
    return this.#clock.now() < this.#until ? this.#servers : []
  }

  /** The application service's own user asks. Resolves once the first answer, or none, has come. */
  async start(): Promise<void> {
    this.#state = 'running'
    await this.#ask()
  }

  async #ask(): Promise<void> {
    const reply = await this.#homeserver.ask({
      method: 'GET',
      path: '/_matrix/client/v3/voip/turnServer',
      timeout: 5_000,
    })
    if (this.#state === 'stopped') return
    const now = this.#clock.now()
    let after: number = retry.unreachable
    if (reply.result === 'ok') {
      const { uris, username, password, ttl } = reply.body
      const urls = Array.isArray(uris) ? uris.filter((uri): uri is string => typeof uri === 'string') : []
      const lives = typeof ttl === 'number' && ttl > 0 ? ttl * 1000 : 0
      after = retry.none
      if (urls.length > 0 && lives > 0) {
        this.#servers = [
          {
            urls,
            ...(typeof username === 'string' ? { username } : {}),
            ...(typeof password === 'string' ? { credential: password } : {}),
          },
        ]
        this.#until = now + lives
        after = Math.min(Math.max(renewal.soonest, lives * 0.9), renewal.latest)
      }
    } else if (reply.result === 'limited') after = Math.max(reply.after, 1_000)
    // 403, 404: it has none for us. Asking again changes that seldom.
    else if (reply.result === 'refused') after = retry.none
    this.#disarm = this.#clock.alarm(now + after, () => void this.#ask())
  }

  stop(): void {
    this.#state = 'stopped'
    this.#disarm?.()
  }
}
