import type { UacListener, UasListener } from '../../../src/sip/ua/facts.ts'
import { answer } from './words.ts'

export type Fact = readonly [name: string, ...details: unknown[]]

/** A listener that writes down what it hears; single callbacks can be replaced. */
export class Heard implements Required<UasListener>, Required<UacListener> {
  readonly facts: Fact[] = []

  get names(): string[] {
    return this.facts.map(([name]) => name)
  }

  fact(name: string): readonly unknown[] | undefined {
    return this.facts.find(([each]) => each === name)?.slice(1)
  }

  byeReceived: UasListener['byeReceived'] = (bye) => void this.facts.push(['byeReceived', bye.raw])
  lost: UasListener['lost'] = (why) => void this.facts.push(['lost', why])
  told: UasListener['told'] = (outcome) => void this.facts.push(['told', outcome])
  changed: Required<UasListener>['changed'] = () => void this.facts.push(['changed'])
  reoffered: Required<UasListener>['reoffered'] = (reoffer) => {
    this.facts.push(['reoffered', reoffer.method, reoffer.sdp])
    reoffer.accept(answer)
  }
  reofferSettled: Required<UasListener>['reofferSettled'] = (outcome) =>
    void this.facts.push(['reofferSettled', outcome])
  info: Required<UasListener>['info'] = (type, body) => void this.facts.push(['info', type, body])
  referred: Required<UasListener>['referred'] = (referral) => void this.facts.push(['referred', referral.target])
  cancelled: UasListener['cancelled'] = (cancel) => void this.facts.push(['cancelled', cancel.raw])
  expired: UasListener['expired'] = () => void this.facts.push(['expired'])
  acknowledged: UasListener['acknowledged'] = (sdp) => void this.facts.push(['acknowledged', sdp])
  ringing: Required<UacListener>['ringing'] = (p) => void this.facts.push(['ringing', p.tag])
  early: Required<UacListener>['early'] = (p) => void this.facts.push(['early', p.tag])
  progressed: Required<UacListener>['progressed'] = (p) => void this.facts.push(['progressed', p.status])
  forkEnded: Required<UacListener>['forkEnded'] = (p) => void this.facts.push(['forkEnded', p.tag])
  answered: UacListener['answered'] = (a) => void this.facts.push(['answered', a.tag])
  refused: UacListener['refused'] = (r) => void this.facts.push(['refused', r.status, r.raw])
  failed: UacListener['failed'] = (f) => void this.facts.push(['failed', f.kind])
}
