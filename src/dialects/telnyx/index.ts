/** Telnyx: `call.hangup` of Call Control, and TeXML's status callbacks. */
export { codec, type HangupCause, hangupCauses, heardCauses, saidCauses, type TelnyxHangup } from './codec.ts'
