import { reduce } from '../call/reduce.ts'
import type { Circumstances } from './circumstances.ts'
import { LiveCall } from './live-call.ts'
import type { LiveRow, Network, Slate } from './ports.ts'

/** Milliseconds: how long the record of a recovered call waits for its far ends to answer. */
const patience = 2_000

/**
 * The call as it was when the process died: the last answers may have left before the disk was told of them, and an offer leaves as
 * soon as the disk holds its leg.
 */
export function asItWas(row: LiveRow, slate: Slate | undefined): LiveRow {
  let { call } = row
  for (const { id: leg, direction } of call.legs) {
    const at = slate?.found.get(leg)
    if (at !== undefined && direction === 'in') call = reduce(call, { type: 'answered', at, leg }).call
    if (direction === 'out') call = reduce(call, { type: 'offered', at: call.began, leg }).call
  }
  return { call, wires: row.wires }
}

/**
 * A call that a process before this one left live: it gets hands for the legs that it still had, and ends like any other
 * (durability rule 4).
 */
export function endFoundLive(
  house: Circumstances,
  { call, wires }: LiveRow,
  networks: ReadonlyMap<string, Network>,
  enter: (live: LiveCall) => void,
): void {
  const live = new LiveCall(house, call)
  enter(live)
  for (const leg of call.legs) {
    const network = networks.get(leg.network)
    if (leg.state.name === 'ended' || network === undefined) continue
    const wire = wires.find((each) => each.leg === leg.id)?.wire
    house.guard(() => live.hands.add(leg.id, network.revive(call.id, leg, wire)))
  }
  live.holdWriting(patience)
  const reason = { cause: 'restarted', actor: 'platform', detail: 'the server came back and found it live' } as const
  live.dispatch({ type: 'end', at: house.clock.now(), reason })
}
