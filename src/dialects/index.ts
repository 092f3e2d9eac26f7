import type { Dialect } from '../call/ending.ts'
import { codec as bandwidth } from './bandwidth/codec.ts'
import { codec as chime } from './chime/codec.ts'
import type { EndingCodec } from './dialect.ts'
import { codec as matrix } from './matrix/codec.ts'
import { plivoProfile } from './plivo/profile.ts'
import { codec as sip } from './sip/codec.ts'
import { hangupCodec, codec as vobiz } from './vobiz/codec.ts'
import { codec as whatsapp } from './whatsapp/codec.ts'

// The folders' own index files reach signatures, and with them Node's crypto; codecs alone run in a browser.
const plivo = hangupCodec(plivoProfile)

/** Every dialect's codec, by name. */
export const codecs = { sip, matrix, whatsapp, chime, bandwidth, vobiz, plivo } as const satisfies Readonly<
  Partial<Record<Dialect, EndingCodec>>
>

/** What a dialect's codec writes. */
export type WireOf<D extends Dialect> = D extends keyof typeof codecs
  ? (typeof codecs)[D] extends EndingCodec<infer W>
    ? W
    : never
  : unknown

export function codecOf(dialect: Dialect): EndingCodec {
  return (codecs as Readonly<Record<string, EndingCodec>>)[dialect] as EndingCodec
}

export function isDialect(name: unknown): name is Dialect {
  return typeof name === 'string' && Object.hasOwn(codecs, name)
}
