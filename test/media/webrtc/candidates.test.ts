import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { classes, Message, parseMessage } from 'werift'
import { mediaForTest, sleepFor } from '../far-end.ts'
import { Browser } from './libwebrtc.ts'
import { ourPeer, trickle, until } from './peers.ts'

const media = () => mediaForTest()

/** A description without its candidates, as trickle has it. */
const bare = (sdp: string): string => sdp.replace(/a=candidate:.*\r\n/g, '')

test('candidates that come before their description are kept', async () => {
  const caller = await ourPeer(media())
  const callee = await ourPeer(media())
  trickle(caller.session, callee.session)
  const offer = await caller.session.offer()
  await until(() => caller.candidates.at(-1)?.candidate === '')
  await sleepFor(20)
  const answer = bare(await callee.session.answer(bare(offer)))
  trickle(callee.session, caller.session)
  await sleepFor(20)
  await caller.session.accept(answer)
  await until(() => caller.states.at(-1) === 'connected' && callee.states.at(-1) === 'connected')
})

test('the last one is empty, once, and a late listener hears them all', async () => {
  const { session, candidates } = await ourPeer(media())
  await session.offer()
  await until(() => candidates.at(-1)?.candidate === '')
  const late: unknown[] = []
  session.onCandidate((candidate) => void late.push(candidate))
  await until(() => late.length >= candidates.length)
  expect(late).toEqual(candidates)
  expect(candidates.filter(({ candidate }) => candidate === '')).toHaveLength(1)
  expect(candidates[0]).toMatchObject({
    sdpMid: '0',
    sdpMLineIndex: 0,
    candidate: expect.stringMatching(/ 127\.0\.0\.1 \d+ typ host /),
  })
})

test('a browser that hides its addresses behind .local is found by its own questions', {
  timeout: 20_000,
}, async () => {
  const browser = new Browser({ say: 600 })
  const { session, states } = await ourPeer(mediaForTest({ address: '0.0.0.0' }))
  browser.hearFrom(session)
  const offer = bare(await browser.offer())
  const hidden = 'candidate:1 1 udp 2113937151 4b1f4a5c-9a2b-4a7c-8f0e-0a1b2c3d4e5f.local 50000 typ host generation 0'
  session.candidate({ candidate: hidden, sdpMid: '0' })
  session.candidate({ candidate: '' })
  await browser.accept(await session.answer(offer))
  await until(() => states.at(-1) === 'connected')
})

test('other addresses can be offered first', async () => {
  const { session, candidates } = await ourPeer(
    mediaForTest({ iceAddresses: ['203.0.113.9', '2001:db8::9', '198.51.100.7'] }),
  )
  const offer = await session.offer()
  await until(() => candidates.at(-1)?.candidate === '')
  const said = [...offer.matchAll(/a=candidate:\S+ 1 udp (\d+) (\S+)/g)]
  expect(said.map(([, , address]) => address)).toEqual(['203.0.113.9', '198.51.100.7', '127.0.0.1'])
  expect(new Set(said.map(([, priority]) => priority)).size).toBe(3)
})

test('only ports of the range are used, and a session without a port is refused', async () => {
  const engine = mediaForTest({ portRange: { first: 41_700, last: 41_705 }, spare: 1, rtcp: false })
  await engine.ready
  const first = await ourPeer(engine)
  const offer = await first.session.offer()
  const port = Number(/127\.0\.0\.1 (\d+) typ host/.exec(offer)?.[1])
  expect(port >= 41_700 && port <= 41_705).toBe(true)
  await ourPeer(engine)
  await expect(engine.peer({ iceServers: [] })).rejects.toMatchObject({ code: 'media.no-port' })
  first.session.close()
  await first.session.closed
  await expect(engine.peer({ iceServers: [] })).resolves.toBeDefined()
})

test('nobody there: it fails in time, and says so', async () => {
  const caller = await ourPeer(mediaForTest({ iceTimeout: 300 }))
  const callee = await ourPeer(media())
  const answer = await callee.session.answer(await caller.session.offer())
  callee.session.close()
  await callee.session.closed
  await caller.session.accept(answer)
  await until(() => caller.states.at(-1) === 'failed')
  expect(caller.states).toEqual(['connecting', 'failed'])
})

/** A STUN server (RFC 8489) that sees everybody at one address, or as they are. */
async function stunServer(seen?: readonly [string, number]): Promise<string> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  socket.on('message', (data, { address, port }) => {
    const asked = parseMessage(data)!
    const answer = new Message(asked.messageMethod, classes.RESPONSE, asked.transactionId)
    answer.setAttribute('XOR-MAPPED-ADDRESS', seen ?? [address, port])
    socket.send(answer.bytes, port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return `stun:127.0.0.1:${socket.address().port}`
}

test.each<[string, readonly [string, number] | undefined, string[]]>([
  ['another address is a candidate', ['203.0.113.50', 4444], ['host', 'srflx']],
  ['our own one is none', undefined, ['host']],
])('what a STUN server sees: %s', async (_, seen, types) => {
  const { session, candidates } = await ourPeer(media(), { iceServers: [{ urls: [await stunServer(seen)] }] })
  await session.offer()
  await until(() => candidates.at(-1)?.candidate === '')
  expect(candidates.slice(0, -1).map(({ candidate }) => / typ (\S+)/.exec(candidate)?.[1])).toEqual(types)
})
