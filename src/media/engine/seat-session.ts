import { Session } from './session.ts'

/** The calls' end of a seat in a room: it has nothing to agree on with anybody. */
export class SeatSession extends Session {}
