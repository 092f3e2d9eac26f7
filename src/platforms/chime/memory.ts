import type { LegId } from '../../call/leg.ts'
import type { CallControl } from '../../switchboard/ports.ts'
import { type ChimeApp, readApp } from './app.ts'

/** What the call's row remembers of its app, and the one hand that changes it. */
export class Memory {
  readonly #control: CallControl
  #app: ChimeApp
  #joining: Promise<void> | undefined

  constructor(control: CallControl) {
    this.#control = control
    this.#app = readApp(control.call().app.data)
  }

  get app(): ChimeApp {
    return this.#app
  }

  change(change: Partial<ChimeApp>): Promise<void> {
    this.#app = { ...this.#app, ...change }
    return this.#control.remember(this.#app)
  }

  /** A leg that the function will be told of, from the next event on. */
  join(leg: LegId): void {
    const joining = this.change({ joined: [...this.#app.joined, leg] }).then(() => {
      if (this.#joining === joining) this.#joining = undefined
    })
    this.#joining = joining
  }

  /**
   * Undefined, or resolves once the disk knows every leg that has joined. Nothing that names a leg is told before: whoever
   * finds the call after a crash must know of whose hangup the function is to hear (P3).
   */
  get joining(): Promise<void> | undefined {
    return this.#joining
  }
}
