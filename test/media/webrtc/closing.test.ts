import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, sleepFor } from '../far-end.ts'
import { connected, join, ourPeer, until } from './peers.ts'

test('the far end is told, and its plain side hears nothing more', async () => {
  const engine = mediaForTest()
  const [caller, callee] = await connected(engine)
  const plain = await engine.session()
  const far = await FarEnd.open()
  plain.setRemote(agreement(far.port))
  plain.connect(callee.session)
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  await until(() => far.arrivals.length > 5)
  caller.session.close()
  await caller.session.closed
  const { length } = far.arrivals
  await until(() => callee.states.at(-1) === 'disconnected')
  await sleepFor(60)
  expect(far.arrivals.length - length).toBeLessThanOrEqual(1)
})

test('every verb of a closed session does nothing, and every promise settles', async () => {
  const { session } = await ourPeer(mediaForTest())
  const offering = session.offer()
  const playing = session.play({ type: 'tone', frequency: 500, milliseconds: 1000 })
  const dialling = session.sendDigits('1')
  session.close()
  session.close()
  await expect(offering).rejects.toMatchObject({ code: 'media.closed' })
  expect(await Promise.all([playing, dialling])).toEqual(['stopped', 'stopped'])
  await expect(session.answer('v=0')).rejects.toMatchObject({ code: 'media.closed' })
  session.candidate({ candidate: '' })
  session.watch(true)
  expect(await session.closed).toEqual({ packetsSent: 0, packetsReceived: 0, packetsLost: 0, jitter: 0 })
})

test('prompts and keys wait for the far end; what was stopped meanwhile is not heard', async () => {
  const caller = await ourPeer(mediaForTest())
  const callee = await ourPeer(mediaForTest())
  let heard = ''
  callee.session.onDigit((digit) => {
    heard += digit
  })
  const stopped = caller.session.sendDigits('5')
  caller.session.stop()
  expect(await stopped).toBe('stopped')
  const dialling = caller.session.sendDigits('12')
  const playing = caller.session.play({ type: 'silence', milliseconds: 40 })
  await sleepFor(200)
  await join(caller.session, callee.session)
  expect(await dialling).toBe('finished')
  expect(await playing).toBe('finished')
  await until(() => heard === '12')
})

/** Sessions in every state there is; then the engine is closed, and nothing else is done. */
const program = `
  const { createMedia } = await import(process.argv[1])
  const media = createMedia({ address: '127.0.0.1' })
  const dead = [{ urls: ['turn:192.0.2.1:9', 'turn:127.0.0.1:9?transport=tcp', 'stun:127.0.0.1:9'], username: 'u', credential: 'c' }]
  const peer = () => media.peer({ iceServers: dead })
  const [fresh, offered, caller, callee, answering] = await Promise.all([peer(), peer(), peer(), peer(), peer()])
  await caller.accept(await callee.answer(await caller.offer()))
  await answering.answer(await offered.offer())
  await new Promise((resolve) => caller.onState((state) => state === 'connected' && resolve()))
  await caller.offer({ iceRestart: true })
  await media.close()
  console.log('closed')
`

test('sessions closed in every state leave no handle and no thread: the process ends', async () => {
  const index = new URL('../../../src/media/index.ts', import.meta.url).href
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, index],
    { timeout: 15_000 },
  )
  expect([stdout.trim(), stderr]).toEqual(['closed', ''])
})
