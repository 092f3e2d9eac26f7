import type { Dialect } from '../call/ending.ts'
import { codec as bandwidth } from './bandwidth/codec.ts'
import { codec as chime } from './chime/codec.ts'
import type { EndingCodec } from './dialect.ts'
import { codec as matrix } from './matrix/codec.ts'
import { plivoProfile } from './plivo/profile.ts'
import { codec as signalwire } from './signalwire/codec.ts'
import { codec as sip } from './sip/codec.ts'
import { codec as telnyx } from './telnyx/codec.ts'
import { codec as twilio } from './twilio/codec.ts'
import { hangupCodec, codec as vobiz } from './vobiz/codec.ts'
import { codec as vonage } from './vonage/codec.ts'
import { codec as whatsapp } from './whatsapp/codec.ts'
import { codec as cloud } from './whatsapp-cloud/codec.ts'

// The folders' own index files reach signatures, and with them Node's crypto; codecs alone run in a browser.
const plivo = hangupCodec(plivoProfile)

/** Every dialect's codec, by name. */
export const codecs = {
  sip,
  matrix,
  whatsapp,
  chime,
  bandwidth,
  vobiz,
  plivo,
  twilio,
  telnyx,
  vonage,
  signalwire,
  'whatsapp-cloud': cloud,
} as const satisfies Readonly<Record<Dialect, EndingCodec>>

/** What a dialect's codec writes. */
export type WireOf<D extends Dialect> = (typeof codecs)[D] extends EndingCodec<infer W> ? W : never

export function codecOf(dialect: Dialect): EndingCodec {
  return codecs[dialect] as EndingCodec
}

export function isDialect(name: unknown): name is Dialect {
  return typeof name === 'string' && Object.hasOwn(codecs, name)
}
