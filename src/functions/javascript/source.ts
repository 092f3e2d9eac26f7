/** Handlers as their compiler, their bundler or their deployment would have made them: few are written for Node alone. */
import { stripTypeScriptTypes } from 'node:module'

export type Compiled = Readonly<{ format: 'module' | 'commonjs'; source: string }>

/** @param url of a `.ts`, `.mts` or `.cts` file. @throws SyntaxError, with the place */
export function compile(text: string, url: string): Compiled {
  const stripped = stripTypeScriptTypes(text, { mode: 'transform', sourceMap: true, sourceUrl: url })
  const isModule = url.endsWith('.mts') || (!url.endsWith('.cts') && /^\s*(import\b(?!\s*\()|export\b)/m.test(stripped))
  if (!isModule) return { format: 'commonjs', source: stripped }
  return { format: 'module', source: withExports(withoutTypes(stripped)) }
}

const declaration =
  /^([ \t]*)import\s+(?:([A-Za-z_$][\w$]*)\s*,?\s*)?(?:\{([^}]*)\}|\*\s*as\s+([A-Za-z_$][\w$]*))?\s*from\s*(['"][^'"\n]+['"])[ \t]*;?/gm

/** Comments and texts: names in them are not used. Text between backquotes is left, for what it may compute. */
const noise = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g

/** An imported name that is used nowhere was a type; the compiler leaves it out, and the import with it if nothing remains. */
export function withoutTypes(source: string): string {
  const rest = source.replace(declaration, '').replace(noise, "''")
  // Not after a point, and not as the key of an object.
  const used = (name: string) => {
    const word = name.replaceAll('$', '\\$')
    return new RegExp(`(?<![\\w$]|[^.]\\.)(?:(?<![{,]\\s*)${word}(?![\\w$])|${word}(?![\\w$]|\\s*:))`).test(rest)
  }
  return source.replace(declaration, (whole, indent: string, main = '', list?: string, all = '', from = '') => {
    const named = (list ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
    const kept = named.filter((part) => used(part.split(/\s+as\s+/).at(-1) as string))
    const parts = [
      ...(main !== '' && used(main) ? [main] : []),
      ...(all !== '' && used(all) ? [`* as ${all}`] : []),
      ...(kept.length > 0 ? [`{ ${kept.join(', ')} }`] : []),
    ]
    // `import {} from` is for its effects, and has nothing to leave out.
    if (main === '' && all === '' && named.length === 0) return whole
    const lines = '\n'.repeat(whole.split('\n').length - 1)
    return parts.length === 0 ? lines : `${indent}import ${parts.join(', ')} from ${from};${lines}`
  })
}

/** What CommonJS finds around it, on one line so that places stay; and at the end what a `require` of it gives. */
const head = [
  "import { createRequire as $require } from 'node:module'",
  'const require = $require(import.meta.url), module = { exports: {} }, exports = module.exports',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname',
].join('; ')
const tail = "const $exports = module.exports; export { $exports as default, $exports as 'module.exports' }"

/** `exports.handler =` in what Node takes for an ES module: it imports too, or lies in a package of such. Left alone if it exports as one. */
export function withExports(source: string): string {
  if (/^\s*export\b/m.test(source)) return source
  if (!/(?<![\w$.])((module\.)?exports\s*[.[=]|require\s*\()/.test(source)) return source
  const map = /^\/\/# sourceMappingURL=.*$/m.exec(source)?.[0] ?? ''
  return `${head}; ${source.replace(map, '')}\n${tail}\n${map}`
}
