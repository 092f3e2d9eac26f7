import type { FillRandom } from '../../../src/sip/transaction/clock.ts'
import type { EndOrder } from '../../../src/sip/ua/facts.ts'

export const offer = 'v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
export const answer =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n'

/** The reasons that tell CANCEL, BYE and refusal apart. */
export const order: EndOrder = {
  refuse: { status: 486, reasons: [{ protocol: 'Q.850', cause: 17 }] },
  cancel: [{ protocol: 'Q.850', cause: 19 }],
  bye: [{ protocol: 'Q.850', cause: 16 }],
}

/** A small generator of known quality (mulberry32), so that a seed names a run. */
export function seeded(seed: number): FillRandom {
  let a = seed >>> 0
  return (view) => {
    for (let i = 0; i < view.length; i++) {
      a = (a + 0x6d2b79f5) >>> 0
      let t = Math.imul(a ^ (a >>> 15), 1 | a)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      view[i] = (t ^ (t >>> 14)) & 0xff
    }
  }
}
