/** `onhook serve` */
import { loadConfig } from '../config/load.ts'
import { parse } from './args.ts'
import { type Io, note, print } from './io.ts'
import { configFaults, configWarnings, type Start, started, startServer, untilStopped } from './running.ts'

export const help = `Usage: onhook serve [--config FILE] [--json]

Runs the server: docs/config.md has every setting. The configuration is --config, else ONHOOK_CONFIG, else
onhook.config.json here; ONHOOK_* variables win over it. With any fault in it nothing starts.

SIGTERM refuses new calls with 503, lets live ones finish up to limits.drainSeconds, ends the rest with "shutdown",
flushes and exits with 0. SIGINT, or a second signal, ends them now.

  --config FILE   the configuration
  --json          once it serves, print one JSON line that says where

Examples:
  onhook serve
  onhook check-config --config /etc/onhook/onhook.config.json && onhook serve --config /etc/onhook/onhook.config.json
  ONHOOK_HTTP_HOST=0.0.0.0 ONHOOK_HTTP_TOKEN="$TOKEN" onhook serve`

export async function run(args: readonly string[], io: Io, start: Start = startServer): Promise<number> {
  const { flags } = parse(args, { config: { type: 'text' }, json: { type: 'flag' } })
  const loaded = loadConfig({
    ...(flags.config !== undefined && { file: flags.config }),
    environment: io.env,
    cwd: io.cwd,
  })
  if (!loaded.ok) throw configFaults(loaded.faults, loaded.file)
  configWarnings(loaded.warnings, io)
  const { config } = loaded
  const server = await started(start, config)
  if (flags.json) print(io, JSON.stringify({ sip: server.sipAddress, http: server.httpAddress }))
  else note(io, `onhook serves SIP at ${server.sipAddress} and HTTP at ${server.httpAddress}`)
  return untilStopped(server, config.limits.drainSeconds, io)
}
