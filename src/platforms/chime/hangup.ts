import type { Ending } from '../../call/ending.ts'
import type { Reason } from '../../call/input.ts'
import type { Leg } from '../../call/leg.ts'
import { type HangupCode, hangupCodeOf } from '../../dialects/chime/index.ts'

/** What a `Hangup` with this code means for the leg that it ends; each network says it in its own words. */
export function hangupReason(code: HangupCode, leg: Leg, status: 480 | 603): Reason {
  const answered = leg.state.name === 'answered'
  const said = { actor: 'app', detail: `Hangup with ${code}` } as const
  switch (code) {
    case 486:
      return { ...said, cause: 'busy', codes: { platform: code, sip: 486, q850: 17 } }
    case 480:
      return { ...said, cause: 'unavailable', codes: { platform: code, sip: 480, q850: answered ? 19 : 20 } }
    case 0:
      return { ...said, cause: 'hangup', codes: { platform: code, ...(answered ? {} : { sip: status }), q850: 16 } }
    default:
      return code satisfies never
  }
}

/**
 * `SipResponseCode` of the HANGUP event: what the handler hung up with, the final response of a callee that did not answer, 0
 * for whoever hung up, 480 for what failed.
 */
export function hangupCode(ending: Ending, leg: Leg): number {
  const { codes, cause, actor, phase } = ending
  if (actor === 'app' && typeof codes?.platform === 'number') return codes.platform
  const refused = leg.direction === 'out' && phase !== 'answered' && (actor === 'callee' || actor === 'network')
  if (refused && codes?.sip !== undefined && codes.sip >= 300) return codes.sip
  if (phase === 'answered' && (actor === 'caller' || actor === 'callee')) return 0
  return hangupCodeOf[cause]
}
