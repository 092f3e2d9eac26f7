/** `onhook deliveries` */
import type { z } from '@hono/zod-openapi'
import type * as schemas from '../http/schemas.ts'
import { parse } from './args.ts'
import { createClient, serverFlags, serverHelp } from './client.ts'
import { exit, type Io, print, printJson } from './io.ts'
import { duration, moment, type Paint, painter, table } from './terminal.ts'

export type Delivery = z.output<typeof schemas.Delivery>

export const help = `Usage: onhook deliveries [ID] [options]

Webhooks, newest first, with what became of each. With an ID: one delivery with its body, attempt by attempt.

Options:
  --call ID       of this call
  --state S       pending, delivered or failed
  --limit N       at most so many (50)

${serverHelp}

Examples:
  onhook deliveries --state failed
  onhook deliveries --call 01932f6e-0000-7000-8000-000000000001
  onhook replay DELIVERY`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, rest } = parse(
    args,
    { ...serverFlags, call: { type: 'text' }, state: { type: 'text' }, limit: { type: 'number', min: 1 } },
    [0, 1],
  )
  const client = await createClient(flags, io)
  const [id] = rest
  if (id !== undefined) {
    const delivery = await client.get<Delivery>(`/api/deliveries/${encodeURIComponent(id)}`)
    if (flags.json) printJson(io, delivery)
    else print(io, deliveryText(delivery, io))
    return exit.done
  }
  const { call, state } = flags
  const deliveries = await client.list<Delivery>('/api/deliveries', { call, state }, flags.limit ?? 50)
  if (flags.json) printJson(io, deliveries)
  else print(io, deliveries.length === 0 ? 'no deliveries' : deliveryTable(deliveries, io))
  return exit.done
}

const colours = { pending: 'yellow', delivered: 'green', failed: 'red' } as const

export function stateText(state: Delivery['state'], paint: Paint): string {
  return paint(colours[state], state)
}

function deliveryTable(deliveries: readonly Delivery[], io: Io): string {
  const paint = painter(io)
  const rows = deliveries.map(({ id, created, call, kind, state, attempts, url }) => [
    moment(created),
    id,
    call,
    kind,
    stateText(state, paint),
    String(attempts.length),
    outcome(attempts.at(-1)),
    url,
  ])
  return table(['CREATED', 'DELIVERY', 'CALL', 'KIND', 'STATE', 'TRIES', 'LAST', 'URL'], rows, paint)
}

function outcome(attempt: Delivery['attempts'][number] | undefined): string {
  return attempt === undefined ? '' : (attempt.error ?? String(attempt.status))
}

function deliveryText(delivery: Delivery, io: Io): string {
  const { id, call, kind, state, method, url, body, next, attempts } = delivery
  const paint = painter(io)
  const rows = attempts.map((attempt) => [moment(attempt.at), duration(attempt.milliseconds), outcome(attempt)])
  return [
    `${paint('bold', id)}  ${kind} of ${call}  ${stateText(state, paint)}`,
    `${method} ${url}`,
    ...(body === '' ? [] : ['', body]),
    '',
    attempts.length === 0 ? 'not tried yet' : table(['TRIED', 'TOOK', 'OUTCOME'], rows, paint),
    ...(next === null ? [] : [`next at ${moment(next)}`]),
  ].join('\n')
}
