/** The peers: programs that nobody here wrote, as the machine's packages bring them. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

const packages = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  linphonec: 'linphone-cli',
  tshark: 'tshark',
  'espeak-ng': 'espeak-ng',
  sox: 'sox',
} as const

export type Program = keyof typeof packages

/** Whether it is there and may do its work: tshark must be allowed to capture. */
export function installed(program: Program): boolean {
  return onPath(program) && (program !== 'tshark' || spawnSync('dumpcap', ['-i', 'lo', '-L']).status === 0)
}

function onPath(program: Program): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => runs(join(folder, program)))
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A suite that needs peers. Where one is missing all of it counts as skipped, and says why. */
export function describeWith(programs: readonly Program[], name: string, body: () => void): void {
  const missing = programs.filter((program) => !installed(program))
  if (missing.length === 0) {
    describe(name, body)
    return
  }
  const remedy = missing.map((program) => packages[program]).join(' ')
  process.stderr.write(`SKIPPED: ${name}: ${missing.join(', ')} missing or not allowed (apt-get install ${remedy})\n`)
  describe.skip(name, body)
}
