import type fc from 'fast-check'

/** How often a property is tried: 10^3, or 10^5 in the long suite. */
export const runs: fc.Parameters<unknown> = { numRuns: process.env.ONHOOK_LONG ? 100_000 : 1000 }

/** How long a property may take, in milliseconds. */
export const patience = process.env.ONHOOK_LONG ? 600_000 : 20_000
