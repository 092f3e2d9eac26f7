/** SIP: legs over UDP and TCP, with sound from `media`. */
export { createSipNetwork, type SipNetwork } from './network.ts'
export type { SipNetworkOptions, SipSettings, SipTrunk } from './settings.ts'
