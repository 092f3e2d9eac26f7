import type { FunctionResult } from '../switchboard/ports.ts'

export type FunctionFault = Extract<FunctionResult, { ok: false }>['error']

/** One attempt, as an instance is given it. */
export type Job = Readonly<{
  id: string
  /** JSON. */
  event: string
  /** From now until the deadline. */
  milliseconds: number
}>

/** `last`: the instance takes no further job. */
export type Outcome =
  /** `text`: what came back, not yet read; undefined if nothing did. */
  | Readonly<{ ok: true; text: string | undefined; last?: true }>
  | Readonly<{ ok: false; error: FunctionFault; detail: string; last?: true }>

/** Why an instance is ended: its job's time ran out, newer code replaces it or nobody needs it, everything closes. */
export type EndReason = 'timeout' | 'retired' | 'closing'

/** Something that runs one job at a time: a process, or one connection's worth of a far host. */
export interface Instance {
  /** Rejects with an Error whose message is for people. */
  readonly ready: Promise<void>
  /** How it ended by itself. */
  readonly gone: Promise<string>
  /** Never rejects. Only when ready, one at a time. */
  invoke(job: Job): Promise<Outcome>
  /** Resolves when nothing is left of it. */
  end(why: EndReason): Promise<void>
}

/** AWS's limit of a synchronous invocation, both ways. Bytes. */
export const mostBytes = 6 * 1024 * 1024

const mostDetail = 1_000

export function failed(error: FunctionFault, detail: string): Extract<Outcome, { ok: false }> {
  return { ok: false, error, detail: detail.length > mostDetail ? `${detail.slice(0, mostDetail)}…` : detail }
}
