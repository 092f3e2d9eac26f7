import { onTestFinished, vi } from 'vitest'
import type { IceCandidate, Media, PeerOptions, PeerSession, PeerState } from '../../../src/media/index.ts'
import { until as untilSoon } from '../far-end.ts'

// Handshakes cost milliseconds of a processor; on a machine that is busy, they take seconds.
vi.setConfig({ testTimeout: 60_000 })

export const until = (holds: () => boolean): Promise<void> => untilSoon(holds, 15_000)

/** A session of ours, with its states and candidates as they come; closed when the test is over. */
export async function ourPeer(media: Media, options: Partial<PeerOptions> = {}) {
  const session = await media.peer({ iceServers: [], ...options })
  onTestFinished(() => session.close())
  const states: PeerState[] = []
  const candidates: IceCandidate[] = []
  session.onState((state) => void states.push(state))
  session.onCandidate((candidate) => void candidates.push(candidate))
  return { session, states, candidates }
}

type OurPeer = Awaited<ReturnType<typeof ourPeer>>

/** Offer and answer between two of ours, candidates each way. */
export async function join(caller: PeerSession, callee: PeerSession, options: { iceRestart?: boolean } = {}) {
  const offer = await caller.offer(options)
  const answer = await callee.answer(offer)
  await caller.accept(answer)
  return { offer, answer }
}

export function trickle(from: PeerSession, to: PeerSession): void {
  from.onCandidate((candidate) => to.candidate(candidate))
}

/** Two of ours that hear each other. */
export async function connected(media: Media, other: Media = media): Promise<readonly [OurPeer, OurPeer]> {
  const caller = await ourPeer(media)
  const callee = await ourPeer(other)
  trickle(caller.session, callee.session)
  trickle(callee.session, caller.session)
  await join(caller.session, callee.session)
  await until(() => caller.states.at(-1) === 'connected' && callee.states.at(-1) === 'connected')
  return [caller, callee]
}
