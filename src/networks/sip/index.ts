/** SIP: legs over UDP and TCP, with sound from `media`. */
export { createSipNetwork } from './network.ts'
