/** The homeserver's TURN servers: what is taken of its answers, and when it is asked again. */
import { expect, test } from 'vitest'
import type { Homeserver, Reply } from '../../../src/networks/matrix/homeserver.ts'
import { TurnServers } from '../../../src/networks/matrix/turn.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const minute = 60_000
const hour = 60 * minute

/** A homeserver whose answers are given one after the other; the last one stays. Notes when it was asked. */
function stage(...replies: (Reply | 'never')[]) {
  const clock = new VirtualClock(1_000)
  const asked: number[] = []
  const homeserver: Homeserver = {
    async ask({ method, path }) {
      expect(`${method} ${path}`).toBe('GET /_matrix/client/v3/voip/turnServer')
      asked.push(clock.now() - 1_000)
      const reply = replies.length > 1 ? replies.shift()! : replies[0]!
      return reply === 'never' ? new Promise(() => {}) : reply
    },
    close: async () => {},
  }
  return { clock, asked, turn: new TurnServers(homeserver, clock) }
}

const ok = (body: Record<string, unknown>): Reply => ({ result: 'ok', body })
const given = (ttl: unknown, username = '1:@onhook:hs') =>
  ok({ uris: ['turn:relay?transport=udp', 'turns:relay'], username, password: 'secret', ttl })
const away: Reply = { result: 'away', detail: 'ECONNREFUSED', arrived: 'no' }
const refused = (status: number, code: string): Reply => ({ result: 'refused', status, code })

test('what it names is used as it is', async () => {
  const { turn } = stage(given(3600))
  await turn.start()
  expect(turn.servers).toEqual([
    { urls: ['turn:relay?transport=udp', 'turns:relay'], username: '1:@onhook:hs', credential: 'secret' },
  ])
})

test.each<[string, Reply | 'never', number | undefined]>([
  ['{}: it has none', ok({}), hour],
  ['403', refused(403, 'M_FORBIDDEN'), hour],
  ['404', refused(404, 'M_UNRECOGNIZED'), hour],
  ['429', { result: 'limited', after: 7_000 }, 7_000],
  ['429 with a time of nothing', { result: 'limited', after: 0 }, 1_000],
  ['it is away', away, 30_000],
  ['no answer at all', 'never', undefined],
  ['no uris', ok({ uris: [], username: 'u', password: 'p', ttl: 60 }), hour],
  ['uris that are no list', ok({ uris: 'turn:x', username: 'u', password: 'p', ttl: 60 }), hour],
  ['uris that are no words', ok({ uris: [null, 1, {}], username: 'u', password: 'p', ttl: 60 }), hour],
  ['a time of nothing', given(0), hour],
  ['a time that has passed', given(-1), hour],
  ['a time that is no number', given('3600'), hour],
  ['no time', given(undefined), hour],
])('%s: none are used, and it is asked again in time', async (_name, reply, again) => {
  const { turn, clock, asked } = stage(reply)
  void turn.start()
  await clock.pass(0)
  expect(turn.servers).toEqual([])
  await clock.pass((again ?? hour) - 1)
  expect(asked).toEqual([0])
  await clock.pass(1)
  expect(asked).toEqual(again === undefined ? [0] : [0, again])
})

test.each([
  ['of a day', 86_400, hour],
  ['of an hour', 3600, 0.9 * hour],
  ['of ten seconds', 10, 9_000],
  ['of a second', 1, 5_000],
  ['for ever', Number.POSITIVE_INFINITY, hour],
])('credentials %s are renewed before they expire, and not all the time', async (_name, ttl, after) => {
  const { turn, clock, asked } = stage(given(ttl))
  await turn.start()
  await clock.pass(after - 1)
  expect(asked).toEqual([0])
  await clock.pass(1)
  expect(asked).toEqual([0, after])
  expect(turn.servers).toHaveLength(1)
  expect(clock.armed).toBe(1)
})

test('new credentials take the place of the old ones', async () => {
  const { turn, clock } = stage(given(10, 'old'), given(10, 'new'))
  await turn.start()
  await clock.pass(9_000)
  expect(turn.servers[0]?.username).toBe('new')
})

test.each([
  ['is away', away],
  ['refuses', refused(403, 'M_FORBIDDEN')],
  ['has none any more', ok({})],
  ['limits', { result: 'limited', after: 60_000 }],
  ['does not answer', 'never'],
] as const)('when it %s, the old ones are used until they expire, and not after', async (_name, reply) => {
  const { turn, clock } = stage(given(100), reply)
  await turn.start()
  await clock.pass(90_000)
  expect(turn.servers).toHaveLength(1)
  await clock.pass(9_999)
  expect(turn.servers).toHaveLength(1)
  await clock.pass(1)
  expect(turn.servers).toEqual([])
})

test('after it was away, it is used again', async () => {
  const { turn, clock } = stage(away, away, given(3600))
  await turn.start()
  await clock.pass(2 * 30_000)
  expect(turn.servers).toHaveLength(1)
})

test('who has stopped asks no more, also if the answer was under way', async () => {
  const { turn, clock, asked } = stage(given(10))
  const starting = turn.start()
  turn.stop()
  await starting
  expect(clock.armed).toBe(0)
  await turn.start()
  turn.stop()
  expect(clock.armed).toBe(0)
  await clock.pass(hour)
  expect(asked).toEqual([0, 0])
})
