import { describe, expect, it } from 'vitest'
import { World } from './world.ts'

const talk = '<Play loop="0">https://x/a.wav</Play>'
const armed = (world: World) => (world.stored.at(-1)?.call.timers ?? []).filter(({ id }) => id.startsWith('schedule'))

describe('a scheduled hangup', () => {
  it('is a row in the store, due from the moment when its element ran', async () => {
    const world = await World.ofDocument(`<Speak>two seconds</Speak><Hangup schedule="60"/>${talk}`)
    await world.pass(1_000)
    expect(armed(world)).toEqual([])
    await world.pass(5_000)
    const due = world.began + 62_000
    expect(armed(world)).toMatchObject([{ id: 'schedule-1', due, cause: 'scheduled', until: 'any' }])
  })

  it('stands beside others, and none replaces another, not in the next document either', async () => {
    const next = 'https://app.example.com/next'
    const world = await World.ofDocument(`<Hangup schedule="60"/><Hangup schedule="90"/><Redirect>${next}</Redirect>`, {
      replies: { [next]: `<Response><Hangup schedule="30" reason="busy"/>${talk}</Response>` },
    })
    await world.pass(1_000)
    expect(armed(world).map(({ id, due, cause }) => [id, due - world.began, cause])).toEqual([
      ['schedule-1', 60_000, 'scheduled'],
      ['schedule-2', 90_000, 'scheduled'],
      ['schedule-3', 30_000, 'busy'],
    ])
    await world.pass(100_000)
    expect(world.lasted).toBe(30_000)
    expect(world.wire).toEqual(['200', 'BYE busy'])
    expect(world.clock.armed).toBe(0)
  })

  it('runs on while the next document is being fetched', async () => {
    const next = 'https://app.example.com/next'
    const world = await World.ofDocument(`<Speak>x</Speak><Hangup schedule="5"/><Redirect>${next}</Redirect>`, {
      replies: { [next]: { body: `<Response>${talk}</Response>`, after: 9_000 } },
    })
    await world.pass(100_000)
    expect(world.lasted).toBe(7_000)
    expect(world.webhook).toMatchObject({ HangupCauseCode: '6000', HangupSource: 'Answer XML' })
  })

  it('that is last arms nothing', async () => {
    const world = await World.ofDocument('<Speak>x</Speak><Hangup schedule="60"/>')
    await world.pass(100_000)
    expect(world.stored.flatMap(({ call }) => call.timers).filter(({ id }) => id.startsWith('schedule'))).toEqual([])
  })
})
