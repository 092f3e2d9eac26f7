/** Logs as JSON lines. Secrets and full numbers never reach one. */
import { type DestinationStream, type LogFn, type Logger, type LoggerOptions, pino } from 'pino'
import type { LogLevel } from '../config/config.ts'

const secretKeys = new Set([
  'token',
  'tokens',
  'password',
  'authtoken',
  'secret',
  'authorization',
  'proxy-authorization',
  'cookie',
  'credentials',
  'nonce',
  'cnonce',
  'response',
])

/** How deep objects are looked through; what lies deeper is left out. */
const deepest = 6

export function createLogger(options: { level: LogLevel; destination?: DestinationStream }): Logger {
  const settings: LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (object: Record<string, unknown>) => masked(object, 0) as Record<string, unknown>,
    },
    // Errors are written out by `masked` already.
    serializers: { err: (value: unknown) => value },
    hooks: {
      logMethod(args, method) {
        method.apply(this, maskedMessage(args))
      },
    },
  }
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination)
}

/** Masks the message; also the one that pino would take from an error that is logged without any. */
function maskedMessage(args: Parameters<LogFn>): Parameters<LogFn> {
  const [first, ...rest] = args as [unknown, ...unknown[]]
  const error = first instanceof Error ? first : (first as { err?: unknown } | null)?.err
  if (rest.length === 0 && error instanceof Error) rest.push(error.message)
  return [first, ...rest].map((one) => (typeof one === 'string' ? maskText(one) : one)) as typeof args
}

/** `+15551234567` → `+155*****67`: enough to recognise, not enough to call. */
export function maskNumber(number: string): string {
  const plus = number.startsWith('+') ? '+' : ''
  const digits = number.slice(plus.length)
  if (digits.length < 7) return number
  return `${plus}${digits.slice(0, 3)}${'*'.repeat(digits.length - 5)}${digits.slice(-2)}`
}

/**
 * Masks what may be a telephone number in a text: seven or more digits in a row, with or without a plus, that are
 * not part of a longer word (identifiers, hashes, times with a fraction).
 */
export function maskText(text: string): string {
  return text.replace(/(?<![\w.-])\+?\d{7,15}(?![\w-])(?!\.\d)/g, maskNumber)
}

function masked(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return maskedError(value)
  if (depth >= deepest) return '[deep]'
  if (Array.isArray(value)) return value.map((inner) => masked(inner, depth + 1))
  if ('toJSON' in value && typeof value.toJSON === 'function') return masked(value.toJSON(), depth + 1)
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    result[key] = secretKeys.has(key.toLowerCase()) ? '[secret]' : masked(inner, depth + 1)
  }
  return result
}

/** One of ours that says what mends it needs no stack: it is about the world outside, not about our lines. */
function maskedError(error: Error): Record<string, unknown> {
  const { code, remedy } = error as { code?: unknown; remedy?: unknown }
  return {
    type: error.name,
    message: maskText(error.message),
    ...(typeof code === 'string' && { code }),
    ...(typeof remedy === 'string' ? { remedy } : { stack: maskText(error.stack ?? '') }),
  }
}
