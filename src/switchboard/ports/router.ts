import type { App } from '../../call/call.ts'
import type { Reason } from '../../call/input.ts'
import type { Offer } from './network.ts'

export interface Router {
  route(offer: Offer): Routing
}

/** Where a call goes. */
export type Routing =
  | Readonly<{ type: 'app'; app: App; limits?: Readonly<{ ringing?: number; duration?: number }> }>
  | Readonly<{ type: 'refuse'; reason: Reason }>
