/** `onhook version` */
import { version } from '../version.ts'
import { parse } from './args.ts'
import { exit, type Io, print, printJson } from './io.ts'

export const help = `Usage: onhook version [--json]

The version of Onhook, and of what runs it.`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags } = parse(args, { json: { type: 'flag' } })
  if (flags.json) printJson(io, { onhook: version, node: process.versions.node })
  else print(io, `onhook ${version} (Node.js ${process.versions.node})`)
  return exit.done
}
