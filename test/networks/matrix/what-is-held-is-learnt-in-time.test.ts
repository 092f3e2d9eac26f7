/** A homeserver that takes what it is to hold without our hearing so, in whatever order it fails: its name is learnt before it is said. */
import { expect, test } from 'vitest'
import { DeadMen } from '../../../src/networks/matrix/dead-man.ts'
import type { Ask, Homeserver, Reply } from '../../../src/networks/matrix/homeserver.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const limited = (after: number): Reply => ({ result: 'limited', after })
const reset: Reply = { result: 'away', detail: 'ECONNRESET', arrived: 'uncertain' }
const fuse = 45_000

test.each([
  { name: 'limited, taken unheard, limited', replies: [limited(20_000), reset, limited(30_000)] },
  { name: 'taken unheard again and again', replies: [reset, limited(30_000), reset, limited(30_000)] },
])('$name: taken back in time', async ({ replies }) => {
  const clock = new VirtualClock(0)
  const left = [...replies]
  let takenAt = 0
  const cancelled: number[] = []
  const homeserver = {
    async ask({ method, path, body }: Ask): Promise<Reply> {
      if (path.endsWith('/versions')) {
        return { result: 'ok', body: { unstable_features: { 'org.matrix.msc4140': true } } }
      }
      if (method === 'PUT') {
        const reply = left.shift()
        if (reply === reset) takenAt = clock.now()
        return reply ?? { result: 'ok', body: { delay_id: 'held' } }
      }
      if ((body as { action?: string }).action === 'cancel') cancelled.push(clock.now())
      return { result: 'ok', body: {} }
    },
  } as Homeserver
  const man = new DeadMen(homeserver, clock).set(
    { room: '!r:hs', as: '@ghost:hs', txn: 't', type: 'm.call.hangup', content: {} },
    () => {},
  )
  await clock.pass(1)
  // The talk begins: this one is to go.
  clock.alarm(25_000, () => man.defuse())
  await clock.pass(200_000)
  expect(cancelled).toHaveLength(1)
  expect(cancelled[0]).toBeLessThan(takenAt + fuse)
})
