/** What a client reads when a talk is ended for that cause. */
export const told = [
  { cause: 'hangup', reason: 'user_hangup' },
  { cause: 'capture-failed', reason: 'user_media_failed' },
  { cause: 'error', reason: 'unknown_error' },
  { cause: 'media-failed', reason: 'ice_failed' },
  { cause: 'media-lost', reason: 'ice_timeout' },
  { cause: 'busy', reason: 'user_busy' },
] as const
