/** `onhook replay` */
import { parse } from './args.ts'
import { createClient, serverFlags, serverHelp } from './client.ts'
import type { Delivery } from './deliveries.ts'
import { exit, type Io, note, print, printJson } from './io.ts'

export const help = `Usage: onhook replay DELIVERY… [options]

Delivers webhooks once more, whatever became of them, each under the identity that it always had.

${serverHelp}

Examples:
  onhook replay 01932f6e-0000-7000-8000-000000000009
  onhook deliveries --state failed --json | jq -r '.[].id' | xargs onhook replay`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, rest } = parse(args, serverFlags, [1, 10_000])
  const client = await createClient(flags, io)
  const due: Delivery[] = []
  let failed = false
  for (const id of rest) {
    try {
      due.push(await client.post<Delivery>(`/api/deliveries/${encodeURIComponent(id)}/replay`, {}))
    } catch (error) {
      // The others are still wanted; without a server none can be done.
      if ((error as { code?: string }).code !== 'delivery.unknown') throw error
      failed = true
      note(io, `${id}: there is no such delivery`)
    }
  }
  if (flags.json) printJson(io, due)
  else for (const { id, kind, url } of due) print(io, `${id}: ${kind} is due again at ${url}`)
  return failed ? exit.failed : exit.done
}
