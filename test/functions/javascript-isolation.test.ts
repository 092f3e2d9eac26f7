/** What a handler does to its own process reaches neither the server nor the next call. (P4) */
import { describe, expect, it } from 'vitest'
import { essence, folderWith, functionsOf, handlerOf } from './workbench.ts'

const count =
  'let count = 0; exports.handler = async (event) => { count++; if (event.do) await eval(event.do); return count }'

const ends: readonly (readonly [what: string, code: string, detail: RegExp])[] = [
  ['process.exit', 'process.exit(3)', /^its process ended with code 3$/],
  ['a signal', 'process.kill(process.pid, "SIGTERM")', /ended by SIGTERM/],
  [
    'a rejection that nobody handles',
    'Promise.reject(new Error("loose")); new Promise((go) => setTimeout(go, 9e3))',
    /^Error: loose/,
  ],
  [
    'a throw out of a timer',
    'setTimeout(() => { throw new Error("later") }); new Promise((go) => setTimeout(go, 9e3))',
    /^Error: later/,
  ],
]

describe('a process', () => {
  it('stays warm: what the module holds is there at the next event', async () => {
    const { invoke } = handlerOf(count)
    expect([await invoke({}), await invoke({}), await invoke({})].map((result) => result.ok && result.value)).toEqual([
      1, 2, 3,
    ])
  })

  it.each(ends)('that ends by %s fails its job, and another takes its place', async (_what, code, detail) => {
    const { invoke } = handlerOf(count)
    await invoke({})
    expect(essence(await invoke({ do: code }))).toEqual({
      ok: false,
      error: 'function',
      detail: expect.stringMatching(detail),
    })
    expect(essence(await invoke({}))).toEqual({ ok: true, value: 1 })
  })

  it('that ends leaves another function alone', async () => {
    const folder = folderWith({ 'a.cjs': count, 'b.cjs': count })
    const { invoke } = functionsOf({ a: { file: `${folder}/a.cjs` }, b: { file: `${folder}/b.cjs` } })
    await invoke('b', {})
    await invoke('a', { do: 'process.exit(1)' })
    expect(essence(await invoke('b', {}))).toEqual({ ok: true, value: 2 })
  })
})
