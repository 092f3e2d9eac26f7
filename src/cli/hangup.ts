/** `onhook hangup` */
import type { z } from '@hono/zod-openapi'
import type * as schemas from '../http/schemas.ts'
import { parse } from './args.ts'
import { filterFlags, filterHelp } from './calls.ts'
import { causeFrom } from './cause-flag.ts'
import { createClient, serverFlags, serverHelp } from './client.ts'
import { endingWords } from './ending-text.ts'
import { exit, type Io, note, print, printJson, UsageError } from './io.ts'
import { type Paint, painter, plural, table } from './terminal.ts'

type Results = z.output<typeof schemas.EndManyResult>
type Result = Results['results'][number]

export const help = `Usage: onhook hangup ID… [options]
       onhook hangup --all [options]
       onhook hangup [which calls] [options]

Ends calls: in any state, each once, with a result for each. What is over already says how it ended.

${filterHelp}
  --older-than S     begun more than S seconds ago
  --all              every live call

Options:
  --cause CAUSE   why (hangup); see "onhook causes"
  --detail TEXT   a word for the record
  --leg LEG       end this leg of the one call only
  --dry-run       say what would end, and end nothing

${serverHelp}

Exit code 1 if a call is unknown.

Examples:
  onhook hangup 01932f6e-0000-7000-8000-000000000001 --cause blocked
  onhook hangup --to '+900*' --dry-run
  onhook hangup --all --cause shutdown`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, rest } = parse(
    args,
    {
      ...serverFlags,
      ...filterFlags,
      'older-than': { type: 'number' },
      all: { type: 'flag' },
      cause: { type: 'text' },
      detail: { type: 'text' },
      leg: { type: 'text' },
      'dry-run': { type: 'flag' },
    },
    [0, 10_000],
  )
  const cause = causeFrom(flags.cause ?? 'hangup')
  const { from, to, phase, platform, network, direction } = flags
  const filter = Object.entries({
    from,
    to,
    phase,
    platform,
    network,
    direction,
    olderThanSeconds: flags['older-than'],
  })
  const given = filter.filter(([, value]) => value !== undefined)
  const ways = [rest.length > 0, flags.all, given.length > 0].filter(Boolean).length
  if (ways !== 1)
    throw new UsageError(
      ways === 0 ? 'say which: IDs, --all, or a filter' : 'IDs, --all and filters exclude each other',
    )

  const client = await createClient(flags, io)
  const why = { cause, ...(flags.detail !== undefined && { detail: flags.detail }) }
  if (flags.leg !== undefined) {
    if (rest.length !== 1 || flags['dry-run'])
      throw new UsageError('--leg goes with exactly one ID, and not with --dry-run')
    const one = await client.post<Result>(`/api/calls/${encodeURIComponent(rest[0]!)}/end`, { ...why, leg: flags.leg })
    return report(
      { dryRun: false, counts: { 'would-end': 0, ended: 0, 'already-ended': 0, unknown: 0 }, results: [one] },
      flags.json,
      io,
    )
  }
  const which = rest.length > 0 ? { calls: rest } : flags.all ? { all: true } : { filter: Object.fromEntries(given) }
  return report(
    await client.post<Results>('/api/calls/end', { ...which, ...why, dryRun: flags['dry-run'] }),
    flags.json,
    io,
  )
}

function report({ results }: Results, json: boolean, io: Io): number {
  if (json) printJson(io, results)
  else if (results.length === 0) print(io, 'no live call fits')
  else {
    const paint = painter(io)
    print(
      io,
      table(
        ['CALL', 'RESULT', 'ENDING', 'SENT'],
        results.map((result) => row(result, paint)),
        paint,
      ),
    )
    const ended = results.filter(({ result }) => result === 'ended').length
    if (ended > 1) note(io, `${plural(ended, 'call')} ended`)
  }
  return results.some(({ result }) => result === 'unknown') ? exit.failed : exit.done
}

const colours = { 'would-end': 'cyan', ended: 'green', 'already-ended': 'yellow', unknown: 'red' } as const

function row({ call, result, ending, sent, from, to }: Result, paint: Paint): string[] {
  const words = ending === undefined ? (from === undefined ? '' : `${from} → ${to}`) : endingWords(ending, paint)
  return [
    call,
    paint(colours[result], result),
    words,
    sent
      .flatMap(({ message, reason }) =>
        message === null ? [] : [reason === undefined ? message : `${message} (${reason})`],
      )
      .join(', '),
  ]
}
