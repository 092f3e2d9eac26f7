/**
 * Test peers for voice apps, and for Onhook itself: a real SIP phone, its ladders, and a clock that tests own.
 *
 * ```ts
 * import { createPhone, ladderText } from 'onhook/testing'
 * ```
 */
export type { CallEnd, PhoneCallState } from './call-progress.ts'
export type { Sound } from './ear.ts'
export type { IncomingCall } from './incoming-call.ts'
export { ladderLine, ladderText, type Rung, rungsOf } from './ladder.ts'
export type { OutgoingCall } from './outgoing-call.ts'
export { type CallOptions, createPhone, type Phone, type PhoneOptions } from './phone.ts'
export type { PhoneCall } from './phone-call.ts'
export { PhoneError, type PhoneErrorCode, phoneErrorCodes } from './phone-error.ts'
export { summaryOf, type TraceEntry, wireText } from './trace.ts'
export { VirtualClock } from './virtual-clock.ts'
