import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scenarios } from '../../src/cli/demo/scenarios.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const limit = 60_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onhook-test-demo-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** All but the compiled code, which the next start is to find. */
const left = () => readdirSync(folder).filter((name) => name !== 'node-compile-cache')

/** Started in a folder of its own, without any program on the path: prompts are toned where nothing can speak. */
function demo(...args: string[]) {
  const child = spawn(process.execPath, [main, 'demo', ...args], {
    cwd: folder,
    env: { TMPDIR: folder, PATH: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  return { child, said, code: once(child, 'close').then(([code]) => code as number) }
}

describe('the demo', () => {
  it(
    'ends every call as promised, in less than a minute, and leaves nothing behind',
    async () => {
      const { said, code } = demo('--json')
      expect(await code, said.out + said.err).toBe(0)
      const lines = said.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines.map(({ scenario, ok, differences }) => ({ scenario, ok, differences }))).toEqual(
        scenarios.map(({ name }) => ({ scenario: name, ok: true, differences: [] })),
      )
      expect(lines).toHaveLength(10)
      for (const [index, line] of lines.entries()) {
        const { promised } = scenarios[index]!
        const { cause, actor, phase } = promised
        expect(line).toMatchObject({ wire: promised.wire, sent: promised.sent, ending: { cause, actor, phase } })
        if (scenarios[index]!.kind === 'chime') {
          expect(line.events.length).toBe(4)
          continue
        }
        expect(line.webhook.id).toBe(`${line.record}:hangup`)
        expect(line.deliveries).toHaveLength(1)
      }
      expect(left()).toEqual([])
    },
    limit,
  )

  it(
    'ends at once when it is asked to, and leaves nothing behind',
    async () => {
      const { child, said, code } = demo()
      // Its first words: the server runs.
      while (!said.err.includes('process')) await once(child.stderr, 'data')
      const pid = Number(/process (\d+)/.exec(said.err)?.[1])
      child.kill('SIGINT')
      expect(await code).toBe(1)
      expect(left()).toEqual([])
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    },
    limit,
  )
})
