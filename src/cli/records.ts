/** `onhook records` */
import { parse } from './args.ts'
import { causeFrom } from './cause-flag.ts'
import { createClient, serverFlags, serverHelp } from './client.ts'
import { type CallRecord, causeText, recordText } from './ending-text.ts'
import { exit, type Io, print, printJson } from './io.ts'
import { duration, moment, painter, table } from './terminal.ts'

export const help = `Usage: onhook records [ID] [options]

The final record of each call, newest first: who ended it, why, how far it had come. With an ID: one record, leg by leg.

Which:
  --cause C, --actor A, --phase P, --network N, --platform P
  --from N, --to N   numbers
  --since T, --until T   ended then; ISO 8601 or milliseconds since the epoch

Options:
  --limit N       at most so many (50)

${serverHelp}

Examples:
  onhook records --cause app-unreachable --since 2026-11-20T00:00:00Z
  onhook records --limit 1000 --json | jq -r '.[] | [.id, .ending.cause, .ending.actor] | @tsv'
  onhook records 01932f6e-0000-7000-8000-000000000001`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const text = { type: 'text' } as const
  const { flags, rest } = parse(
    args,
    {
      ...serverFlags,
      cause: text,
      actor: text,
      phase: text,
      network: text,
      platform: text,
      from: text,
      to: text,
      since: text,
      until: text,
      limit: { type: 'number', min: 1 },
    },
    [0, 1],
  )
  if (flags.cause !== undefined) causeFrom(flags.cause)
  const client = await createClient(flags, io)
  const [id] = rest
  if (id !== undefined) {
    const record = await client.get<CallRecord>(`/api/records/${encodeURIComponent(id)}`)
    if (flags.json) printJson(io, record)
    else print(io, recordText(record, io))
    return exit.done
  }
  const { url: _, token: __, config: ___, json, limit, ...query } = flags
  const records = await client.list<CallRecord>('/api/records', query, limit ?? 50)
  if (json) printJson(io, records)
  else print(io, records.length === 0 ? 'no records' : recordTable(records, io))
  return exit.done
}

function recordTable(records: readonly CallRecord[], io: Io): string {
  const paint = painter(io)
  const rows = records.map(({ id, ended, from, to, ending, talk, answered, platform }) => [
    moment(ended),
    id,
    `${from} → ${to}`,
    causeText(ending.cause, paint),
    ending.actor,
    ending.phase,
    answered === null ? '' : duration(talk),
    platform,
  ])
  return table(['ENDED', 'CALL', 'FROM → TO', 'CAUSE', 'BY', 'PHASE', 'TALK', 'PLATFORM'], rows, paint)
}
