import type { App, Call } from '../../call/call.ts'
import type { Notice } from '../../call/effect.ts'
import type { CallRecord } from '../../call/record.ts'
import type { CallControl } from './call-control.ts'
import type { Delivery, DeliverySeed } from './delivery.ts'
import type { Ids } from './ids.ts'
import type { Offer } from './network.ts'

/** A vendor's call-control contract that we run: the customer's instructions, and the customer's webhooks. */
export interface Platform {
  readonly name: string
  /** When the script of a call that is placed begins to run: at once, or (absent) at the answer. */
  readonly begins?: 'placed'
  /** What the app remembers of an incoming call's offer (headers, names). Pure; absent: nothing. */
  admit?(data: App['data'], offer: Offer): App['data']
  /** Runs the customer's instructions until they are done or the call ends. Never rejects. */
  run(control: CallControl): Promise<void>
  /** The webhooks that a notice causes. Pure: also called at recovery, for calls whose script died with the process. */
  deliveries(notice: Notice, call: Call, record: CallRecord | undefined, ids: Ids): readonly DeliverySeed[]
  /** Headers that must be made anew for each attempt (signatures, nonces). */
  sign?(delivery: Delivery): Readonly<Record<string, string>>
}
