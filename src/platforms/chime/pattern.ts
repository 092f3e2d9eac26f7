import { createContext, Script } from 'node:vm'

/** Milliseconds that a pattern may take over one entry: what real ones need is a thousandth of it, also on a busy machine. */
const patience = 250

/** Tests what stands in `pattern` and `digits`, where it can be stopped. */
const script = new Script('pattern.test(digits)')

/**
 * A pattern as a handler writes it; null if it is none. Handlers are other people's code, and a pattern such as `^(\d+)+$` takes
 * years over thirty keys and a star: one that is not done in time does not fit, and holds up no other call.
 */
export function entryPattern(source: string): Readonly<{ test(digits: string): boolean }> | null {
  let pattern: RegExp
  try {
    pattern = new RegExp(source)
  } catch {
    return null
  }
  // Without groups no pattern takes long over the 128 keys of an entry.
  if (!source.includes('(')) return pattern
  const context = createContext({ pattern, digits: '' })
  return {
    test(digits) {
      context.digits = digits
      try {
        return script.runInContext(context, { timeout: patience }) === true
      } catch {
        return false
      }
    },
  }
}
