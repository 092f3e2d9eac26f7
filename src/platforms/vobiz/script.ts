import { firstLeg } from '../../call/call.ts'
import type { Fault } from '../../dialects/dialect.ts'
import { answerParams, type CallbackEvent, readPolicy } from '../../dialects/vobiz/index.ts'
import type { CallControl } from '../../switchboard/ports.ts'
import { over } from '../sleep.ts'
import { factsOf, type HttpMethod, profileOf, readApp, type VobizApp } from './app.ts'
import { type Failure, type Fetched, fetchDocument, invalid, readDocument, type UrlKind } from './fetch-document.ts'
import type { Means } from './means.ts'
import { Performance } from './performance.ts'

/** Documents that may follow one another by Redirect before the app is taken to run in a circle. */
const mostRedirects = 100
/** Milliseconds after which a caller whose app has not answered yet hears that it rings. */
const ringAfter = 500

/** Runs one call's documents, the first and those that it redirects to, until one of them, or anything else, ends it. */
export async function runScript(control: CallControl, means: Means): Promise<void> {
  const app = readApp(control.call().app.data)
  const script = new Script(control, app, means)
  try {
    await script.run()
  } catch (error) {
    // Verbs reject once the call is over; anything else must not leave it live.
    if (control.signal.aborted) return
    control.end({ cause: 'error', actor: 'platform', detail: error instanceof Error ? error.message : String(error) })
  }
}

class Script {
  readonly #control: CallControl
  readonly #app: VobizApp
  readonly #means: Means

  constructor(control: CallControl, app: VobizApp, means: Means) {
    this.#control = control
    this.#app = app
    this.#means = means
  }

  async run(): Promise<void> {
    await this.#begun()
    const warn = (fault: Fault) => this.#means.onWarning({ ...fault, call: this.#control.id })
    const performance = new Performance(this.#control, this.#app.compat, this.#means.clock, warn)
    for (const warning of this.#hangupPolicyWarnings) warn(warning)
    let fetched = await this.#first()
    for (let redirects = 0; ; redirects++) {
      if (fetched.type === 'over' || this.#control.signal.aborted) return
      if (fetched.type === 'failed') return this.#fail(fetched)
      for (const warning of fetched.warnings) warn(warning)
      const next = await performance.perform(fetched.document)
      if (next.type === 'over') return
      if (redirects >= mostRedirects) {
        return this.#fail(invalid('redirect', `more than ${mostRedirects} documents redirect to one another`))
      }
      fetched = await this.#ask('redirect', next.url, next.method, 'Redirect')
    }
  }

  /** The webhook itself is composed where nobody can be warned. */
  get #hangupPolicyWarnings(): readonly Fault[] {
    const { hangupUrl } = this.#app
    return hangupUrl === undefined ? [] : readPolicy(hangupUrl, profileOf(this.#app).policy.callback).warnings
  }

  /** The document of an outgoing call is asked for once it is answered. */
  async #begun(): Promise<void> {
    const { first } = this.#control.call()
    if (firstLeg(this.#control.call()).direction === 'in' || this.#answered) return
    await new Promise<void>((resolve) => {
      this.#control.onLeg(first, ({ type }) => {
        if (type === 'answered' || type === 'ended') resolve()
      })
      void over(this.#control.signal).then(resolve)
    })
  }

  get #answered(): boolean {
    return firstLeg(this.#control.call()).state.name === 'answered'
  }

  /** The fallback is asked once, whether the answer URL could not be reached or what it gave was no document. */
  async #first(): Promise<Fetched> {
    const { document, answerUrl, answerMethod, fallbackUrl, fallbackMethod } = this.#app
    const first =
      document !== undefined
        ? readDocument(document, 'answer', this.#app)
        : answerUrl !== undefined
          ? await this.#ask('answer', answerUrl, answerMethod, 'StartApp')
          : invalid('answer', 'the app has neither an answer URL nor a document')
    if (first.type !== 'failed' || fallbackUrl === undefined) return first
    const second = await this.#ask('answer', fallbackUrl, fallbackMethod, 'StartApp', true)
    if (second.type !== 'failed') return second
    return { ...second, detail: `${first.detail}; fallback: ${second.detail}` }
  }

  async #ask(kind: UrlKind, url: string, method: HttpMethod, event: CallbackEvent, once = false): Promise<Fetched> {
    const { clock } = this.#means
    const params = answerParams(
      factsOf(this.#control.call(), this.#app),
      event,
      this.#answered ? 'in-progress' : 'ringing',
    )
    const silence = clock.alarm(clock.now() + ringAfter, () => this.#ring())
    try {
      return await fetchDocument({ kind, url, method, params, once }, this.#app, this.#means, this.#control.signal)
    } finally {
      silence()
    }
  }

  #ring(): void {
    const leg = firstLeg(this.#control.call())
    if (leg.direction === 'in' && leg.state.name === 'offered') this.#control.ring(leg.id)
  }

  #fail({ cause, code, detail }: Failure): void {
    this.#control.end({ cause, actor: 'platform', detail, codes: { platform: code } })
  }
}
