import type { CallControl } from '../../switchboard/ports.ts'
import { type ChimeApp, readApp } from './app.ts'

/** What the call's row remembers of its app, and the one hand that changes it. */
export class Memory {
  readonly #control: CallControl
  #app: ChimeApp

  constructor(control: CallControl) {
    this.#control = control
    this.#app = readApp(control.call().app.data)
  }

  get app(): ChimeApp {
    return this.#app
  }

  change(change: Partial<ChimeApp>): void {
    this.#app = { ...this.#app, ...change }
    this.#control.remember(this.#app)
  }
}
