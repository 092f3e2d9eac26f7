import type { Media } from '../../media/index.ts'
import type { Loss } from '../../sip/index.ts'
import { type Desk, Reporter } from '../reporter.ts'

/** What every leg of the SIP network needs: where facts go, where sound comes from, what time it is. */
export type SipDesk = Desk &
  Readonly<{
    media: Media
    /** Address in our session descriptions. */
    mediaAddress: string
  }>

export class SipReporter extends Reporter {
  /** An answered call that cannot live on (RFC 3261 §13.3.1.4, RFC 4028, RFC 5057). */
  lost(why: Loss): void {
    const cause = why === 'dialog-gone' ? 'peer-gone' : why
    this.report({ type: 'end', at: this.now, leg: this.leg, reason: { cause, actor: 'network' } })
  }
}
