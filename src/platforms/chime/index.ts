/** Amazon Chime SDK SIP media applications, run on real calls. */
export { awsLimits, type ChimeWarning, type Limits } from './means.ts'
export { createChimePlatform } from './platform.ts'
