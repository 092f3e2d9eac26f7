import type { FunctionFault } from '../instance.ts'

/** To the process: one job. */
export type ToWorker = Readonly<{ id: string; event: string; milliseconds: number }>

export type FromWorker =
  | Readonly<{ type: 'ready' }>
  | Readonly<{ type: 'failed'; detail: string }>
  /** Files that were loaded, dependencies excepted. */
  | Readonly<{ type: 'loaded'; files: readonly string[] }>
  | Readonly<{ type: 'line'; stream: 'stdout' | 'stderr'; text: string; id?: string }>
  | Readonly<{ type: 'result'; id: string; text?: string }>
  | Readonly<{ type: 'fault'; id: string; error: FunctionFault; detail: string; last: boolean }>
