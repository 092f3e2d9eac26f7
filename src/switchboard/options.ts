import type { Clock, Delivery, Ids, Ledger, Platform, Router, Slate } from './ports.ts'

export type SwitchboardOptions = Readonly<{
  clock: Clock
  ids: Ids
  ledger: Ledger
  /** Absent: what the disk was not yet told of dies with the process. */
  slate?: Slate
  router: Router
  platforms: readonly Platform[]
  /** Deliveries that have just become durable. */
  deliver(deliveries: readonly Delivery[]): void
  /** A fault that concerns no far end: a watcher or a script threw, the store refused a row. */
  onFault(fault: unknown, context: string): void
  /** A new call was refused for the house's own sake. */
  onShed?(limit: 'calls' | 'rate' | 'caller' | 'draining'): void
  /** Live calls; new calls a second; live calls of one caller; milliseconds of ringing and of talk where a route says nothing else. */
  limits: Readonly<{
    calls: number
    callsPerSecond: number
    /** Absent: 100 of a user, and any number of another caller. */
    callsPerCaller?: number
    ringing: number
    duration: number
  }>
}>

/** Of one call, where it has its own. Milliseconds. */
export type Limits = Readonly<{ ringing?: number; duration?: number }>
