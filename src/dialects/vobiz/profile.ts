import { type ElementName, type ElementSpec, vobizElements } from './elements.ts'
import type { CallbackPolicy } from './policy.ts'

/** All in which the two vendors of this dialect differ, as data. */
export type Profile = Readonly<{
  name: 'vobiz' | 'plivo'
  /** How the vendor names itself in `HangupSource`. */
  source: 'Vobiz' | 'Plivo'
  /** Custom SIP headers reach the app, and leave with a dialled leg, under this prefix. */
  headerPrefix: string
  /** Children of `<Response>`. */
  response: readonly ElementName[]
  /** Elements of the other vendor that are read all the same, and what they stand for here. */
  aliases: Readonly<Partial<Record<ElementName, ElementName>>>
  elements: Readonly<Record<ElementName, ElementSpec>>
  /** Defaults that the fragment of a URL overrides. `document`: URLs whose answer is run while somebody waits. */
  policy: Readonly<{ document: CallbackPolicy; callback: CallbackPolicy }>
}>

export const vobizProfile: Profile = {
  name: 'vobiz',
  source: 'Vobiz',
  headerPrefix: 'X-VH-',
  response: [
    'Dial',
    'Speak',
    'Play',
    'Record',
    'Gather',
    'Hangup',
    'Redirect',
    'Wait',
    'Conference',
    'PreAnswer',
    'DTMF',
    'Stream',
  ],
  aliases: { GetDigits: 'Gather', GetInput: 'Gather' },
  elements: vobizElements,
  // Ten seconds for an answer URL, three for a callback, up to three retries of whatever is not a 200, the fallback
  // after a minute at the latest. While a caller waits, a request that the app may have received is not repeated, nor
  // one that it refused: URLs that want this say so in their fragment.
  policy: {
    document: { ct: 3000, rt: 10_000, tt: 60_000, rc: 3, rp: ['ct', '5xx'] },
    callback: { ct: 3000, rt: 3000, tt: 55_000, rc: 3, rp: ['ct', 'rt', '4xx', '5xx'] },
  },
}
