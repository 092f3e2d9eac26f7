/** Vobiz and Plivo voice XML, run on real calls. */
export type { VobizWarning } from './means.ts'
export { createVobizPlatform } from './platform.ts'
