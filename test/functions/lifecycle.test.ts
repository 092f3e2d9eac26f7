/** Afterwards nothing is left: no process of a function, nor of what it started, whatever it does and however we end. (P4) */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { essence, folderWith, functionsOf } from './workbench.ts'

const handlers = {
  'node.cjs': `exports.handler = async (event) => {
    if (event.child) require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' })
    if (event.loop) { require('node:fs').writeFileSync(event.loop, ''); for (;;) {} }
    return process.pid }`,
  'python.py': `import os, subprocess
def handler(event, context):
    if event.get('child'): subprocess.Popen(['sleep', '600'])
    if event.get('loop'):
        open(event['loop'], 'w').close()
        while True: pass
    return os.getpid()`,
}
const kinds = ['node.cjs', 'python.py'] as const

/** Of a process group: the processes that are not dead. */
function membersOf(group: number): number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return all.filter((pid) => {
    try {
      const [, rest = ''] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      const [state, , pgrp] = rest.split(' ')
      return Number(pgrp) === group && state !== 'Z'
    } catch {
      return false
    }
  })
}

function alive(pid: number): boolean {
  return membersOf(pid).length > 0
}

describe.each(kinds)('%s', (file) => {
  function running(clock?: VirtualClock) {
    const folder = folderWith({ [file]: handlers[file] })
    const made = functionsOf({ it: { file: `${folder}/${file}` } }, clock === undefined ? {} : { clock })
    return {
      ...made,
      folder,
      invoke: (event: object, timeout?: number) => made.invoke('it', event, timeout === undefined ? {} : { timeout }),
    }
  }

  it('is gone after close, with what it started', async () => {
    const { invoke, close } = running()
    const result = await invoke({ child: true })
    const pid = result.ok ? (result.value as number) : 0
    expect(membersOf(pid).length).toBeGreaterThanOrEqual(2)
    await close()
    await expect.poll(() => membersOf(pid)).toEqual([])
  })

  it('that loops without end is thrown away at its deadline, and the next event runs', async () => {
    const clock = new VirtualClock(Date.now())
    const { invoke, folder } = running(clock)
    const before = await invoke({})
    const looping = invoke({ loop: `${folder}/looping` }, 5_000)
    await expect.poll(() => existsSync(`${folder}/looping`)).toBe(true)
    await clock.pass(5_000)
    expect(essence(await looping)).toEqual({ ok: false, error: 'timeout', detail: 'no answer within 5000 ms' })
    const after = await invoke({})
    expect(after.ok && before.ok && after.value !== before.value).toBe(true)
    expect(before.ok && alive(before.value as number)).toBe(false)
  })

  it('that loops without end is gone when we are killed, with what it started', async () => {
    const folder = folderWith({ [file]: handlers[file] })
    const script = `${folder}/server.ts`
    writeFileSync(
      script,
      `import { createFunctions } from ${JSON.stringify(new URL('../../src/functions/index.ts', import.meta.url).href)}
       import { systemClock } from ${JSON.stringify(new URL('../../src/switchboard/clock.ts', import.meta.url).href)}
       const functions = createFunctions({ functions: { it: { file: ${JSON.stringify(`${folder}/${file}`)} } }, clock: systemClock(), warn: console.error })
       const result = await functions.invoke('it', { child: true }, { timeout: 20000, requestId: 'a' })
       console.log(result.value)
       setInterval(() => {}, 1000)
       await functions.invoke('it', { loop: ${JSON.stringify(`${folder}/looping`)} }, { timeout: 600000, requestId: 'b' })`,
    )
    const server = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void server.kill('SIGKILL'))
    const pid = await new Promise<number>((resolve) => server.stdout.once('data', (text) => resolve(Number(text))))
    await expect.poll(() => existsSync(`${folder}/looping`), { timeout: 10_000 }).toBe(true)
    expect(alive(pid)).toBe(true)
    server.kill('SIGKILL')
    await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false)
  })
})
