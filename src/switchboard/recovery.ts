import { isLive, isUnconfirmed, type Leg, type LegId, type View } from '../call/leg.ts'
import { reduce } from '../call/reduce.ts'
import { viewAgain } from '../call/view.ts'
import type { Circumstances } from './circumstances.ts'
import { LiveCall } from './live-call.ts'
import type { LiveRow, Network, RecordView, Slate } from './ports.ts'

/** Milliseconds: how long the record of a recovered call waits for its far ends to answer. */
const patience = 2_000

/**
 * The call as it was when the process died: the last answers may have left before the disk was told of them, and an offer leaves as
 * soon as the disk holds its leg.
 */
export function asItWas(row: LiveRow, slate: Slate | undefined): LiveRow {
  let { call } = row
  for (const { id: leg, direction } of call.legs) {
    const marked = slate?.found.get(leg)
    if (marked !== undefined && direction === 'in') {
      call = reduce(call, { type: 'answered', at: marked.answering, leg }).call
      const { acknowledged: at } = marked
      if (at !== undefined) call = reduce(call, { type: 'acknowledged', at, leg }).call
    }
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
  const again = new Map<LegId, View>()
  for (const leg of call.legs) {
    if (isLive(leg)) addHand(live, leg, wires, networks)
    else if (isUnconfirmed(leg) && house.retells(leg.network) && addHand(live, leg, wires, networks)) {
      again.set(leg.id, viewAgain(leg, leg.state.ending))
    }
  }
  live.afterlife.holdWriting(patience)
  live.tellAgain(again)
  const reason = { cause: 'restarted', actor: 'platform', detail: 'the server came back and found it live' } as const
  live.dispatch({ type: 'end', at: house.clock.now(), reason })
}

/**
 * A call whose record a process before this one has written, while a far end had not confirmed what it was told: what was said may
 * have been lost, or not have been said yet (a CANCEL waits for the first response). It is said again, and nothing else happens.
 */
export function tellUnconfirmed(
  house: Circumstances,
  { call, wires }: LiveRow,
  record: RecordView,
  slate: Slate | undefined,
  networks: ReadonlyMap<string, Network>,
  enter: (live: LiveCall) => void,
): void {
  const outcomes = new Map(record.annex.flatMap((entry) => (entry.type === 'told' ? [[entry.leg, entry.outcome]] : [])))
  const found = call.legs.map((was) => {
    const { ending, sent, answered } = record.legs.find(({ id }) => id === was.id) ?? { ...record, sent: undefined }
    // Where several devices were rung, one that lost may not have heard it, whoever ended the leg.
    const needed = sent !== undefined || was.branches.some(({ state }) => state.name === 'ended')
    const told = needed ? (outcomes.get(was.id) ?? 'pending') : 'not-needed'
    const ended: Leg = { ...was, state: { name: 'ended', ending, told } }
    // Stored before the answer, perhaps: the hand must know of it. Who is not known to have acknowledged it may still wait.
    const seen = (was.state.name === 'answered' && was.state.ack === 'seen') || isAcknowledged(slate, was.id)
    const ack = seen ? 'seen' : 'awaited'
    const before: Leg = answered === null ? was : { ...was, state: { name: 'answered', at: answered, ack } }
    return { before, ended, view: viewAgain(ended, ending) }
  })
  const live = new LiveCall(house, {
    ...call,
    state: { name: 'ended', ending: record.ending },
    legs: found.map(({ ended }) => ended),
  })
  enter(live)
  live.afterlife.resume()
  const again = new Map<LegId, View>()
  for (const { before, ended, view } of found) {
    if (isUnconfirmed(ended) && house.retells(ended.network) && addHand(live, before, wires, networks)) {
      again.set(ended.id, view)
    }
  }
  if (live.call.legs.some(isUnconfirmed)) live.tellAgain(again)
  else live.afterlife.told()
}

const isAcknowledged = (slate: Slate | undefined, leg: LegId) => slate?.found.get(leg)?.acknowledged !== undefined

/** False if nothing is known of the leg that a network could speak by. */
function addHand(live: LiveCall, leg: Leg, wires: LiveRow['wires'], networks: ReadonlyMap<string, Network>): boolean {
  const network = networks.get(leg.network)
  const wire = wires.find((each) => each.leg === leg.id)?.wire
  if (network === undefined) return false
  return live.hands.revive(leg.id, () => network.revive(live.call.id, leg, wire))
}
