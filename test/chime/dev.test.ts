/** `onhook dev --chime`, as people start it: a process that runs a file, and runs it anew when it has changed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { createPhone } from '../../src/testing/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from './stage.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

const refusing = (code: string) => `
export const handler = async (event) => {
  console.log('told of', event.InvocationEventType, process.env.GREETING)
  const actions = event.InvocationEventType === 'NEW_INBOUND_CALL' ? [{ Type: 'Hangup', Parameters: { SipResponseCode: '${code}' } }] : []
  return { SchemaVersion: '1.0', Actions: actions }
}
`

async function develop(folder: string, ...more: string[]) {
  const child: ChildProcess = spawn(
    process.execPath,
    [main, 'dev', '--chime', 'handler.js', '--sip-port', '0', '--http-port', '0', ...more],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const gone = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGINT')
    await gone
  })
  let said = ''
  child.stderr!.on('data', (chunk) => {
    said += chunk
  })
  await until(() => /Ctrl-C stops it/.test(said) || child.exitCode !== null, 30_000)
  const sip = /sip:100@(\S+)/.exec(said)?.[1]
  if (sip === undefined) throw new Error(said)
  return { sip, said: () => said }
}

it('runs the file, prints what it prints, and runs what it has become', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'handler.js')
  writeFileSync(file, refusing('486'))
  const { sip, said } = await develop(folder, '--env', 'GREETING=grüezi')
  const phone = await createPhone({ server: sip })
  onTestFinished(() => phone.close())
  const refused = async () => (await (await phone.call('100')).ended()).status
  expect(await refused()).toBe(486)
  await until(() => said().includes('told of NEW_INBOUND_CALL grüezi'))
  writeFileSync(file, refusing('480'))
  await until(async () => (await refused()) === 480, 30_000)
}, 90_000)
