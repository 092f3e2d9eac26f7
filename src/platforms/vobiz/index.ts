/** Vobiz and Plivo voice XML, run on real calls. */
export type { VobizApp } from './app.ts'
export type { VobizWarning } from './means.ts'
export { createVobizPlatform, type VobizPlatform, type VobizPlatformOptions } from './platform.ts'
