/** Every way in which an invocation fails that no other file shows, and the limits of size. */
import { describe, expect, it } from 'vitest'
import { essence, folderWith, functionsOf, handlerOf } from './workbench.ts'

const mega = 1024 * 1024

describe('an invocation', () => {
  it('of a function that nobody configured is unreachable', async () => {
    const { invoke } = functionsOf({})
    expect(essence(await invoke('nobody', {}))).toEqual({
      ok: false,
      error: 'unreachable',
      detail: 'no function is called "nobody"',
    })
  })

  it('takes 6 MB, and no more, both ways', async () => {
    const { invoke } = handlerOf(
      'exports.handler = async ({ text, size }) => size === undefined ? text.length : "x".repeat(size)',
    )
    expect(await invoke({ text: 'x'.repeat(6 * mega - 100) })).toMatchObject({ ok: true })
    expect(await invoke({ text: 'x'.repeat(6 * mega) })).toMatchObject({ ok: false, error: 'too-large' })
    expect(await invoke({ size: 6 * mega - 100 })).toMatchObject({ ok: true })
    expect(await invoke({ size: 6 * mega })).toMatchObject({ ok: false, error: 'too-large' })
  })

  it('whose value JSON cannot say fails, and the instance goes on', async () => {
    const { invoke } = handlerOf(
      'let n = 0; exports.handler = async (event) => { n++; const a = {}; a.a = a; return event.ring ? a : n }',
    )
    expect(await invoke({ ring: true })).toMatchObject({ ok: false, error: 'not-json' })
    expect(await invoke({})).toMatchObject({ ok: true, value: 2 })
  })

  it('that uses more memory than it has fails, and another instance takes its place', async () => {
    const folder = folderWith({
      'it.cjs':
        'exports.handler = async (event) => { const all = []; while (event.fill) all.push(new Array(1e5).fill({})); return 1 }',
    })
    const { invoke: ask } = functionsOf({ it: { file: `${folder}/it.cjs`, memory: 32 } })
    const invoke = (event: object) => ask('it', event)
    expect(await invoke({ fill: true })).toMatchObject({
      ok: false,
      error: 'function',
      detail: expect.stringMatching(/^its process/),
    })
    expect(await invoke({})).toMatchObject({ ok: true, value: 1 })
  })

  it('given up by its caller is aborted at once', async () => {
    const { invoke } = handlerOf('exports.handler = () => new Promise((resolve) => setTimeout(resolve, 60000))')
    const stop = new AbortController()
    const result = invoke({}, { signal: stop.signal })
    stop.abort()
    expect(essence(await result)).toEqual({ ok: false, error: 'aborted', detail: 'given up by the caller' })
  })

  it('after the end of everything is aborted', async () => {
    const { invoke, close } = handlerOf('exports.handler = () => 1')
    await close()
    expect(await invoke({})).toMatchObject({ ok: false, error: 'aborted' })
  })

  it('does not wait for another function’s', async () => {
    const slow = handlerOf('exports.handler = () => new Promise((resolve) => setTimeout(resolve, 60000))')
    const quick = handlerOf('exports.handler = () => 1')
    void slow.invoke({})
    expect(await quick.invoke({})).toMatchObject({ ok: true })
  })
})
