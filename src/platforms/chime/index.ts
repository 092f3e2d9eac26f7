/** Amazon Chime SDK SIP media applications, run on real calls. */
export { KeptRecordings } from './actions/kept.ts'
export { leftIn } from './actions/scratch.ts'
export { forbiddenHeader } from './app.ts'
export { callDetailRecords } from './cdr.ts'
export { renumbered } from './last-words.ts'
export { awsLimits, type ChimeWarning, type Limits, type Outside } from './means.ts'
export { type ChimePlatform, createChimePlatform } from './platform.ts'
