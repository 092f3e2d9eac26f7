import type { Codec } from '../sdp/negotiated.ts'

/** A prompt ready to be sent: the whole of it in both laws, in memory that threads share. 16,000 bytes a second. */
export type Clip = Readonly<Record<Codec, Uint8Array>>
