import type { AgentListener, Flow } from '../../sip/index.ts'
import type { Sources } from './source.ts'

/** A phone that is registered, and the way back to it. */
export type Device = Readonly<{ uri: string; flow?: Flow }>

/** Who can be called where. */
export interface Registrations {
  /** The devices of a user, best first; none if nobody is registered. */
  devices(user: string): readonly Device[]
}

export interface Registrar extends Registrations {
  register: NonNullable<AgentListener['register']>
}

export function registrar(_sources: Sources, _now: () => number): Registrar {
  return { devices: () => [], register: () => ({ status: 405, lines: [] }) }
}
