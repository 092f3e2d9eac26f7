/** `onhook matrix registration` */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { faultLine } from '../config/fault.ts'
import { loadConfig } from '../config/load.ts'
import { registrationOf, registrationYaml } from '../dialects/matrix/index.ts'
import { parse } from './args.ts'
import { CommandError, exit, type Io, note, print, printJson, UsageError } from './io.ts'

export const help = `Usage: onhook matrix registration [--config FILE] [--out FILE] [--json]

Prints what a Matrix homeserver must know to make this server its application service, from the section "matrix" of the
configuration. It holds both tokens: keep it as safe as the configuration.

  --config FILE   the configuration (else ONHOOK_CONFIG, else onhook.config.json here)
  --out FILE      write it there, for its owner's eyes only, instead of printing it
  --json          JSON instead of YAML

At Synapse: add the file to "app_service_config_files" in homeserver.yaml, and start it again.

Examples:
  onhook matrix registration --out /etc/matrix-synapse/onhook.yaml`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, rest } = parse(
    args,
    { config: { type: 'text' }, out: { type: 'text' }, json: { type: 'flag' } },
    [1, 1],
  )
  if (rest[0] !== 'registration') throw new UsageError(`expected "registration", not "${rest[0]}"`)
  const loaded = loadConfig({
    ...(flags.config !== undefined && { file: flags.config }),
    environment: io.env,
    cwd: io.cwd,
  })
  if (!loaded.ok) throw new CommandError(loaded.faults.map(faultLine).join('\n'))
  const { matrix } = loaded.config
  if (matrix === undefined) {
    throw new CommandError(`there is no section "matrix" in ${loaded.file ?? 'the defaults and the environment'}`)
  }
  const registration = registrationOf({
    ...matrix,
    asToken: matrix.asToken.reveal(),
    hsToken: matrix.hsToken.reveal(),
    sender: matrix.bot,
    prefix: matrix.ghostPrefix,
  })
  if (flags.out !== undefined) {
    const text = flags.json ? `${JSON.stringify(registration, null, 2)}\n` : registrationYaml(registration)
    try {
      writeFileSync(resolve(io.cwd, flags.out), text, { mode: 0o600 })
    } catch (error) {
      throw new CommandError(`${flags.out} cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}`)
    }
    note(io, `written to ${flags.out}`)
  } else if (flags.json) printJson(io, registration)
  else print(io, registrationYaml(registration))
  return exit.done
}
