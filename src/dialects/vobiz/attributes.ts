import type { Compat } from './compat.ts'
import { type AttributeSpec, type ElementName, longestSchedule } from './elements.ts'

/** What became of one attribute: its value, or why it is not used, or why the document is invalid. */
export type AttributeReading =
  | Readonly<{ value: string | number | boolean }>
  | Readonly<{ ignored: string }>
  | Readonly<{ refused: string }>

/** Reads one attribute by its rule. Case matters in words; blanks around numbers do not. */
export function readAttribute(
  element: ElementName,
  name: string,
  spec: AttributeSpec,
  raw: string,
  compat: Compat,
): AttributeReading {
  if (element === 'Hangup') return name === 'schedule' ? readSchedule(raw, compat) : readReason(raw, compat)
  switch (spec.type) {
    case 'integer': {
      const number = readInteger(raw)
      // A number that is none has always made the whole document invalid.
      if (number === undefined) return { refused: `${name}="${raw}" is no whole number` }
      if (number >= spec.min && number <= spec.max) return { value: number }
      const message = `${name}="${raw}" is not between ${spec.min} and ${spec.max}`
      return spec.outside === 'refuse' ? { refused: message } : unusable(message, compat)
    }
    case 'integer-or-word': {
      if (spec.words.includes(raw)) return { value: raw }
      const number = readInteger(raw)
      if (number !== undefined && number >= spec.min && number <= spec.max) return { value: number }
      return unusable(`${name}="${raw}" is neither ${spec.words.join(', ')} nor ${spec.min} to ${spec.max}`, compat)
    }
    case 'boolean': {
      if (raw === 'true' || raw === 'false') return { value: raw === 'true' }
      // Builders that print their language's own booleans write True and False.
      if (compat.badValue === 'default' && /^(true|false)$/i.test(raw)) return { value: raw.toLowerCase() === 'true' }
      return unusable(`${name}="${raw}" is neither true nor false`, compat)
    }
    case 'word':
      return spec.values.includes(raw)
        ? { value: raw }
        : unusable(`${name}="${raw}" is not one of ${spec.values.join(', ')}`, compat)
    case 'url':
    case 'method':
    case 'text':
      return { value: raw }
    default:
      return spec satisfies never
  }
}

function unusable(message: string, compat: Compat): AttributeReading {
  return compat.badValue === 'refuse' ? { refused: message } : { ignored: `${message}: it is ignored` }
}

function readReason(raw: string, compat: Compat): AttributeReading {
  if (raw === 'rejected' || raw === 'busy') return { value: raw }
  const message = `reason="${raw}" is neither rejected nor busy`
  return compat.invalidReason === 'refuse' ? { refused: message } : { ignored: `${message}: it is ignored` }
}

/**
 * What is no number must never become an element that does nothing: the call would not end. The old framework skipped
 * it silently; here the document is invalid in every mode. Zero and less have always meant now.
 */
function readSchedule(raw: string, compat: Compat): AttributeReading {
  const seconds = readInteger(raw)
  if (seconds === undefined) return { refused: `schedule="${raw}" is no whole number of seconds` }
  if (seconds > longestSchedule) return { refused: `schedule="${raw}" is more than a day (${longestSchedule})` }
  if (seconds > 0) return { value: seconds }
  const message = `schedule="${raw}" is not above zero`
  return compat.nonPositiveSchedule === 'refuse' ? { refused: message } : { ignored: `${message}: the call ends now` }
}

function readInteger(raw: string): number | undefined {
  const digits = raw.trim()
  return /^[+-]?\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
