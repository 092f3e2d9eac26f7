/**
 * The sockets of the house: what the switchboard asks of the floors above it, and what it offers them. Networks, platforms and
 * ledgers implement or receive these, through this door; they import nothing else of the switchboard.
 */
export type { CallControl, DialSpec, EndResult, LegEvent } from './ports/call-control.ts'
export type { Clock, Disarm } from './ports/clock.ts'
export type { Attempt, Delivery, DeliverySeed, DeliveryState, RetryPolicy } from './ports/delivery.ts'
export type { FunctionResult, Functions } from './ports/functions.ts'
export type { Ids } from './ports/ids.ts'
export type { Ledger, LiveRow, Page, RecordFilter, RecordView, Wire } from './ports/ledger.ts'
export type { LegMedia, PlayResult, Prompt, Recording, RecordOptions } from './ports/leg-media.ts'
export type { LegHandle, Network, Offer, Sent, SwitchboardPort, Target } from './ports/network.ts'
export type { Memo, MemoryChange, NetworkMemory } from './ports/network-memory.ts'
export type { Platform } from './ports/platform.ts'
export type { Router, Routing } from './ports/router.ts'
export type { Marked, Numbers, Slate } from './ports/slate.ts'
export type { WebClient, WebRequest, WebResult } from './ports/web-client.ts'
