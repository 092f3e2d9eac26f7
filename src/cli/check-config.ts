/** `onhook check-config` */

import { faultLine } from '../config/fault.ts'
import { loadConfig } from '../config/load.ts'
import { configJsonSchema } from '../config/schema.ts'
import { parse } from './args.ts'
import { exit, type Io, note, print, printJson } from './io.ts'
import { painter, plural } from './terminal.ts'

export const help = `Usage: onhook check-config [--config FILE] [--json | --schema]

Checks the configuration as "onhook serve" would, with every fault at once, and starts nothing.

  --config FILE   the file (else ONHOOK_CONFIG, else onhook.config.json here)
  --json          print faults, warnings and the configuration as it would be used, without its secrets
  --schema        print the JSON Schema of the file, for editors

Exit code 1 if there is any fault.

Examples:
  onhook check-config
  onhook check-config --schema > onhook.schema.json`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags } = parse(args, { config: { type: 'text' }, json: { type: 'flag' }, schema: { type: 'flag' } })
  if (flags.schema) {
    print(io, JSON.stringify(configJsonSchema(), null, 2))
    return exit.done
  }
  const loaded = loadConfig({
    ...(flags.config !== undefined && { file: flags.config }),
    environment: io.env,
    cwd: io.cwd,
  })
  const { ok, file, warnings } = loaded
  const faults = loaded.ok ? [] : loaded.faults
  if (flags.json) {
    printJson(io, { ok, file, faults, warnings, ...(loaded.ok && { config: loaded.config }) })
    return ok ? exit.done : exit.failed
  }
  const where = file ?? 'the defaults and the environment'
  const paint = painter(io)
  for (const one of faults) print(io, faultLine(one))
  for (const one of warnings) print(io, `${paint('yellow', 'warning')}: ${faultLine(one)}`)
  if (loaded.ok) print(io, `${paint('green', 'good')}: ${where}`)
  else note(io, `${plural(faults.length, 'fault')} in ${where}`)
  return ok ? exit.done : exit.failed
}
