/** `data.memory`: what a bucket refuses is brought as long as the server lives, and named when it stops; no later start looks for it. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { action, answer, hangup } from './handler.ts'
import { stage, until } from './stage.ts'

const record = action('RecordAudio', {
  RecordingDestination: { Type: 'S3', BucketName: 'records', Prefix: 'voicemail' },
  RecordingTerminators: ['#'],
  DurationInSeconds: 1,
})

it.each(['refuses', 'takes'] as const)('a bucket that %s', async (mood) => {
  const bucket = temporaryFolder()
  // A file where a folder must be: nothing can be written below it.
  if (mood === 'refuses') writeFileSync(join(bucket, 'voicemail'), '')
  const lines: { code?: string; files: string[] }[] = []
  const { endpoint, phone, server } = await stage({
    handler: ({ InvocationEventType: type }) =>
      type === 'NEW_INBOUND_CALL' ? answer(record) : type.startsWith('ACTION') ? answer(hangup()) : answer(),
    chime: { buckets: { records: bucket } },
    log: pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  })
  const call = await (await phone()).call('+15550100')
  await call.ended(10_000)
  await until(() => endpoint.hangups().length === 1)
  await server.stop()
  const named = lines.filter(({ code }) => code === 'chime.recordings-left').flatMap(({ files }) => files)
  if (mood === 'takes') return expect(named).toEqual([])
  expect(named).toHaveLength(1)
  const [file] = named as [string]
  onTestFinished(() => rmSync(dirname(file), { recursive: true }))
  expect(readFileSync(file).toString('latin1', 0, 4)).toBe('RIFF')
  const [note] = readdirSync(dirname(file)).filter((name) => name.endsWith('.json'))
  const { key } = JSON.parse(readFileSync(join(dirname(file), note!), 'utf8'))
  expect(key).toMatch(/^voicemail\/\d{4}\/\d\d\/\d\d\/.*\.wav$/)
})
