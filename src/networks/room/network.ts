import type { CallId } from '../../call/call.ts'
import type { LegSeed } from '../../call/input.ts'
import type { Leg } from '../../call/leg.ts'
import type { Media } from '../../media/index.ts'
import type { Clock, LegHandle, Network, SwitchboardPort, Target } from '../../switchboard/ports.ts'
import { RoomLeg } from './leg.ts'

type RoomNetworkOptions = Readonly<{ clock: Clock; switchboard: SwitchboardPort; media: Media }>

/**
 * Rooms on this machine: meetings, conferences. A leg of this network is a seat in the room that its target names; the leg
 * connected to it hears, and is heard by, everybody else in the room. There is no wire: a seat answers as soon as it is
 * offered, never rings, and is told of its end by nobody but us.
 */
export function createRoomNetwork(options: RoomNetworkOptions): Network {
  const { clock, switchboard, media } = options
  const desk = { clock, switchboard }
  return {
    name: 'room',
    async start() {},
    prepare(call: CallId, leg: LegSeed, target: Target): LegHandle & { offer(): void } {
      return new RoomLeg(desk, call, leg.id, () => media.seat(target.to))
    },
    // The room died with the process that it was in.
    revive(call: CallId, leg: Leg): LegHandle {
      return new RoomLeg(desk, call, leg.id, () => media.seat(leg.to))
    },
    drain() {},
    // The seats end with their calls, the rest with the media engine.
    async stop() {},
  }
}
