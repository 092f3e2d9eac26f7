/** Keys that one entry may have where nobody says how many. */
export const longestEntry = 128

/** What a caller may enter, and how long it may take. Times are milliseconds; one that is absent is no limit. */
export type EntryRules = Readonly<{
  /** Fewer keys do not fit; 0 by default. */
  min?: number
  /** So many keys end the entry; 128 by default: nobody types more, and no pattern shall have to read more. */
  max?: number
  /** Each of these keys ends the entry and is no part of it. */
  terminators?: string
  /** Keys that count, beside the terminators; others are passed over. All by default. */
  keys?: string
  /** What the entry must look like to fit. A RegExp will do. */
  pattern?: Readonly<{ test(digits: string): boolean }>
  /** Whether an entry that fits the pattern ends at once, without waiting for more; `end` by default. */
  match?: 'at-once' | 'end'
  /** From the end of the prompts to the first key. */
  firstDigit?: number
  /** From one key to the next. */
  interDigit?: number
  /** From the end of the prompts, or the key that cut them off, to the end of the entry. */
  whole?: number
}>

/**
 * How an entry ended. `fits`: it keeps to `min` and `pattern`. A time that ran out before the first key never fits; a
 * terminator before the first key may.
 */
export type Entered =
  /** Only with `match: 'at-once'`. */
  | Readonly<{ type: 'matched'; digits: string; fits: true }>
  | Readonly<{ type: 'terminated'; digits: string; fits: boolean; terminator: string }>
  | Readonly<{ type: 'max-reached'; digits: string; fits: boolean }>
  | Readonly<{ type: 'timed-out'; digits: string; fits: boolean }>
  /** By the signal, or because the leg ended. */
  | Readonly<{ type: 'aborted'; digits: string; fits: false }>

export type EntryState =
  /** Prompts are heard: no time runs. */
  | Readonly<{ name: 'prompting' }>
  | Readonly<{ name: 'waiting' }>
  | Readonly<{ name: 'entering'; digits: string }>
  | Readonly<{ name: 'over'; entered: Entered }>

export type EntryInput =
  | Readonly<{ type: 'key'; key: string }>
  | Readonly<{ type: 'prompted' }>
  /** The time of `patience` ran out, or `whole` did. */
  | Readonly<{ type: 'late' }>
  | Readonly<{ type: 'abort' }>

export const entryBegun: EntryState = { name: 'prompting' }

/** Pure: what one thing that happens makes of an entry. */
export function enter(rules: EntryRules, state: EntryState, input: EntryInput): EntryState {
  if (state.name === 'over') return state
  const digits = state.name === 'entering' ? state.digits : ''
  switch (input.type) {
    case 'prompted':
      return state.name === 'prompting' ? { name: 'waiting' } : state
    case 'key':
      return press(rules, state, digits, input.key)
    case 'late': {
      if (state.name === 'prompting') return state
      const inTime = state.name === 'entering' && fits(rules, digits)
      return { name: 'over', entered: { type: 'timed-out', digits, fits: inTime } }
    }
    case 'abort':
      return { name: 'over', entered: { type: 'aborted', digits, fits: false } }
    default:
      return input satisfies never
  }
}

function press(rules: EntryRules, state: EntryState, before: string, key: string): EntryState {
  const { max = longestEntry, terminators = '', keys, pattern, match = 'end' } = rules
  if (terminators.includes(key)) {
    const entered = { type: 'terminated', digits: before, fits: fits(rules, before), terminator: key } as const
    return { name: 'over', entered }
  }
  if (keys !== undefined && !keys.includes(key)) return state
  const digits = before + key
  if (match === 'at-once' && pattern !== undefined && fits(rules, digits)) {
    return { name: 'over', entered: { type: 'matched', digits, fits: true } }
  }
  if (digits.length >= max) {
    return { name: 'over', entered: { type: 'max-reached', digits, fits: fits(rules, digits) } }
  }
  return { name: 'entering', digits }
}

function fits({ min = 0, pattern }: EntryRules, digits: string): boolean {
  return digits.length >= min && (pattern === undefined || pattern.test(digits))
}

/** How long the entry may stay as it is; undefined for ever. */
export function patience(rules: EntryRules, state: EntryState): number | undefined {
  if (state.name === 'waiting') return rules.firstDigit
  return state.name === 'entering' ? rules.interDigit : undefined
}
