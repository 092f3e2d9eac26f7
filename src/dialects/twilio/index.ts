/** Twilio: final call statuses. */
export { type CallStatus, callStatuses, codec, heardStatuses, saidStatuses, type TwilioStatus } from './codec.ts'
