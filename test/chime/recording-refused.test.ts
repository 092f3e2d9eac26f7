/** P3: what a bucket refuses is not dropped: the next start brings it, under the key that the handler was told. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startProcess } from '../../src/cli/demo/server-process.ts'
import { createPhone } from '../../src/testing/index.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { configFile } from './config-file.ts'
import { action, answer, hangup, openHandler } from './handler.ts'
import { until } from './stage.ts'

const record = action('RecordAudio', {
  RecordingDestination: { Type: 'S3', BucketName: 'records', Prefix: 'voicemail' },
  RecordingTerminators: ['#'],
  DurationInSeconds: 1,
})

it('a call recording and a RecordAudio that their bucket refused are in it after the next start', async () => {
  const folder = temporaryFolder()
  const bucket = join(folder, 'records')
  mkdirSync(bucket)
  // Files where folders must be: nothing can be written below them.
  const inTheWay = ['calls', 'voicemail'].map((name) => join(bucket, name))
  for (const path of inTheWay) writeFileSync(path, '')
  const endpoint = await openHandler((event) => {
    if (event.InvocationEventType === 'ACTION_FAILED') return answer(hangup())
    if (event.InvocationEventType !== 'NEW_INBOUND_CALL') return answer()
    const [{ CallId }] = event.CallDetails.Participants
    const Destination = { Type: 'S3', Location: 'records/calls' }
    return answer(action('StartCallRecording', { CallId, Track: 'BOTH', Destination }), record)
  })
  const file = configFile(folder, endpoint.url, { records: bucket })
  let server = await startProcess(file)
  onTestFinished(() => server.stop())
  const caller = await createPhone({ server: server.sip, user: '+15550123' })
  onTestFinished(() => caller.close())
  const call = await caller.call('+15550100')
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
  await until(() => endpoint.hangups().length === 1)
  const failed = endpoint.events.find(({ InvocationEventType: type }) => type === 'ACTION_FAILED')
  expect(failed.ActionData).toMatchObject({ Type: 'RecordAudio', ErrorType: 'InvalidActionParameter' })
  const scratch = join(folder, 'onhook.db.recordings')
  const wavs = (where: string) =>
    readdirSync(where, { recursive: true }).filter((name) => String(name).endsWith('.wav')) as string[]
  await until(() => wavs(scratch).length === 2)
  await server.stop()
  expect(wavs(scratch)).toHaveLength(2)

  for (const path of inTheWay) rmSync(path)
  server = await startProcess(file)
  await until(() => wavs(bucket).length === 2 && readdirSync(scratch).length === 0)
  const told = endpoint.events
    .find(({ ActionData }) => ActionData?.CallRecordingDestination !== undefined)
    .ActionData.CallRecordingDestination.Location.replace('records/', '')
  expect(existsSync(join(bucket, told))).toBe(true)
  expect(wavs(bucket).some((name) => name.startsWith('voicemail/'))).toBe(true)
  for (const name of wavs(bucket)) expect(readFileSync(join(bucket, name)).toString('latin1', 0, 4)).toBe('RIFF')
}, 60_000)
