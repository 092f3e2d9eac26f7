/** P3: a call recording that `kill -9` cut is in its bucket after the next start, under the key that the handler was told; once. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type ServerProcess, startProcess } from '../../src/cli/demo/server-process.ts'
import { createPhone } from '../../src/testing/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { configFile } from './config-file.ts'
import { action, answer, openHandler } from './handler.ts'
import { until } from './stage.ts'

it('a recording that the kill cut is brought to its bucket', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'records'))
  const endpoint = await openHandler((event) => {
    if (event.InvocationEventType !== 'NEW_INBOUND_CALL') return answer()
    const [{ CallId }] = event.CallDetails.Participants
    const Destination = { Type: 'S3', Location: 'records/calls' }
    return answer(action('StartCallRecording', { CallId, Track: 'BOTH', Destination }))
  })
  const file = configFile(folder, endpoint.url, { records: join(folder, 'records') })
  let server: ServerProcess = await startProcess(file)
  onTestFinished(() => server.stop())
  const caller = await createPhone({ server: server.sip, user: '+15550123' })
  onTestFinished(() => caller.close())
  const call = await caller.call('+15550100')
  await call.answered()
  await until(() => endpoint.types().includes('ACTION_SUCCESSFUL'))
  const told = endpoint.events.at(-1).ActionData.CallRecordingDestination.Location.replace('records/', '')
  const scratch = join(folder, 'onhook.db.recordings')
  const grown = () =>
    readdirSync(scratch).some((name) => name.endsWith('.wav') && statSync(join(scratch, name)).size > 4_000)
  await until(grown)
  await server.kill()
  const object = join(folder, 'records', told)
  expect(existsSync(object)).toBe(false)

  server = await startProcess(file)
  await until(() => existsSync(object) && readdirSync(scratch).length === 0)
  const body = readFileSync(object)
  expect(body.toString('latin1', 0, 4)).toBe('RIFF')
  expect(body.length).toBeGreaterThan(4_000)
  expect(
    readdirSync(join(folder, 'records'), { recursive: true }).filter((name) => String(name).endsWith('.wav')),
  ).toHaveLength(1)
})
