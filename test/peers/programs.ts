/** The peers: programs that nobody here wrote, as the machine's packages bring them. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

type Peer = Readonly<{ /** Whether it is there and may do its work. */ there(): boolean; remedy: string }>

const fromPackage = (program: string, name: string): Peer => ({
  there: () => onPath(program),
  remedy: `apt-get install ${name}`,
})

const peers = {
  sipp: fromPackage('sipp', 'sip-tester'),
  baresip: fromPackage('baresip', 'baresip-core'),
  linphonec: fromPackage('linphonec', 'linphone-cli'),
  tshark: {
    // It must be allowed to capture.
    there: () => onPath('tshark') && spawnSync('dumpcap', ['-i', 'lo', '-L']).status === 0,
    remedy: 'apt-get install tshark',
  },
  'espeak-ng': fromPackage('espeak-ng', 'espeak-ng'),
  sox: fromPackage('sox', 'sox'),
  boto3: {
    there: () => spawnSync('python3', ['-c', 'import boto3']).status === 0,
    remedy: 'apt-get install python3-boto3',
  },
  chromium: fromPackage('chromium', 'chromium'),
  turnserver: fromPackage('turnserver', 'coturn'),
  synapse: { there: () => synapseRoot() !== undefined, remedy: 'as root: tools/sid-chroot.sh matrix-synapse' },
} as const satisfies Readonly<Record<string, Peer>>

export type Program = keyof typeof peers

export function installed(program: Program): boolean {
  return peers[program].there()
}

/** The root directory that Synapse is found in: `/`, or the chroot of `tools/sid-chroot.sh`. */
export function synapseRoot(): string | undefined {
  const module = 'usr/lib/python3/dist-packages/synapse/app/homeserver.py'
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const chroot = process.env.ONHOOK_SID_ROOT ?? join(cache, 'onhook', 'sid')
  const usable = process.getuid?.() === 0 && existsSync(join(chroot, 'dev/urandom'))
  if (usable && existsSync(join(chroot, module))) return chroot
  return existsSync(join('/', module)) ? '/' : undefined
}

function onPath(program: string): boolean {
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
  const remedy = missing.map((program) => peers[program].remedy).join('; ')
  process.stderr.write(`SKIPPED: ${name}: ${missing.join(', ')} missing or not allowed (${remedy})\n`)
  describe.skip(name, body)
}
