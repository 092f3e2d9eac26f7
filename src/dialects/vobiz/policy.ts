import type { Fault } from '../dialect.ts'

/** What a failed request is tried again for: could not connect, no answer in time, a status of that class. */
export const retryReasons = ['ct', 'rt', '4xx', '5xx'] as const
export type RetryReason = (typeof retryReasons)[number]

/** The keys are the vendor's own, as they stand in a URL's fragment. Milliseconds and counts. */
export type CallbackPolicy = Readonly<{
  /** Connect timeout, 100–10,000. */
  ct: number
  /** Read timeout, 100–40,000. */
  rt: number
  /** All attempts together, 100–55,000 where a URL says it. */
  tt: number
  /** Retries, 0–5. */
  rc: number
  rp: readonly RetryReason[]
}>

const ranges = {
  ct: [100, 10_000],
  rt: [100, 40_000],
  tt: [100, 55_000],
  rc: [0, 5],
} as const satisfies Record<string, readonly [number, number]>

/** Other keys that the vendor reads there, and that mean nothing here: the edge region. */
const ignored = new Set(['er'])

/**
 * Splits `https://host/path?q=1#ct=2000&rc=2&rp=ct,rt` into the URL that is requested and signed, and its policy.
 * What is unknown or out of range keeps its default and is a warning. A fragment without any `=` is an ordinary one.
 */
export function readPolicy(
  given: string,
  defaults: CallbackPolicy,
): Readonly<{ url: string; policy: CallbackPolicy; warnings: readonly Fault[] }> {
  const hash = given.indexOf('#')
  if (hash === -1) return { url: given, policy: defaults, warnings: [] }
  const url = given.slice(0, hash)
  const fragment = given.slice(hash + 1)
  if (!fragment.includes('=')) return { url, policy: defaults, warnings: [] }
  const policy: { -readonly [K in keyof CallbackPolicy]: CallbackPolicy[K] } = { ...defaults }
  const warnings: Fault[] = []
  const warn = (key: string, message: string, remedy: string) =>
    warnings.push({ code: 'vobiz.policy', place: `#${key}`, message, remedy })
  for (const [key, value] of new URLSearchParams(fragment)) {
    if (key === 'rp') {
      const reasons = readReasons(value)
      if (reasons === undefined) warn(key, `"${value}" is no retry policy`, 'ct, rt, 4xx, 5xx, or all')
      else policy.rp = reasons
    } else if (key === 'ct' || key === 'rt' || key === 'tt' || key === 'rc') {
      const [min, max] = ranges[key]
      const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN
      if (number >= min && number <= max) policy[key] = number
      else warn(key, `"${value}" is not between ${min} and ${max}: ${defaults[key]} is used`, `${min}–${max}`)
    } else if (!ignored.has(key)) warn(key, 'is not known in a callback policy', 'ct, rt, tt, rc, rp')
  }
  return { url, policy, warnings }
}

function readReasons(value: string): readonly RetryReason[] | undefined {
  const words = value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (words.length === 0) return undefined
  if (words.includes('all')) return retryReasons
  const unknown = words.some((word) => !(retryReasons as readonly string[]).includes(word))
  return unknown ? undefined : retryReasons.filter((reason) => words.includes(reason))
}
