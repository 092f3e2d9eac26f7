import type { CallId } from '../../call/call.ts'
import type { Fault } from '../../dialects/dialect.ts'
import type { Clock, WebClient } from '../../switchboard/ports.ts'

/** Something that the app's author should know, and that ends no call. */
export type VobizWarning = Fault & Readonly<{ call: CallId }>

/** What the platform needs of the house. */
export type Means = Readonly<{
  web: WebClient
  clock: Clock
  /** The auth token of an account: the key that its webhooks are signed with. Undefined: they go unsigned. */
  tokenOf(account: string): string | undefined
  /** Twenty digits, new for each request. */
  nonce(): string
  onWarning(warning: VobizWarning): void
}>
