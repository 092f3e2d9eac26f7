import { randomInt } from 'node:crypto'
import type { App } from '../../call/call.ts'
import type { Clock, Delivery, Offer, Platform, WebClient } from '../../switchboard/ports.ts'
import { admitted } from './app.ts'
import type { Means, VobizWarning } from './means.ts'
import { signed } from './request.ts'
import { runScript } from './script.ts'
import { webhooks } from './webhooks.ts'

export type VobizPlatformOptions = Readonly<{
  web: WebClient
  clock: Clock
  /** The auth token of an account; the key of its signatures. Undefined: that account's requests go unsigned. */
  tokenOf(account: string): string | undefined
  /** Faults in documents and prompts that end no call. */
  onWarning?(warning: VobizWarning): void
  /** Twenty digits, new for each request; from the system's randomness by default. */
  nonce?(): string
}>

export type VobizPlatform = Platform &
  Readonly<{
    /** What the app's data gains from the offer of an incoming call. Pure. */
    admit(data: App['data'], offer: Offer): App['data']
  }>

/** Runs Vobiz and Plivo XML apps, and speaks to their webhooks. `App.data` is `VobizApp` of `app.ts`. */
export function createVobizPlatform(options: VobizPlatformOptions): VobizPlatform {
  const means: Means = {
    web: options.web,
    clock: options.clock,
    tokenOf: options.tokenOf,
    nonce: options.nonce ?? twentyDigits,
    onWarning: options.onWarning ?? (() => {}),
  }
  /** The configuration has changed since the webhook was composed: better unsigned than never. */
  function unsigned({ call, id }: Delivery, account: string): void {
    const message = `account ${account} is not in the configuration any more: webhook ${id} goes out unsigned`
    means.onWarning({ code: 'vobiz.unsigned', place: 'accounts', message, call })
  }
  return {
    name: 'vobiz',
    admit: admitted,
    run: (control) => runScript(control, means),
    deliveries: (notice, call, record) => webhooks(notice, call, record),
    sign: (delivery) => signed(delivery, delivery.url, means, (account) => unsigned(delivery, account)),
  }
}

function twentyDigits(): string {
  const half = () => String(randomInt(0, 10_000_000_000)).padStart(10, '0')
  return half() + half()
}
