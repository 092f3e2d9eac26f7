/** Asterisk, from PATH or from a chroot, with a configuration and folders of its own: an installed one is left alone. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench } from '../bench.ts'
import { Lines } from '../machine/lines.ts'
import { freePort, mediaPorts } from '../machine/ports.ts'
import { until } from '../machine/time.ts'
import { fileLimit } from '../machine/usage.ts'
import type { Place, Running, Subject } from './subject.ts'

const run = promisify(execFile)
const templates = new URL('../asterisk/', import.meta.url)
const startLimit = 60_000

/** Where `tools/sid-chroot.sh` puts it. */
function chrootFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return process.env.ONHOOK_ASTERISK_ROOT ?? process.env.ONHOOK_SID_ROOT ?? join(cache, 'onhook', 'sid')
}

/** The root directory that Asterisk is found in: `/`, or a chroot's. */
type Found = Readonly<{ type: 'found'; root: string }> | Readonly<{ type: 'missing'; why: string }>

function find(): Found {
  const root = chrootFolder()
  if (existsSync(join(root, 'usr/sbin/asterisk'))) return usable(root)
  if (process.env.ONHOOK_ASTERISK_ROOT !== undefined) return { type: 'missing', why: `not installed in ${root}` }
  if (existsSync('/usr/sbin/asterisk')) return { type: 'found', root: '/' }
  return { type: 'missing', why: 'not installed: install it, or make a chroot with tools/sid-chroot.sh asterisk' }
}

function usable(root: string): Found {
  if (process.getuid?.() !== 0) return { type: 'missing', why: 'its chroot needs root' }
  if (!existsSync(join(root, 'dev/urandom')) || !existsSync(join(root, 'proc/self'))) {
    return { type: 'missing', why: 'its chroot has no /proc and /dev: run tools/sid-chroot.sh asterisk again' }
  }
  // Its pjsip looks these up before it answers, and stalls where nobody knows them.
  const hosts = readFileSync(join(root, 'etc/hosts'), 'utf8')
  if (![hostname(), 'A.ROOT-SERVERS.NET'].every((name) => hosts.includes(name))) {
    return {
      type: 'missing',
      why: 'its chroot does not know the name of this host: run tools/sid-chroot.sh asterisk again',
    }
  }
  return { type: 'found', root }
}

/** The command line of a program inside the root. */
function inside(root: string, ...command: string[]): [string, string[]] {
  return root === '/' ? [command[0]!, command.slice(1)] : ['/usr/sbin/chroot', [root, ...command]]
}

export const asterisk: Subject = {
  name: 'asterisk',
  missing() {
    const found = find()
    return found.type === 'missing' ? found.why : undefined
  },
  version() {
    const found = find()
    if (found.type === 'missing') return `Asterisk: ${found.why}`
    return execFileSync(...inside(found.root, 'asterisk', '-V'), { encoding: 'utf8' }).trim()
  },
  async place(bench) {
    const found = find()
    if (found.type === 'missing') throw new Error(found.why)
    return new AsteriskPlace(bench, found.root, await freePort())
  },
}

class AsteriskPlace implements Place {
  readonly #bench: Bench
  readonly #root: string
  readonly #port: number
  /** As seen from outside the root, and from inside. */
  readonly #folder: string
  readonly #home: string
  readonly #callRecords: Lines
  #records = 0

  constructor(bench: Bench, root: string, port: number) {
    this.#bench = bench
    this.#root = root
    this.#port = port
    this.#folder = root === '/' ? bench.folder('asterisk') : bench.folder('asterisk', join(root, 'tmp'))
    this.#home = root === '/' ? this.#folder : this.#folder.slice(root.replace(/\/$/, '').length)
    for (const name of ['lib', 'spool', 'run', 'log/cdr-csv', 'cache']) {
      mkdirSync(join(this.#folder, name), { recursive: true })
    }
    const values: Record<string, string> = {
      home: this.#home,
      modules: modulesIn(root),
      port: `${port}`,
      first: `${mediaPorts[0]}`,
      last: `${mediaPorts[1]}`,
      files: `${Math.min(fileLimit(), 1_000_000)}`,
    }
    for (const name of readdirSync(templates)) {
      const text = readFileSync(new URL(name, templates), 'utf8')
      writeFileSync(
        join(this.#folder, name),
        text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key] ?? ''),
      )
    }
    this.#callRecords = new Lines(join(this.#folder, 'log/cdr-csv/Master.csv'))
  }

  get #configuration(): string {
    return `${this.#home}/asterisk.conf`
  }

  async start(): Promise<Running> {
    const { children, signal } = this.#bench
    const log = join(this.#folder, 'log/screen')
    const [command, args] = inside(this.#root, 'asterisk', '-f', '-C', this.#configuration)
    const child = await children.start(command, args, { cwd: this.#folder, log })
    const booted = async () =>
      !child.running() || (await this.#say('core waitfullybooted').catch(() => '')).includes('fully booted')
    const ready = await until(booted, startLimit, signal, 100)
    if (!ready || !child.running()) throw new Error(`Asterisk did not start: ${readFileSync(log, 'utf8').slice(-2000)}`)
    return {
      pid: child.pid,
      port: this.#port,
      started: child.started,
      live: async () => Number(/(\d+) active call/.exec(await this.#say('core show channels count'))?.[1] ?? 0),
      endAll: async () => {
        await this.#say('channel request hangup all')
      },
      kill: () => child.end('SIGKILL'),
      stop: () => child.end('SIGTERM', 20_000),
    }
  }

  /** A line of the CSV file per call. They are written one by one, and not synced to the disk. */
  records(): number {
    this.#records += this.#callRecords.read().length
    return this.#records
  }

  close(): void {}

  /** Its own command line. */
  async #say(command: string): Promise<string> {
    const [program, args] = inside(this.#root, 'asterisk', '-C', this.#configuration, '-rx', command)
    return (await run(program, args, { signal: this.#bench.signal, timeout: 60_000, maxBuffer: 1 << 26 })).stdout
  }
}

function modulesIn(root: string): string {
  const [folder] = globSync(['usr/lib/*/asterisk/modules', 'usr/lib/asterisk/modules'], { cwd: root })
  return `/${folder ?? 'usr/lib/asterisk/modules'}`
}
