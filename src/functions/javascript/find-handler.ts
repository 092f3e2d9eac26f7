/** Which of a module's exports is the handler. */

type Handler = (...args: unknown[]) => unknown

/** The names in use: Node's guide, SAM's templates, and Python's habit carried over. */
const usual = ['handler', 'lambdaHandler', 'lambda_handler'] as const

/** @param wanted as configured: `handler`, `index.handler`, `nested.name`; absent: whatever it can only be. @throws Error for people */
export function findHandler(module: unknown, wanted: string | undefined, file: string): Handler {
  const exported = exportsOf(module)
  if (wanted !== undefined) {
    for (const path of pathsOf(wanted)) {
      const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), exported)
      if (typeof found === 'function') return found as Handler
    }
    throw new Error(`${file} has no function "${wanted}"; it exports ${listed(exported)}`)
  }
  const named = usual.filter((name) => typeof exported[name] === 'function')
  if (named.length === 1) return exported[named[0] as string] as Handler
  if (named.length > 1) throw new Error(`${file} exports ${named.join(' and ')}: say which is the handler`)
  if (typeof exported.default === 'function') return exported.default as Handler
  const functions = Object.keys(exported).filter((name) => typeof exported[name] === 'function')
  if (functions.length === 1) return exported[functions[0] as string] as Handler
  throw new Error(`${file} has no handler that can be told; it exports ${listed(exported)}`)
}

/** `index.handler` names its file first. The whole is tried too: it may be nested. */
function pathsOf(wanted: string): string[][] {
  const parts = (wanted.split('/').at(-1) as string).split('.')
  return [parts, parts.slice(1), parts.slice(-1)].filter(({ length }) => length > 0)
}

/** What `import()` gives of CommonJS stands under `default`; of `module.exports = handler`, that is all there is. */
function exportsOf(module: unknown): Record<string, unknown> {
  if (!isObject(module)) return {}
  const { 'module.exports': common, default: whole, ...named } = module
  if (common === undefined) return { ...(isObject(whole) ? whole : {}), ...module }
  return { ...(isObject(common) ? common : {}), ...named, ...(typeof whole === 'function' ? { default: whole } : {}) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function listed(exported: Record<string, unknown>): string {
  const names = Object.keys(exported)
  return names.length === 0 ? 'nothing' : names.join(', ')
}
