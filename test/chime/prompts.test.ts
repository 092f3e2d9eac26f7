/** PlayAudio plays what lies in a bucket, and a handler hears of what does not. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { action, answer, hangup } from './handler.ts'
import { stage, until } from './stage.ts'

/** A second of 440 Hz: a WAV of 8000 Hz, 16 bits, one channel. */
function tone(): Buffer {
  const data = Buffer.alloc(16_000)
  for (let n = 0; n < 8_000; n++)
    data.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * 440 * n) / 8_000)), n * 2)
  const head = Buffer.from(`RIFF....WAVEfmt ${'.'.repeat(20)}data....`, 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8_000, 24)
  head.writeUInt32LE(16_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

const play = (Key: string, BucketName = 'prompts') =>
  action('PlayAudio', { AudioSource: { Type: 'S3', BucketName, Key }, Repeat: '3' })

function bucket(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'a folder'))
  writeFileSync(join(folder, 'a folder', 'tone 1.wav'), tone())
  return folder
}

it('a prompt in a bucket is heard', async () => {
  const { phone } = await stage({
    handler: ({ InvocationEventType: type }) =>
      type === 'NEW_INBOUND_CALL' ? answer(play('a folder/tone 1.wav'), hangup()) : answer(),
    chime: { buckets: { prompts: bucket() } },
  })
  const call = await (await phone()).call('100')
  await call.answered()
  await call.hears({ frequency: 440 })
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'BYE' })
})

it.each([
  ['a key', play('nothing.wav')],
  ['a key outside of its bucket', play('../secret.wav')],
  ['a bucket', play('tone 1.wav', 'another')],
])('%s that is not there fails the action, and nothing else', async (_what, missing) => {
  const { phone, endpoint } = await stage({
    handler: ({ InvocationEventType: type }) => (type === 'NEW_INBOUND_CALL' ? answer(missing) : answer()),
    chime: { buckets: { prompts: bucket() } },
  })
  const call = await (await phone()).call('100')
  await until(() => endpoint.types().includes('ACTION_FAILED'))
  expect(endpoint.events.at(-1).ActionData).toMatchObject({ Type: 'PlayAudio', ErrorType: 'InvalidAudioSource' })
  expect(call.state.name).toBe('answered')
  call.hangup()
  await until(() => endpoint.hangups().length === 1)
})
