import { expect, test } from 'vitest'
import type { Input } from '../../../src/call/input.ts'
import type { Media } from '../../../src/media/index.ts'
import type { SipDesk } from '../../../src/networks/sip/desk.ts'
import { OutgoingLeg } from '../../../src/networks/sip/outgoing.ts'
import { UserAgent } from '../../../src/sip/index.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

/** A leg to one device, whose media ports are given or refused when the test says so. */
function prepared() {
  const ports = Promise.withResolvers<never>()
  const reported: Input[] = []
  const clock = new VirtualClock(0)
  const agent = new UserAgent({
    clock,
    fillRandom: (view) => void crypto.getRandomValues(view as Uint8Array<ArrayBuffer>),
    listener: { invite: () => undefined as never },
  })
  const desk = {
    clock,
    switchboard: { dispatch: (_call: string, input: Input) => void reported.push(input) },
    media: { session: () => ports.promise } as unknown as Media,
    mediaAddress: '127.0.0.1',
  } as unknown as SipDesk
  const leg = new OutgoingLeg(desk, 'leg', [
    {
      branch: 'device',
      address: 'sip:bob@10.0.0.9',
      session: (listener) => agent.invite({ target: 'sip:bob@10.0.0.9', from: { uri: 'sip:a@10.0.0.1' } }, listener),
    },
  ])
  leg.reporter.call = 'call'
  return { leg, agent, reported, ports }
}

const view = { ending: { cause: 'cancelled', actor: 'api', phase: 'queued', at: 0 }, relation: 'own' } as const
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('P4: a device that was never invited leaves no session behind', () => {
  const { leg, agent, reported } = prepared()
  expect(agent.counts.sessions).toBe(1)
  expect(leg.tell(view)).toEqual({ message: null })
  expect(reported).toMatchObject([{ type: 'told', outcome: 'local-only' }])
  leg.release()
  expect(agent.counts.sessions).toBe(0)
})

test('P4: nor does one for which no media port is free', async () => {
  const { leg, agent, reported, ports } = prepared()
  leg.offer()
  ports.reject(new Error('no port'))
  await settled()
  expect(reported).toMatchObject([{ type: 'end', reason: { cause: 'congestion' }, heard: 'wire' }])
  leg.release()
  expect(agent.counts.sessions).toBe(0)
})

test('P5: a leg that ended while ports were sought reports no lack of them', async () => {
  const { leg, reported, ports } = prepared()
  leg.offer()
  leg.tell(view)
  leg.stopMedia()
  ports.reject(new Error('no port'))
  await settled()
  expect(reported).toMatchObject([{ type: 'told', outcome: 'local-only' }])
})
