/** A function hears of no leg that the disk does not know: after a crash at any moment each that it knows gets its HANGUP (P3). */
import { expect, test } from 'vitest'
import { recordOf } from '../../../src/call/record.ts'
import { reduce } from '../../../src/call/reduce.ts'
import { lastWords } from '../../../src/platforms/chime/last-words.ts'
import type { LiveRow } from '../../../src/switchboard/ports.ts'
import { answer, bridge, type Event, hangup, World } from './world.ts'

/** Writes down rows as they are when their commit ends; `hold` keeps every commit back until `release`. */
class PaperDisk {
  readonly rows: LiveRow[] = []
  readonly #waiting: (() => void)[] = []
  #state: 'at once' | 'held' = 'at once'

  readonly store = (row: LiveRow): Promise<void> => {
    const write = () => void this.rows.push(JSON.parse(JSON.stringify(row)))
    if (this.#state === 'at once') return Promise.resolve(write())
    return new Promise((resolve) => this.#waiting.push(() => resolve(write())))
  }

  hold() {
    this.#state = 'held'
  }
  release() {
    this.#state = 'at once'
    for (const write of this.#waiting.splice(0)) write()
  }
}

test.each(['A', 'B', 'nobody'] as const)(
  'nothing names a new leg before its commit; %s leaves meanwhile',
  async (leaver) => {
    const disk = new PaperDisk()
    const handler = ({ InvocationEventType: type }: Event) =>
      type === 'NEW_INBOUND_CALL' ? answer(bridge()) : answer()
    const world = await World.of({ disk: disk.store, handler })
    disk.hold()
    await world.input('B', 'answered')
    // Both sides speak already; only the function waits.
    expect(world.sound('A').connected).toBe(world.sound('B'))
    if (leaver !== 'nobody') await world.leaves(leaver)
    await world.pass(60_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL'])
    expect(JSON.stringify(disk.rows)).not.toContain(`"joined":["${world.leg('B')}"]`)
    disk.release()
    await world.pass(0)
    expect(JSON.stringify(disk.rows)).toContain(`"joined":["${world.leg('B')}"]`)
    const hung = leaver === 'nobody' ? [] : [`HANGUP LEG-${leaver} 0`]
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_SUCCESSFUL CallAndBridge', ...hung])
    for (const event of world.events.slice(1)) expect(event.CallDetails.Participants).toHaveLength(2)
  },
)

test('after a crash between any two commits each leg that the function knows gets its HANGUP, with its CallId', async () => {
  const disk = new PaperDisk()
  const told: { rows: number; type: string; hung: string | undefined; legs: string[] }[] = []
  const world = await World.of({
    disk: disk.store,
    handler: (event: Event) => {
      const { InvocationEventType: type, ActionData: data, CallDetails } = event
      told.push({
        rows: disk.rows.length,
        type,
        hung: type === 'HANGUP' ? data.Parameters.CallId : undefined,
        legs: CallDetails.Participants.map(({ CallId }: Event) => CallId),
      })
      if (type === 'NEW_INBOUND_CALL') return answer(bridge())
      if (type === 'HANGUP') return answer(told.length > 5 ? hangup() : bridge())
      return answer()
    },
  })
  await world.input('B', 'answered')
  await world.leaves('B')
  world.switchboard.dispatch(world.call, { type: 'answered', at: world.clock.now(), leg: world.leg('C') })
  await world.pass(0)
  await world.leaves('C')
  await world.pass(0)
  await world.leaves('A')
  const known = ['A', 'B', 'C'].map((letter) => world.leg(letter as 'A'))
  expect(new Set(told.flatMap(({ legs }) => legs))).toEqual(new Set(known))

  disk.rows.forEach((row, index) => {
    const commits = index + 1
    const heard = told.filter(({ rows }) => rows <= commits)
    const knew = new Set(heard.flatMap(({ legs }) => legs))
    const hung = heard.flatMap(({ hung }) => hung ?? [])
    // What was said after this commit, and before the next, no disk can know: that alone may come twice.
    const forgotten = told.flatMap(({ rows, hung }) => (rows === commits ? (hung ?? []) : []))
    const { call } = reduce(row.call, {
      type: 'end',
      at: world.clock.now(),
      reason: { cause: 'restarted', actor: 'platform' },
    })
    if (call.state.name !== 'ended') return
    const { ending } = call.state
    const seeds = lastWords({ type: 'call-ended', ending }, call, recordOf(call, ending), () => 0)
    const last = seeds.map(({ body }) => JSON.parse(body).ActionData.Parameters.CallId as string)
    expect(new Set(last).size).toBe(last.length)
    expect([...new Set([...hung, ...last])]).toEqual(expect.arrayContaining([...knew]))
    expect(last.filter((leg) => hung.includes(leg) && !forgotten.includes(leg))).toEqual([])
  })
})
