/** Checks who may import whom (docs/architecture.md, "The import law"). Exit 1 with one line per broken arrow. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** Floor → floors it may import; `switchboard/ports` is one file, the door to `ports/`, not the floor. Files directly in src/ may import all. */
const law: Record<string, readonly string[]> = {
  call: [],
  dialects: ['call'],
  sip: [],
  media: [],
  objects: [],
  switchboard: ['call'],
  networks: ['call', 'dialects', 'sip', 'media', 'switchboard/ports'],
  platforms: ['call', 'dialects', 'switchboard/ports'],
  functions: ['switchboard/ports'],
  ledger: ['call', 'switchboard/ports'],
  delivery: ['call', 'switchboard/ports'],
  config: ['call', 'dialects', 'switchboard/ports'],
  http: ['call', 'config', 'dialects', 'platforms', 'switchboard'],
  testing: ['call', 'sip', 'media', 'switchboard/ports'],
  cli: ['*'],
  server: ['*'],
}

const src = resolve(import.meta.dirname, '../src')
const importPattern = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(path)
    else if (entry.name.endsWith('.ts')) yield path
  }
}

const floorOf = (path: string) => (path.includes('/') ? (path.split('/')[0] as string) : '.')

const broken: string[] = []
for (const file of sourceFiles(src)) {
  const from = floorOf(relative(src, file))
  if (from === '.') continue
  const allowed = law[from]
  if (allowed === undefined) {
    broken.push(`src/${relative(src, file)}: floor "${from}" is not in the law`)
    continue
  }
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(importPattern)) {
    const target = relative(src, resolve(dirname(file), specifier as string))
    const to = floorOf(target)
    const fine =
      to === from ||
      allowed.includes('*') ||
      allowed.includes(to) ||
      allowed.some((arrow) => arrow.includes('/') && target.replace(/\.ts$/, '') === arrow)
    if (!fine) broken.push(`src/${relative(src, file)} may not import src/${target}`)
  }
}
for (const line of broken) console.error(line)
console.log(broken.length === 0 ? 'import law: kept' : `import law: ${broken.length} broken`)
process.exitCode = broken.length === 0 ? 0 : 1
