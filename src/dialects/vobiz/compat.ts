import type { Fault } from '../dialect.ts'

/**
 * Where the sources disagree about this dialect, one behaviour is built and the other is a switch of this table.
 * docs/dialects/vobiz.md tells who says what. The first value of each is the default (`lenient`).
 */
export const compatSwitches = {
  /** A bare `<Hangup/>` that is the first element, on a call not yet answered: documented `rejected`, observed `normal`. */
  bareFirstHangup: { values: ['rejected', 'normal'], strict: 'rejected' },
  /** The same after a `<PreAnswer>` alone. */
  bareHangupAfterPreAnswer: { values: ['rejected', 'normal'], strict: 'rejected' },
  /** `<Response></Response>`: ends the call, or leaves it connected with no instructions. */
  emptyResponse: { values: ['end', 'stay'], strict: 'end' },
  /** `<Hangup schedule/>` with nothing after it: the call ends now, or waits for the timer. */
  scheduleLast: { values: ['end', 'wait'], strict: 'end' },
  /** `reason` beside `schedule`: the call ends with it, or as a plain scheduled hangup. */
  scheduledReason: { values: ['use', 'ignore'], strict: 'use' },
  /** Callbacks by POST: form-encoded, or JSON. */
  callbackBody: { values: ['form', 'json'], strict: 'form' },
  /** `CallStatus` in the hangup callback: one of the whole set, or always `completed`. */
  callStatus: { values: ['rich', 'completed'], strict: 'rich' },
  /** `HangupSource` where the called party hung up. */
  calleeSource: { values: ['Callee', 'Call recipient'], strict: 'Callee' },
  /** `HangupSource` where the REST API hung up. */
  apiSource: { values: ['API Request', 'API'], strict: 'API Request' },
  /** A 2xx without a body: an invalid document (8011), or an app that could not be reached (7011). */
  emptyBody: { values: ['invalid', 'unreachable'], strict: 'invalid' },
  /** A document served as HTML, plain text or JSON: invalid, or read all the same. */
  contentType: { values: ['check', 'ignore'], strict: 'check' },
  /** A `reason` other than `rejected` and `busy`: ignored with a warning, or the document is invalid. */
  invalidReason: { values: ['ignore', 'refuse'], strict: 'refuse' },
  /** `schedule` of zero or less: hang up now, or the document is invalid. */
  nonPositiveSchedule: { values: ['now', 'refuse'], strict: 'refuse' },
  /** Any other attribute value that the vendor does not document: its default with a warning, or invalid. */
  badValue: { values: ['default', 'refuse'], strict: 'refuse' },
  /** Text where an element takes none (never in `Hangup`, where it is always invalid): ignored with a warning, or invalid. */
  strayText: { values: ['ignore', 'refuse'], strict: 'refuse' },
} as const satisfies Record<string, { values: readonly string[]; strict: string }>

export type CompatSwitch = keyof typeof compatSwitches

export type Compat = { readonly [S in CompatSwitch]: (typeof compatSwitches)[S]['values'][number] }

export const compatModes = ['lenient', 'strict'] as const
export type CompatMode = (typeof compatModes)[number]

function preset(mode: CompatMode): Compat {
  const entries = Object.entries(compatSwitches).map(([name, { values, strict }]) => [
    name,
    mode === 'strict' ? strict : values[0],
  ])
  return Object.freeze(Object.fromEntries(entries)) as Compat
}

export const lenient: Compat = preset('lenient')
export const strict: Compat = preset('strict')

/**
 * Reads switches as the configuration gives them: `mode` chooses the preset, every other key overrides one switch.
 * Unknown names and values are warnings and change nothing.
 */
export function readCompat(given: Readonly<Record<string, unknown>>): { compat: Compat; warnings: readonly Fault[] } {
  const { mode } = given
  const base = mode === 'strict' ? strict : lenient
  const chosen: Record<string, string> = {}
  const warnings: Fault[] = []
  const warn = (place: string, message: string, choices: readonly string[]) =>
    warnings.push({ code: 'vobiz.compat', place, message, remedy: `one of: ${choices.join(', ')}` })
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(compatSwitches, name) ? compatSwitches[name as CompatSwitch] : undefined
    if (name === 'mode') {
      if (mode !== 'lenient' && mode !== 'strict') warn('mode', `${String(mode)} is no compatibility mode`, compatModes)
    } else if (known === undefined) {
      warn(name, `there is no compatibility switch "${name}"`, Object.keys(compatSwitches))
    } else if ((known.values as readonly unknown[]).includes(value)) {
      chosen[name] = value as string
    } else warn(name, `${String(value)} is no value of the switch "${name}"`, known.values)
  }
  return { compat: warnings.length === 0 && Object.keys(chosen).length === 0 ? base : { ...base, ...chosen }, warnings }
}
