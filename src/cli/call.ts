/** `onhook call` */
import { randomUUID } from 'node:crypto'
import type { z } from '@hono/zod-openapi'
import type * as schemas from '../http/schemas.ts'
import { parse } from './args.ts'
import { eventLines, type LiveCall } from './calls.ts'
import { type Client, createClient, ServerError, serverFlags, serverHelp } from './client.ts'
import { type CallRecord, recordText } from './ending-text.ts'
import { CommandError, exit, type Io, note, print, printJson, UsageError } from './io.ts'
import { callAsPhone } from './phone.ts'
import { painter } from './terminal.ts'

export const help = `Usage: onhook call TARGET [options]

Calls a number, a registered user, or a sip: address, and stays until the call ends. Ctrl-C hangs up.

The server places the call if its configuration lets TARGET be called ("outbound", and registered users). Otherwise
the built-in phone calls TARGET at the server, as any caller would: that is how an app is tried out.

  --place           only let the server place it
  --phone           only use the built-in phone
  --from N          calling number
  --ring S          give up after S seconds of ringing
  --detach          print the call's ID and return at once (with --place)

What runs on a call that the server places:
  --route N         what runs on calls to N
  --answer-url URL  a Vobiz app
  --trunk NAME      through this trunk
  --limit S         end it S seconds after its answer

The built-in phone:
  --sip HOST:PORT   the server's SIP address (as the configuration says, else 127.0.0.1:5060)
  --digits D        keys to press once it is answered
  --hangup S        hang up S seconds after the answer

${serverHelp}

Exit code 0 if it was answered, 1 if not.

Examples:
  onhook call 100
  onhook call alice --route 100
  onhook call +15550100 --trunk carrier --answer-url https://app.example/answer`

type Placed = z.output<typeof schemas.Placed>

export async function run(args: readonly string[], io: Io): Promise<number> {
  const text = { type: 'text' } as const
  const seconds = { type: 'number', min: 1, max: 86_400 } as const
  const { flags, rest } = parse(
    args,
    {
      ...serverFlags,
      place: { type: 'flag' },
      phone: { type: 'flag' },
      detach: { type: 'flag' },
      from: text,
      route: text,
      'answer-url': text,
      trunk: text,
      sip: text,
      digits: text,
      ring: seconds,
      limit: seconds,
      hangup: seconds,
    },
    [1, 1],
  )
  const target = rest[0]!
  if (flags.place && flags.phone) throw new UsageError('--place and --phone exclude each other')
  if (flags.route !== undefined && flags['answer-url'] !== undefined)
    throw new UsageError('--route and --answer-url exclude each other')
  const asPhone = () =>
    callAsPhone(
      {
        target,
        json: flags.json,
        config: flags.config,
        sip: flags.sip,
        from: flags.from,
        digits: flags.digits,
        ringSeconds: flags.ring,
        hangupSeconds: flags.hangup,
      },
      io,
    )
  if (flags.phone || flags.sip !== undefined) return asPhone()

  const client = await createClient(flags, io)
  const wanted = {
    to: target,
    from: flags.from,
    trunk: flags.trunk,
    route: flags.route,
    ringSeconds: flags.ring,
    durationSeconds: flags.limit,
    ...(flags['answer-url'] !== undefined && { app: { platform: 'vobiz', answerUrl: flags['answer-url'] } }),
  }
  let placed: Placed
  try {
    placed = await client.post<Placed>('/api/calls', wanted, { 'idempotency-key': randomUUID() })
  } catch (error) {
    if (!flags.place && error instanceof ServerError && error.body.reason === 'dial.no-rule') return asPhone()
    throw error
  }
  if (flags.detach) {
    if (flags.json) printJson(io, placed)
    else print(io, placed.call)
    return exit.done
  }
  return stayOn(client, placed, flags.json, io)
}

/** Prints what happens until the call is over. */
async function stayOn(client: Client, { call }: Placed, json: boolean, io: Io): Promise<number> {
  const path = `/api/calls/${encodeURIComponent(call)}`
  const abort = new AbortController()
  const paint = painter(io, io.stderr)
  note(io, `${call}: Ctrl-C hangs up`)
  let asked = false
  const off = io.onSignal('SIGINT', () => {
    // A second Ctrl-C leaves without waiting for the server.
    if (asked) return abort.abort()
    asked = true
    client.post(`${path}/end`, { cause: 'hangup' }).catch(() => abort.abort())
  })
  try {
    for await (const { event, data } of client.events(`/api/events?call=${encodeURIComponent(call)}`, abort.signal)) {
      const { calls } = data as { calls?: LiveCall[] }
      // Over before we could look.
      if (event === 'snapshot' && calls?.length === 0) break
      if (event === 'snapshot') continue
      if (!json) for (const line of eventLines(event, data as Parameters<typeof eventLines>[1], paint)) note(io, line)
      if (event === 'call-ended') break
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error
  } finally {
    off()
  }
  if (abort.signal.aborted) throw new CommandError('left before the call was over')
  const record = await recordOf(client, call)
  if (json) printJson(io, record)
  else print(io, recordText(record, io))
  return record.answered === null ? exit.failed : exit.done
}

/** The record is on its way to the disk when the call ends: it is there within moments. */
async function recordOf(client: Client, call: string): Promise<CallRecord> {
  for (let tries = 0; ; tries++) {
    try {
      return await client.get<CallRecord>(`/api/records/${encodeURIComponent(call)}`)
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 404 || tries >= 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
