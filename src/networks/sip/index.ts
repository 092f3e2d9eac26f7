/** SIP: legs over UDP and TCP, with sound from `media`. */
export { createSipNetwork, type SipNetwork } from './network.ts'
