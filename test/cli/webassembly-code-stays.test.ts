/** V8 13.6 may free a piece of WebAssembly code twice, and the process ends: so ours frees none (docs/adr/0014-webassembly-code-stays.md). */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** `(import "env" "cb")`, exported as `run` through a function that calls it: enough calls, and its code is made anew, and the old can go. */
const program = `
const bytes = Uint8Array.from([0,97,115,109,1,0,0,0,1,6,1,96,1,127,1,127,2,10,1,3,101,110,118,2,99,98,0,0,3,2,1,0,7,7,1,3,114,117,110,0,1,10,8,1,6,0,32,0,16,0,11])
for (let time = 0; time < 5; time++) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { cb: (x) => x } })
  for (let call = 0; call < 300_000; call++) exports.run(call)
  await new Promise((resolve) => setTimeout(resolve, 20))
}`

/** How often V8 began to look for code that it can free. */
async function collections(imports: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--stress-wasm-code-gc', '--trace-wasm-code-gc', '--input-type=module'],
    ...imports.flatMap((file) => ['--import', file]),
    ...['-e', program],
  ])
  return stdout.split('[wasm-gc] Starting').length - 1
}

it('no code is freed in a process of ours, and is where nothing was set', async () => {
  expect(await collections([])).toBeGreaterThan(0)
  expect(await collections([main])).toBe(0)
})
