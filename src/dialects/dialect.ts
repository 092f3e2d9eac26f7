import type { Cause } from '../call/causes.ts'
import type { Dialect, Ending, Instant, Phase } from '../call/ending.ts'

/** What the reader knows of a call that the wire value does not say. */
export type ReadContext = Readonly<{
  /** When it was heard; used where the value carries no time of its own. */
  at: Instant
  /** How far the call had come. Absence of a reason means different things before and after the answer. */
  phase?: Phase
  /** Which way the call went, as seen from whoever received the value. */
  direction?: 'in' | 'out'
  /** Who sent the value, where the protocol does not say it in the value itself. */
  sender?: 'caller' | 'callee' | 'unknown'
}>

/** What the writer knows of the listener. */
export type WriteContext = Readonly<{
  phase?: Phase
  /** Direction of the leg that is told, as seen from this server. */
  direction?: 'in' | 'out'
  /** Dialects with more than one vocabulary (WhatsApp: `documented`, `observed`). */
  vocabulary?: string
  /**
   * Identifiers of the told leg, in its network's own field names (`call_id`, `call-id`, `to` …), as `Leg.ids` has
   * them. In dialects whose values carry identifiers, those that are not given are left out.
   */
  ids?: Readonly<Record<string, string>>
}>

/**
 * One dialect's spelling of endings. Both functions are total: no input makes them throw.
 * `read` keeps the value in `ending.raw` verbatim, whatever it is.
 */
export interface EndingCodec<Wire = unknown> {
  readonly dialect: Dialect
  read(wire: unknown, context: ReadContext): Ending
  write(ending: Ending, context?: WriteContext): Wire
  /**
   * The cause that a reader of what `write` wrote would understand, for each cause: the identity where the dialect
   * can say it, the nearest cell where it cannot. `docs/causes.md` is generated from it.
   */
  readonly says: Readonly<Record<Cause, Cause>>
  /** The identifiers that a wire value carries, in the names that `WriteContext.ids` takes. Default: none. */
  identify?(wire: unknown): Readonly<Record<string, string>>
  /** A value as it stands on the wire. Default: a string as it is, anything else as JSON. */
  text?(wire: Wire): string
}

/** A message that cannot be read, with the place of the fault. Parsers of whole messages return it; they never throw. */
export type Fault = Readonly<{
  /** Stable code, listed in docs/errors.md. */
  code: string
  /** JSON path, XML `line:column`, stanza path, header name. */
  place: string
  message: string
  /** What would mend it. */
  remedy?: string
}>

export type Parsed<T> =
  | Readonly<{ ok: true; value: T; warnings: readonly Fault[] }>
  | Readonly<{ ok: false; faults: readonly Fault[] }>
