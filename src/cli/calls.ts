/** `onhook calls` */
import type { z } from '@hono/zod-openapi'
import type { Ending } from '../call/ending.ts'
import type * as schemas from '../http/schemas.ts'
import { parse } from './args.ts'
import { type Client, createClient, serverFlags, serverHelp } from './client.ts'
import { endingWords, recordText } from './ending-text.ts'
import { exit, type Io, print, printJson } from './io.ts'
import { duration, moment, type Paint, painter, plural, table } from './terminal.ts'

export type LiveCall = z.output<typeof schemas.LiveCall>
type CallOrRecord = z.output<typeof schemas.CallOrRecord>

/** Flags that say which live calls are meant; `hangup` has them too. */
export const filterFlags = {
  from: { type: 'text' },
  to: { type: 'text' },
  phase: { type: 'text' },
  platform: { type: 'text' },
  network: { type: 'text' },
  direction: { type: 'text' },
} as const

export const filterHelp = `Which calls:
  --from N, --to N   calling or called number; * stands for any characters
  --phase P          queued, offered, ringing, early or answered
  --platform P       vobiz, direct, …
  --network N        sip, …
  --direction D      in or out`

export const help = `Usage: onhook calls [ID] [options]

What lives now, oldest first. With an ID: one call, leg by leg; if it is over, its record.

${filterHelp}

Options:
  --limit N       at most so many (100)
  --follow, -f    then print what happens, until Ctrl-C

${serverHelp}

Examples:
  onhook calls --phase ringing
  onhook calls --to '+44*' --json | jq -r '.[].id'
  onhook calls --follow`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, rest } = parse(
    args,
    { ...serverFlags, ...filterFlags, limit: { type: 'number', min: 1 }, follow: { type: 'flag', short: 'f' } },
    [0, 1],
  )
  const client = await createClient(flags, io)
  const [id] = rest
  if (flags.follow) return follow(client, id, flags.json, io)
  if (id !== undefined) return showOne(client, id, flags.json, io)
  const { from, to, phase, platform, network, direction } = flags
  const query = { from, to, phase, platform, network, direction }
  const calls = await client.list<LiveCall>('/api/calls', query, flags.limit ?? 100)
  if (flags.json) printJson(io, calls)
  else print(io, calls.length === 0 ? 'no live calls' : callTable(calls, io))
  return exit.done
}

function callTable(calls: readonly LiveCall[], io: Io): string {
  const paint = painter(io)
  const rows = calls.map((call) => [
    call.id,
    `${call.from} ${call.direction === 'in' ? '→' : '⇢'} ${call.to}`,
    phaseText(call.phase, paint),
    call.answered === null ? duration(io.now() - call.began) : duration(io.now() - call.answered),
    call.platform,
    [...new Set(call.legs.map(({ network }) => network))].join('+'),
    plural(call.legs.length, 'leg'),
  ])
  return table(['CALL', 'FROM → TO', 'PHASE', 'FOR', 'PLATFORM', 'NETWORK', 'LEGS'], rows, paint)
}

function phaseText(phase: LiveCall['phase'], paint: Paint): string {
  return phase === 'answered' ? paint('green', phase) : paint('yellow', phase)
}

async function showOne(client: Client, id: string, json: boolean, io: Io): Promise<number> {
  const found = await client.get<CallOrRecord>(`/api/calls/${encodeURIComponent(id)}`)
  if (json) {
    printJson(io, found)
    return exit.done
  }
  print(io, found.state === 'ended' ? recordText(found.record, io) : liveText(found.call, io))
  return exit.done
}

function liveText(call: LiveCall, io: Io): string {
  const paint = painter(io)
  const legs = call.legs.map((leg) => [
    leg.id,
    leg.role,
    leg.network,
    `${leg.from} → ${leg.to}`,
    leg.state,
    leg.answered === null ? '' : duration(io.now() - leg.answered),
  ])
  const timers = call.timers.map(({ id, due, cause }) => `  ${id}: ${cause} at ${moment(due)}`)
  return [
    `${paint('bold', call.id)}  ${call.from} → ${call.to}  ${phaseText(call.phase, paint)}  since ${moment(call.began)}`,
    '',
    table(['LEG', 'ROLE', 'NETWORK', 'FROM → TO', 'STATE', 'TALK'], legs, paint),
    ...(timers.length === 0 ? [] : ['', paint('dim', 'will end it'), ...timers]),
  ].join('\n')
}

type FeedData = {
  at: number
  id: string
  leg?: string
  ending?: Ending
  outcome?: string
  call?: LiveCall
  calls?: LiveCall[]
}

async function follow(client: Client, id: string | undefined, json: boolean, io: Io): Promise<number> {
  const abort = new AbortController()
  const off = (['SIGINT', 'SIGTERM'] as const).map((signal) => io.onSignal(signal, () => abort.abort()))
  try {
    const path = id === undefined ? '/api/events' : `/api/events?call=${encodeURIComponent(id)}`
    for await (const { event, data } of client.events(path, abort.signal)) {
      if (json) print(io, JSON.stringify({ event, ...(data as object) }))
      else for (const line of eventLines(event, data as FeedData, painter(io))) print(io, line)
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    for (const stop of off) stop()
  }
  return exit.done
}

/** What one live event says, for people. */
export function eventLines(event: string, data: FeedData, paint: Paint): string[] {
  if (event === 'snapshot') {
    return (data.calls ?? []).map(
      (call) => `${paint('dim', moment(call.began))}  ${call.id}  ${call.from} → ${call.to}  ${call.phase}`,
    )
  }
  const leg = data.call?.legs.find((one) => one.id === data.leg)
  const who = leg === undefined ? '' : ` ${leg.role} ${leg.from} → ${leg.to}`
  const how = data.ending === undefined ? (data.outcome ?? '') : endingWords(data.ending, paint)
  return [`${paint('dim', moment(data.at))}  ${data.id}  ${event}${who}${how === '' ? '' : `  ${how}`}`]
}
