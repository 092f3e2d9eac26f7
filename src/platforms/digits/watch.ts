import type { LegId } from '../../call/leg.ts'
import type { CallControl, Clock, Disarm } from '../../switchboard/ports.ts'
import { longestEntry } from './entry.ts'

/** Keys that are watched for beside everything else. Times are milliseconds. */
export type WatchRules = Readonly<{
  /** What is waited for; tested when no key has come for `interDigit`. */
  pattern: Readonly<{ test(digits: string): boolean }>
  interDigit: number
  /** Keys that fit nothing are handed over and forgotten when no key has come for so long, or when there are 128 of them. */
  flush: number
}>

export type Watched = Readonly<{ type: 'matched' | 'flushed'; digits: string }>

/**
 * Watches for keys in the background, again and again, until stopped, the signal fires or the leg ends.
 * @returns stops it; what was entered until then is forgotten. Idempotent.
 */
export function watchDigits(
  means: Readonly<{ control: CallControl; clock: Clock; leg: LegId }>,
  rules: WatchRules,
  tell: (watched: Watched) => void,
  signal?: AbortSignal,
): () => void {
  const { control, clock, leg } = means
  const signals = [control.signal, control.legSignal(leg), ...(signal === undefined ? [] : [signal])]
  if (signals.some(({ aborted }) => aborted)) return () => {}
  let digits = ''
  let disarm: Disarm | undefined

  const settle = (type: Watched['type']): void => {
    const entered = digits
    digits = ''
    tell({ type, digits: entered })
  }
  const paused = (): void => {
    if (rules.pattern.test(digits)) return settle('matched')
    disarm = clock.alarm(clock.now() + Math.max(0, rules.flush - rules.interDigit), () => settle('flushed'))
  }
  const unlisten = control.media(leg).onDigit((key) => {
    digits += key
    disarm?.()
    if (digits.length >= longestEntry) return settle('flushed')
    disarm = clock.alarm(clock.now() + rules.interDigit, paused)
  })
  const stop = (): void => {
    disarm?.()
    unlisten()
    for (const one of signals) one.removeEventListener('abort', stop)
  }
  for (const one of signals) one.addEventListener('abort', stop, { once: true })
  return stop
}

/** The first of these keys that the far end presses from now on; null when the signal fires or the leg ends before. */
export function pressed(
  means: Readonly<{ control: CallControl; leg: LegId }>,
  keys: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const { control, leg } = means
  const signals = [control.signal, control.legSignal(leg), ...(signal === undefined ? [] : [signal])]
  return new Promise((resolve) => {
    if (signals.some(({ aborted }) => aborted)) return resolve(null)
    const settle = (key: string | null): void => {
      unlisten()
      for (const one of signals) one.removeEventListener('abort', gone)
      resolve(key)
    }
    const gone = (): void => settle(null)
    const unlisten = control.media(leg).onDigit((key) => {
      if (keys.includes(key)) settle(key)
    })
    for (const one of signals) one.addEventListener('abort', gone, { once: true })
  })
}
