import type { LegId } from '../../../call/leg.ts'
import type { LegMedia } from '../../../switchboard/ports.ts'
import { answer, cutOff, done, failed, invalid, type Perform } from './stage.ts'

type Seat = Readonly<{ attendee: string; leg: LegId; media: () => LegMedia; signal: AbortSignal }>

/** Who sits in which meeting, over all transactions: one handler may mute the caller of another. */
export class Meetings {
  readonly #seats = new Map<string, Set<Seat>>()

  take(meeting: string, seat: Seat): void {
    const seats = this.#seats.get(meeting) ?? new Set()
    this.#seats.set(meeting, seats.add(seat))
    const leave = () => {
      seats.delete(seat)
      if (seats.size === 0 && this.#seats.get(meeting) === seats) this.#seats.delete(meeting)
    }
    if (seat.signal.aborted) leave()
    else seat.signal.addEventListener('abort', leave, { once: true })
  }

  /** By join token, by an id that the token bears, or by the id of either leg. */
  find(meeting: string, attendee: string): readonly Seat[] {
    return [...(this.#seats.get(meeting) ?? [])].filter(
      (seat) => seat.attendee === attendee || seat.leg === attendee || idsIn(seat.attendee).includes(attendee),
    )
  }
}

/** Join tokens that bear ids, in base64: handlers name attendees by their id. */
function idsIn(token: string): readonly string[] {
  return (
    Buffer.from(token, 'base64')
      .toString('latin1')
      .match(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi) ?? []
  )
}

/** A room on this machine stands in for the meeting: everybody who joins with the same id hears everybody else. */
export const joinChimeMeeting: Perform<'JoinChimeMeeting'> = async ({ JoinToken, MeetingId }, stage) => {
  const { control, leg, signal, meetings } = stage
  if (stage.other() !== undefined) return invalid('the call leg is bridged already')
  const room = MeetingId ?? JoinToken
  await answer(stage)
  if (signal.aborted) return cutOff(stage)
  const b = control.dial({
    target: { network: 'room', to: room, from: leg.from },
    bridge: { to: leg.id, rule: 'caller-survives' },
  })
  const joined = await new Promise<boolean>((resolve) => {
    const settle = (result: boolean): void => {
      stop()
      resolve(result)
    }
    const stop = control.onLeg(b, ({ type }) => {
      if (type === 'answered' || type === 'ended') settle(type === 'answered')
    })
    const state = control.call().legs.find(({ id }) => id === b)?.state.name
    if (state === 'answered' || state === 'ended') settle(state === 'answered')
  })
  if (!joined) {
    if (signal.aborted) return cutOff(stage)
    const message = 'the meeting could not be joined'
    return { ...failed('SystemException', message), results: { Error: `ErrorJoiningMeeting: ${message}` } }
  }
  stage.joined(b)
  // Who leaves the line leaves the meeting: nobody else could ever take that seat.
  control.bridge({ first: leg.id, second: b, rule: 'caller-survives' })
  control.media(leg.id).connect(control.media(b))
  const seat = { media: () => control.media(leg.id), signal: control.legSignal(b) }
  meetings.take(room, { attendee: JoinToken, leg: b, ...seat })
  meetings.take(room, { attendee: leg.id, leg: leg.id, ...seat })
  return done
}

export const modifyAttendees: Perform<'ModifyChimeMeetingAttendees'> = async (parameters, { meetings }) => {
  const { Operation, MeetingId, AttendeeList } = parameters
  const missing: string[] = []
  for (const attendee of AttendeeList) {
    const seats = meetings.find(MeetingId, attendee)
    if (seats.length === 0) missing.push(attendee)
    for (const seat of seats) seat.media().mute(Operation === 'Mute')
  }
  if (missing.length === 0) return done
  return {
    ...failed('InvalidActionParameter', `not in meeting ${MeetingId}: ${missing.join(', ')}`),
    results: { ErrorList: missing },
  }
}
