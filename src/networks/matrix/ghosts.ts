import { type Ask, type Homeserver, part, type Reply } from './homeserver.ts'
import type { GhostNames } from './names.ts'

export type GhostsOptions = Readonly<{
  homeserver: Homeserver
  names: GhostNames
  /** Asks until there is an answer. */
  insist(ask: Ask): Promise<Reply>
  /** There is one now: to be remembered. */
  made(ghost: string): void
}>

/** The users whom the homeserver has registered for our numbers. */
export class Ghosts {
  readonly #options: GhostsOptions
  readonly #registered = new Map<string, Promise<boolean>>()

  constructor(options: GhostsOptions) {
    this.#options = options
  }

  /** One that an earlier life made. */
  restore(ghost: string): void {
    this.#registered.set(ghost, Promise.resolve(true))
  }

  /**
   * Makes it where there is none yet.
   *
   * @param name what people see; its number, if nothing is said.
   * @returns whether the homeserver has it.
   */
  exists(ghost: string, name = this.#options.names.numberOf(ghost) ?? ghost): Promise<boolean> {
    let made = this.#registered.get(ghost)
    if (made === undefined) {
      made = this.#register(ghost, name)
      this.#registered.set(ghost, made)
      void made.then((ok) => {
        if (ok) this.#options.made(ghost)
        else this.#registered.delete(ghost)
      })
    }
    return made
  }

  async #register(ghost: string, name: string): Promise<boolean> {
    const { homeserver, insist } = this.#options
    const username = ghost.slice(1, ghost.indexOf(':'))
    const body = { type: 'm.login.application_service', username, inhibit_login: true }
    const reply = await insist({ method: 'POST', path: '/_matrix/client/v3/register', body })
    const there = reply.result === 'ok' || (reply.result === 'refused' && reply.code === 'M_USER_IN_USE')
    if (!there) return false
    const path = `/_matrix/client/v3/profile/${part(ghost)}/displayname`
    // A name is nice to have: nobody waits for it.
    void homeserver.ask({ method: 'PUT', path, as: ghost, body: { displayname: name } })
    return true
  }
}
