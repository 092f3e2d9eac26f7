import { describe, expect, test } from 'vitest'
import type { Input } from '../../../src/call/input.ts'
import type { Leg } from '../../../src/call/leg.ts'
import { type Media, MediaError, type SessionVerbs } from '../../../src/media/index.ts'
import { createRoomNetwork } from '../../../src/networks/room/index.ts'
import type { LegHandle, SwitchboardPort, Target } from '../../../src/switchboard/ports.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const seed = { id: 'leg', direction: 'out', network: 'room', from: '1', to: 'standup' } as const
const target: Target = { network: 'room', to: 'standup', from: '1' }
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A room network whose engine gives seats on paper, or none. */
function world(engine: 'well' | 'ill' = 'well') {
  const inputs: Input[] = []
  const seats: { room: string; state: 'open' | 'closed'; lose(): void }[] = []
  const media = {
    async seat(room: string): Promise<SessionVerbs> {
      if (engine === 'ill') throw new MediaError('media.closed', 'closed')
      let lose = (): void => {}
      const seat = { room, state: 'open' as 'open' | 'closed', lose: () => lose() }
      seats.push(seat)
      return {
        onLost: (listener: (loss: 'engine-failed') => void) => {
          lose = () => listener('engine-failed')
        },
        onDigit: () => () => {},
        close: () => {
          seat.state = 'closed'
        },
      } as unknown as SessionVerbs
    },
  } as unknown as Media
  const switchboard = { dispatch: (_: string, input: Input) => inputs.push(input) } as unknown as SwitchboardPort
  const network = createRoomNetwork({ clock: new VirtualClock(), switchboard, media })
  const leg = network.prepare('call', seed, target)
  const types = () => inputs.map(({ type }) => type)
  return { network, leg, inputs, seats, types }
}

const view = {} as Parameters<LegHandle['tell']>[0]

test('nothing is taken before the offer; then it is answered at once, in the room that the target names', async () => {
  const { leg, seats, types } = world()
  await turn()
  expect([seats.length, types()]).toEqual([0, []])
  leg.offer()
  leg.offer()
  await turn()
  expect(seats.map(({ room }) => room)).toEqual(['standup'])
  expect(types()).toEqual(['offered', 'answered'])
})

describe('a seat is free again', () => {
  test.each<[string, (leg: LegHandle) => void]>([
    ['when its sound is stopped', (leg) => leg.stopMedia()],
    ['when it is forgotten', (leg) => leg.release()],
  ])('%s', async (_, end) => {
    const { leg, seats } = world()
    leg.offer()
    await turn()
    end(leg)
    end(leg)
    expect(seats.map(({ state }) => state)).toEqual(['closed'])
  })

  test('when the leg ends before it was taken: nothing is answered', async () => {
    const { leg, seats, types } = world()
    leg.offer()
    leg.stopMedia()
    expect(leg.tell(view)).toEqual({ message: null })
    await turn()
    expect(seats.every(({ state }) => state === 'closed')).toBe(true)
    expect(types()).toEqual(['offered', 'told'])
  })
})

test('its telling is local, and known at once', () => {
  const { leg, inputs } = world()
  expect(leg.tell(view)).toEqual({ message: null })
  expect(inputs).toMatchObject([{ type: 'told', leg: 'leg', outcome: 'local-only' }])
})

test('an engine that gives no seat ends the leg', async () => {
  const { leg, inputs } = world('ill')
  leg.offer()
  await turn()
  expect(inputs.at(-1)).toMatchObject({
    type: 'end',
    leg: 'leg',
    reason: { cause: 'capture-failed', actor: 'platform' },
  })
})

test('an engine that dies ends the leg', async () => {
  const { leg, inputs, seats } = world()
  leg.offer()
  await turn()
  seats[0]!.lose()
  expect(inputs.at(-1)).toMatchObject({ type: 'end', reason: { cause: 'capture-failed', actor: 'platform' } })
})

test('after a crash there is nobody to tell, and no seat is taken', async () => {
  const { network, inputs, seats } = world()
  const revived = network.revive('call', { id: 'leg', to: 'standup' } as Leg, {})
  expect(revived.tell(view)).toEqual({ message: null })
  revived.stopMedia()
  revived.release()
  await turn()
  expect(inputs).toMatchObject([{ type: 'told', outcome: 'local-only' }])
  expect(seats).toEqual([])
})
