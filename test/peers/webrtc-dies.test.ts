import { fork } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { createMedia, type PeerState } from '../../src/media/index.ts'
import { until } from './waiting.ts'

const media = createMedia({ address: '0.0.0.0', lostAfter: 3000, rtcp: false })
afterAll(() => media.close())

test('a far end that is killed: silence is a loss first, then it is out of reach, then the way has failed', async () => {
  const child = fork(new URL('./webrtc-child.ts', import.meta.url), { execArgv: [] })
  try {
    const session = await media.peer({ iceServers: [] })
    const facts: (PeerState | string)[] = []
    session.onState((state) => void facts.push(state))
    session.onLost((loss) => void facts.push(loss))
    const answered = new Promise<string>((resolve) => child.once('message', (sdp) => resolve(sdp as string)))
    child.send(await session.offer())
    await session.accept(await answered)
    await until('it is heard', async () => (await session.stats()).packetsReceived > 20)
    session.watch(true)
    child.kill('SIGKILL')
    await until('the way has failed', () => facts.at(-1) === 'failed', 60_000)
    expect(facts).toEqual(['connecting', 'connected', 'went-silent', 'disconnected', 'failed'])
  } finally {
    child.kill('SIGKILL')
  }
})
