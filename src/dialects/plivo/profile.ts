import { type ElementSpec, vobizElements } from '../vobiz/elements.ts'
import type { Profile } from '../vobiz/profile.ts'

const prompts = ['Speak', 'Play', 'Wait'] as const

/** Replaces some of an element's attributes; null removes one. */
function vary(
  base: ElementSpec,
  attributes: Readonly<Record<string, ElementSpec['attributes'][string] | null>>,
): ElementSpec {
  const kept = { ...base.attributes, ...attributes }
  return {
    ...base,
    attributes: Object.fromEntries(
      Object.entries(kept).filter((entry) => entry[1] !== null),
    ) as ElementSpec['attributes'],
  }
}

/** Plivo: where its elements, defaults and callback rules are not Vobiz's. */
export const plivoProfile: Profile = {
  name: 'plivo',
  source: 'Plivo',
  headerPrefix: 'X-PH-',
  response: [
    'Speak',
    'Play',
    'GetDigits',
    'GetInput',
    'Record',
    'Dial',
    'Message',
    'Redirect',
    'Wait',
    'Hangup',
    'PreAnswer',
    'Conference',
    'DTMF',
    'MultiPartyCall',
    'Stream',
  ],
  aliases: {},
  elements: {
    ...vobizElements,
    // The default of minSilence is not published; both spellings come out of the vendor's own builder.
    Wait: vary(vobizElements.Wait, { min_silence: { type: 'integer', min: 0, max: 2_147_483_647 } }),
    // Documented are Speak, Play and Wait; the vendor's own builder writes the others too.
    PreAnswer: { ...vobizElements.PreAnswer, children: [...prompts, 'GetDigits', 'Redirect', 'Message', 'DTMF'] },
    User: vary(vobizElements.User, { sipAuthUsername: { type: 'text' }, sipAuthPassword: { type: 'text' } }),
    Record: vary(vobizElements.Record, {
      redirect: { type: 'boolean', default: true },
      timeout: { type: 'integer', min: 0, max: 2_147_483_647, default: 15 },
      finishOnKey: { type: 'text', default: '#' },
      recordChannelType: { type: 'text' },
    }),
    Conference: vary(vobizElements.Conference, {
      stayAlone: { type: 'boolean', default: true },
      maxParticipants: null,
      maxMembers: { type: 'integer', min: 1, max: 20 },
      floorEvent: { type: 'boolean', default: false },
      recordWhenAlone: { type: 'boolean', default: true },
      waitSound: { type: 'url' },
      transcriptionType: { type: 'text' },
      transcriptionUrl: { type: 'url' },
      transcriptionMethod: { type: 'method', default: 'POST' },
    }),
    DTMF: { ...vary(vobizElements.DTMF, { digits: { type: 'text' } }), text: 'optional' },
    Stream: vary(vobizElements.Stream, { maxRetries: null }),
  },
  // voice/concepts/callback-configurations: the defaults of the URL fragment's keys.
  policy: {
    document: { ct: 2000, rt: 40_000, tt: 55_000, rc: 1, rp: ['ct', 'rt'] },
    callback: { ct: 2000, rt: 40_000, tt: 55_000, rc: 1, rp: ['ct', 'rt'] },
  },
}
