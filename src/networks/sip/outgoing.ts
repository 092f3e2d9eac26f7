import type { Input, Reason } from '../../call/input.ts'
import type { BranchId, LegId, View } from '../../call/leg.ts'
import type { Loss as MediaLoss } from '../../media/index.ts'
import type {
  Answer,
  Failure,
  Farewell,
  Loss,
  Provisional,
  Refusal,
  Reoffer,
  Told,
  UacListener,
  UacSession,
} from '../../sip/index.ts'
import type { LegHandle, Sent } from '../../switchboard/ports.ts'
import { type SipDesk, SipReporter } from './desk.ts'
import { answerReoffer } from './incoming.ts'
import { digitsOfInfo } from './info-digits.ts'
import { SipLegMedia } from './leg-media.ts'
import { byeHeard, failureHeard, orderFor, refusalHeard } from './words.ts'

/** One device to ring: how the library reaches it. The session exists, and can be stored, before its INVITE leaves. */
export type Place = Readonly<{
  branch: BranchId
  address: string
  session(listener: UacListener): UacSession
}>

const notHere: Sent = { message: null }

/** A leg that we dial: an INVITE to each device of the target. The first to answer is the leg. */
export class OutgoingLeg implements LegHandle {
  readonly media: SipLegMedia
  readonly reporter: SipReporter
  readonly #forks: Fork[]
  #winner: Fork | undefined
  #state: 'waiting' | 'offered' | 'over' = 'waiting'

  constructor(desk: SipDesk, leg: LegId, places: readonly Place[]) {
    this.reporter = new SipReporter(desk, leg)
    this.media = new SipLegMedia(desk, (loss: MediaLoss) => this.reporter.mediaLost(loss))
    this.#forks = places.map((place) => new Fork(this, place))
  }

  /** The call is durable: ring every device. */
  offer(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'offered'
    if (this.#forks.length === 0) {
      this.over({ cause: 'unavailable', actor: 'platform', detail: 'no device of the target is registered' })
      return
    }
    this.media.offer().then(
      (sdp) => {
        if (this.#state !== 'offered') return
        for (const fork of this.#forks) {
          this.report({
            type: 'branch-offered',
            at: this.now,
            leg: this.leg,
            branch: fork.branch,
            address: fork.address,
          })
        }
        for (const fork of this.#forks) fork.invite(sdp)
      },
      () => {
        // A leg that ended while ports were sought has none for that reason: no fact about it.
        if (this.#state !== 'offered') return
        this.over({ cause: 'congestion', actor: 'platform', detail: 'no media port is free' })
      },
    )
  }

  get leg(): LegId {
    return this.reporter.leg
  }

  get now(): number {
    return this.reporter.now
  }

  report(input: Input): void {
    this.reporter.report(input)
  }

  /** Heard from a device, or of all of them: nobody need be told of it but those who wait still. */
  over(reason: Reason): void {
    const heard = this.#forks.some((fork) => fork.waits) ? {} : ({ heard: 'wire' } as const)
    this.report({ type: 'end', at: this.now, leg: this.leg, reason, ...heard })
  }

  /** A device answered. If another one has, or the leg is over, this one is told so by the heart or by `tell`. */
  answered(fork: Fork, sdp: string | undefined): void {
    if (this.#winner !== undefined || this.#state === 'over') return
    this.#winner = fork
    this.media.watch()
    const failure = this.media.conclude(sdp)
    this.report({ type: 'answered', at: this.now, leg: this.leg, branch: fork.branch })
    if (failure === undefined) return
    const reason = { cause: 'incompatible', actor: 'platform', detail: failure.detail } as const
    this.report({ type: 'end', at: this.now, leg: this.leg, reason })
  }

  // -------------------------------------------------------------- what the heart asks

  ring(): void {}

  async early(): Promise<void> {}

  async answer(): Promise<void> {}

  /** Tells the device that answered, or every one that still rings. */
  tell(view: View): Sent {
    this.#state = 'over'
    if (this.#winner?.waits === true) return this.#winner.end(view)
    let first: Sent | undefined
    for (const fork of this.#forks) {
      const sent = fork.end(view)
      if (sent.message !== null) first ??= sent
    }
    this.settleTelling()
    return first ?? notHere
  }

  tellBranch(branch: BranchId, view: View): Sent {
    return this.#forks.find((fork) => fork.branch === branch)?.end(view) ?? notHere
  }

  /** The leg is told once all of its devices are: as well as the one that answered, unless that left by itself; else as the worst of them. */
  settleTelling(): void {
    if (this.#state !== 'over') return
    const outcomes: Told[] = []
    for (const fork of this.#forks) {
      // Also one that lost: should we die now, its CANCEL is to be said again.
      if (fork.telling === 'awaited') return
      const counts = this.#winner === undefined || this.#winner.telling === 'unneeded' || fork === this.#winner
      if (counts && fork.telling !== 'unneeded') outcomes.push(fork.telling)
    }
    const worst = outcomes.includes('unconfirmed')
      ? 'unconfirmed'
      : outcomes.includes('delivered')
        ? 'delivered'
        : 'local-only'
    this.reporter.told(worst)
  }

  stopMedia(): void {
    this.media.close()
  }

  /** What must be known after a crash: of each device that rings, or of the one that answered. */
  wire(): unknown {
    const winner = this.#winner
    // A loser that has not confirmed its CANCEL may still ring, or have answered.
    const matters = (fork: Fork) =>
      fork.telling === 'awaited' || (fork.telling === 'unneeded' && (winner === undefined || fork === winner))
    const forks = this.#forks.filter(matters)
    return forks.map((fork) => ({ branch: fork.branch, session: fork.snapshot() }))
  }

  release(): void {
    this.media.close()
    for (const fork of this.#forks) fork.release()
  }
}

/** One device's INVITE. */
class Fork implements UacListener {
  readonly branch: BranchId
  readonly address: string
  telling: 'unneeded' | 'awaited' | Told = 'unneeded'
  readonly #leg: OutgoingLeg
  readonly #session: UacSession
  #answered: 'no' | 'yes' = 'no'
  #invited: 'no' | 'yes' | 'over' = 'no'

  constructor(leg: OutgoingLeg, place: Place) {
    this.#leg = leg
    this.branch = place.branch
    this.address = place.address
    this.#session = place.session(this)
  }

  invite(sdp: string): void {
    // The heart may have ended this device while the one before it was being invited.
    if (this.#invited !== 'no') return
    this.#invited = 'yes'
    this.#session.send(sdp)
  }

  /** It rings or talks, or has not confirmed that this is over. */
  get waits(): boolean {
    return this.#invited === 'yes' || this.telling === 'awaited'
  }

  snapshot(): unknown {
    return this.#session.snapshot()
  }

  end(view: View): Sent {
    if (this.#invited !== 'yes') {
      this.release()
      return notHere
    }
    this.#invited = 'over'
    this.telling = 'awaited'
    const { message, reason } = this.#session.end(orderFor(view))
    return { message, ...(reason === undefined ? {} : { reason }) }
  }

  /** A device that was never invited is forgotten by the library too, which has known it since it was prepared. */
  release(): void {
    if (this.#invited !== 'no') return
    this.#invited = 'over'
    this.#session.cancel([])
  }

  told(outcome: Told): void {
    if (this.telling !== 'awaited') return
    this.telling = outcome
    this.#leg.settleTelling()
  }

  ringing({ sdp }: Provisional): void {
    this.#leg.report({ type: 'ringing', at: this.#leg.now, leg: this.#leg.leg, branch: this.branch })
    if (sdp !== undefined) this.early(sdp)
  }

  early(progress: Provisional | string): void {
    const sdp = typeof progress === 'string' ? progress : progress.sdp
    if (sdp !== undefined) this.#leg.media.accept(sdp)
    this.#leg.report({ type: 'early', at: this.#leg.now, leg: this.#leg.leg, branch: this.branch })
  }

  answered({ sdp }: Answer): void {
    this.#answered = 'yes'
    this.#leg.answered(this, sdp)
  }

  refused(refusal: Refusal): void {
    this.#out(refusalHeard(refusal), refusal.status >= 600 ? 'leg' : 'branch')
  }

  failed(failure: Failure): void {
    this.#out(failureHeard(failure), 'branch')
  }

  #out(reason: Reason, speaksFor: 'branch' | 'leg'): void {
    this.#invited = 'over'
    this.#leg.report({
      type: 'branch-ended',
      at: this.#leg.now,
      leg: this.#leg.leg,
      branch: this.branch,
      reason,
      speaksFor,
    })
  }

  byeReceived(bye: Farewell): void {
    this.#invited = 'over'
    this.#leg.over(byeHeard(bye, this.#answered === 'yes'))
  }

  lost(why: Loss): void {
    this.#leg.reporter.lost(why)
  }

  /** The device that answered is acknowledged when its answer is on disk: after a crash it would never hear of its end. */
  changed(): void {
    void this.#leg.reporter.changed().then(() => this.#session.acknowledge())
  }

  reoffered(offer: Reoffer): void {
    answerReoffer(this.#leg.media, offer)
  }

  info(type: string, body: string): void {
    for (const digit of digitsOfInfo(type, body)) this.#leg.media.heard(digit)
  }
}
