/** Reads and checks a configuration. All of it is right, or nothing starts. */
import { readFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import type { Config } from './config.ts'
import { draftOf } from './draft.ts'
import { type Environment, overlay } from './environment.ts'
import { type ConfigFault, fault, faultLine, faultsOf } from './fault.ts'
import { readJson } from './json.ts'
import { resolve } from './resolve.ts'
import { brokenRules, oddities } from './rules.ts'
import { configFile } from './schema.ts'

export const defaultFile = 'onhook.config.json'

export type Checked =
  | Readonly<{ ok: true; config: Config; warnings: readonly ConfigFault[] }>
  /** Every fault, in the order of the file's sections. */
  | Readonly<{ ok: false; faults: readonly ConfigFault[]; warnings: readonly ConfigFault[] }>

/** Checks a parsed configuration file, with the variables written over it. Changes nothing; of the files that it names it
 * looks only whether they are there. */
export function checkConfig(file: unknown, environment: Environment = {}): Checked {
  const { value, faults: unread, warnings, origins } = overlay(file, environment)
  const shape = configFile.safeParse(value)
  const draft = draftOf(value)
  const faults = [
    ...unread,
    ...(shape.success ? [] : faultsOf(configFile, shape.error.issues)),
    ...brokenRules(draft, environment),
  ].map((one) => withOrigin(one, origins))
  // An entry that cannot be read is missing from the draft: what looks odd without it may be right once it is mended.
  const noted = [...warnings, ...(shape.success ? oddities(draft) : [])]
  if (faults.length > 0 || !shape.success) return { ok: false, faults: ordered(faults), warnings: noted }
  return { ok: true, config: resolve(shape.data, environment), warnings: noted }
}

export type Loaded = Checked & Readonly<{ file: string | null }>

/**
 * Reads `--config`, else `ONHOOK_CONFIG`, else `onhook.config.json` in the working directory if there is one, else
 * starts from the defaults.
 */
export function loadConfig(options: { file?: string; environment?: Environment; cwd?: string } = {}): Loaded {
  const environment = options.environment ?? process.env
  const cwd = options.cwd ?? process.cwd()
  const named = options.file ?? (environment.ONHOOK_CONFIG || undefined)
  const path = resolvePath(cwd, named ?? defaultFile)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (named === undefined && code === 'ENOENT') return { ...checkConfig({}, environment), file: null }
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'unknown'})`
    return { ok: false, faults: [fault('config.unreadable', path, why)], warnings: [], file: path }
  }
  const read = readJson(text)
  if (!read.ok) {
    return { ok: false, faults: [fault('config.not-json', path, read.message, read.remedy)], warnings: [], file: path }
  }
  return { ...checkConfig(read.value, environment), file: path }
}

/** Thrown where a configuration must be right and is not. */
export class ConfigError extends Error {
  readonly code = 'config.invalid'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(
      `the configuration has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${faults.map(faultLine).join('\n')}`,
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** For library users. @throws ConfigError with every fault. */
export function defineConfig(file: unknown, environment: Environment = process.env): Config {
  const checked = checkConfig(file, environment)
  if (!checked.ok) throw new ConfigError(checked.faults)
  return checked.config
}

/** Says which variable brought the value, where one did. */
function withOrigin(one: ConfigFault, origins: ReadonlyMap<string, string>): ConfigFault {
  for (const [path, variable] of origins) {
    if (one.place === path || one.place.startsWith(`${path}.`) || one.place.startsWith(`${path}[`)) {
      return { ...one, message: `${one.message} (set by ${variable})` }
    }
  }
  return one
}

function ordered(faults: readonly ConfigFault[]): ConfigFault[] {
  const sections = Object.keys(configFile.shape)
  const rank = ({ place }: ConfigFault) => {
    const section = /^\$\.(\w+)/.exec(place)?.[1]
    return section === undefined ? -1 : sections.indexOf(section) + 1 || sections.length + 1
  }
  return [...faults].sort((a, b) => rank(a) - rank(b))
}
