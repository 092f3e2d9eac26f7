/**
 * The pages' examples hold. A `ts` block of the library runs as it stands: what is before `// value` gives that value. Of
 * a `console` block of a dialect's page each command is typed into a shell, and says what the page says; `…` stands for any lines.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, blocksOf, pages } from './pages.ts'
import { root, textOf } from './source.ts'

const blocks = pages.flatMap((page) => blocksOf(page))
const programs = blocks.filter(({ language }) => language === 'ts')
/** Those that need nothing but the library. */
const pure = programs.filter(({ page }) => page === 'README.md' || page.startsWith('docs/dialects/'))
const sessions = blocks.filter(({ page, language }) => page.startsWith('docs/dialects/') && language === 'console')

const { exports } = JSON.parse(textOf('package.json')) as { exports: Record<string, { default?: string }> }

/** The source behind a name that the package exports. */
function fileOf(name: string): string {
  const key = name.replace(/^onhook/, '.')
  const pattern = key.replace(/[^/]+$/, '*')
  const built = exports[key]?.default ?? exports[pattern]?.default?.replace('*', key.slice(pattern.length - 1)) ?? name
  return pathToFileURL(join(root, built.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))).href
}

function runnable({ text }: Block): string {
  return stripTypeScriptTypes(text)
    .replace(/^import (\{[^}]*\}) from '([^']+)'$/gm, (_, names, from) => `const ${names} = await load('${from}')`)
    .replace(/^(\s*(?:if \([^)]*\) )?)(\S.*) \/\/ (.+)$/gm, '$1check(($2), ($3))')
}

describe('programs', () => {
  it.each(programs)('$page, line $line: imports what the package exports', async ({ text }) => {
    for (const [, names = '', from = ''] of text.matchAll(/^import \{([^}]*)\} from '([^']+)'$/gm)) {
      const face = (await import(fileOf(from))) as object
      expect(names.split(',').filter((name) => !Object.hasOwn(face, name.trim()))).toEqual([])
    }
  })

  it.each(pure)('$page, line $line: gives what it says', async (block) => {
    const seen: [unknown, unknown][] = []
    const AsyncFunction = (async () => {}).constructor as new (
      ...parts: string[]
    ) => (...given: unknown[]) => Promise<void>
    const program = new AsyncFunction('load', 'check', runnable(block))
    await program(
      (name: string) => import(fileOf(name)),
      (found: unknown, promised: unknown) => seen.push([found, promised]),
    )
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.map(([found]) => found)).toEqual(seen.map(([, promised]) => promised))
  })
})

type Turn = Readonly<{ page: string; command: string; answer: string }>

const turns: readonly Turn[] = sessions.flatMap(({ page, text }) =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((turn) => {
      const [command = '', ...answer] = turn.trimEnd().split('\n')
      return { page, command, answer: answer.join('\n') }
    }),
)

describe('sessions', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'onhook-docs-'))
    const file = join(folder, 'onhook')
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src/cli/main.ts')}" "$@"\n`)
    chmodSync(file, 0o755)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(turns)('$page: $command', async ({ command, answer }) => {
    const env = { ...process.env, PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter) }
    const shell = spawn('sh', ['-c', `{ ${command}; } 2>&1`], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    shell.stdout.on('data', (chunk) => {
      said += chunk
    })
    await once(shell, 'close')
    const pattern = answer
      .split('\n…\n')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('\n(?:.*\n)*?')
    expect(said.trimEnd().replaceAll('\r', '')).toMatch(new RegExp(`^${pattern}$`))
  })
})
