import { createSocket } from 'node:dgram'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IceCandidate, IceServer } from '../../../src/media/index.ts'
import { mediaForTest, sleepFor } from '../far-end.ts'
import { offers } from './descriptions.ts'
import { connected, join, ourPeer, until } from './peers.ts'

const count = process.env.ONHOOK_LONG === undefined ? 3000 : 100_000
const runs = process.env.ONHOOK_LONG === undefined ? 60 : 3000

test('whatever arrives on its port, the session lives and the sound goes on', async () => {
  const warnings: unknown[] = []
  const media = mediaForTest({ warn: (warning) => warnings.push(warning) })
  const [caller, callee] = await connected(media)
  const port = Number(/127\.0\.0\.1 (\d+) typ host/.exec(callee.candidates[0]!.candidate)?.[1])
  const socket = createSocket('udp4')
  // STUN, DTLS and SRTP by their first bytes, and plain noise; some of it nearly right.
  const start = fc.constantFrom(
    [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42],
    [1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42],
    [22, 0xfe, 0xfd, 0, 0],
    [21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0],
    [23, 0xfe, 0xfd, 0, 1],
    [0x80, 0],
    [0x90, 0x80],
    [0x81, 200],
    [],
  )
  const noise = fc
    .tuple(start, fc.uint8Array({ maxLength: 200 }))
    .map(([head, rest]) => Uint8Array.of(...head, ...rest))
  for (const [n, datagram] of fc.sample(noise, count).entries()) {
    socket.send(datagram, port, '127.0.0.1')
    if (n % 100 === 0) await sleepFor(1)
  }
  let heard = ''
  callee.session.onDigit((digit) => {
    heard += digit
  })
  await caller.session.sendDigits('42')
  await until(() => heard === '42')
  socket.close()
  expect(warnings).toEqual([])
  expect(callee.states).toEqual(['connecting', 'connected'])
})

test('whatever is said of descriptions, candidates and servers, the worker lives, and what is wrong is refused', async () => {
  const warnings: unknown[] = []
  const media = mediaForTest({ warn: (warning) => warnings.push(warning), iceTimeout: 200 })
  const words = [
    'v=0',
    'm=',
    'a=',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    ...Object.values(offers).flatMap((one) => one.split('\r\n')),
  ]
  const sdp = fc.oneof(
    fc.string(),
    fc.constantFrom(...Object.values(offers)),
    fc.array(fc.constantFrom(...words)).map((lines) => ['v=0', ...lines].join('\r\n')),
  )
  const candidate = fc.oneof(
    fc.record({ candidate: fc.string() }),
    fc.constant({ candidate: 'candidate:1 1 udp 1 192.0.2.9 65535 typ host', sdpMid: 'x' }),
    fc.constant({ candidate: '' }),
    fc.jsonValue(),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(sdp, { maxLength: 4 }),
      fc.array(candidate, { maxLength: 5 }),
      fc.jsonValue(),
      async (all, candidates, servers) => {
        const session = await media.peer({ iceServers: servers as unknown as IceServer[] })
        for (const one of candidates) session.candidate(one as unknown as IceCandidate)
        for (const [n, one] of all.entries()) {
          const asked = n % 2 === 0 ? session.answer(one) : session.offer().then(() => session.accept(one))
          await asked.catch((error: { code?: string }) => {
            expect(['media.malformed', 'media.incompatible', 'media.wrong-state']).toContain(error.code)
          })
        }
        session.close()
        await session.closed
      },
    ),
    { numRuns: runs },
  )
  expect(warnings).toEqual([])
  const { session } = await ourPeer(media)
  expect(await session.offer()).toContain('m=audio')
})

test.each(['opusOnly', 'videoOnly', 'withoutIce', 'noDescription'] as const)(
  '%s is refused, and what was agreed before goes on',
  async (name) => {
    const [caller, callee] = await connected(mediaForTest())
    const code = name === 'withoutIce' || name === 'noDescription' ? 'media.malformed' : 'media.incompatible'
    await expect(callee.session.answer(offers[name])).rejects.toMatchObject({ code })
    let heard = ''
    callee.session.onDigit((digit) => {
      heard += digit
    })
    await caller.session.sendDigits('7')
    await until(() => heard === '7')
    await join(caller.session, callee.session)
  },
)

test('an answer to no offer is refused', async () => {
  const { session } = await ourPeer(mediaForTest())
  await expect(session.accept(offers.audio)).rejects.toMatchObject({ code: 'media.wrong-state' })
})

test('a certificate that the description does not name: it fails, and not one packet is heard', async () => {
  const caller = await ourPeer(mediaForTest())
  const callee = await ourPeer(mediaForTest())
  const answer = await callee.session.answer(await caller.session.offer())
  let heard = false
  caller.session.onFirstPacket(() => {
    heard = true
  })
  void callee.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 })
  await caller.session.accept(answer.replace(/(a=fingerprint:sha-256 )../, (_, start) => `${start}00`))
  await until(() => caller.states.at(-1) === 'failed')
  expect(heard).toBe(false)
})
