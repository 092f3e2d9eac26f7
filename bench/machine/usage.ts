/** What a process uses, as Linux counts it (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ: fixed at 100 for every architecture that Node runs on. */
const ticksPerSecond = 100

/** Microseconds of CPU, user and system, of all its threads since it began. */
export function cpuOf(pid: number): number {
  return cpuIn(`/proc/${pid}/stat`)
}

/** Likewise for each thread, in the order in which they were made. */
export function threadsOf(pid: number): { id: number; name: string; cpu: number }[] {
  const folder = `/proc/${pid}/task`
  const ids = readdirSync(folder).map(Number)
  return ids
    .sort((a, b) => a - b)
    .map((id) => ({
      id,
      name: readFileSync(`${folder}/${id}/comm`, 'utf8').trim(),
      cpu: cpuIn(`${folder}/${id}/stat`),
    }))
}

function cpuIn(file: string): number {
  const stat = readFileSync(file, 'utf8')
  // The name in parentheses may hold anything, so count from behind it: utime and stime are the fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond
}

/** Bytes resident in memory. */
export function residentOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (line === null) throw new Error(`no VmRSS of process ${pid}`)
  return Number(line[1]) * 1024
}

export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** How many files a process started from here may hold open: Node raises its own soft limit to the hard one. */
export function fileLimit(): number {
  const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return line?.[1] === undefined || line[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line[1])
}

/** Ticks that all processors have had since the machine began, and those of them that its host gave to others meanwhile. */
export type Ticks = Readonly<{ all: number; stolen: number }>

export function machineTicks(): Ticks {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  // user nice system idle iowait irq softirq steal; what guests took stands in user and nice already.
  const ticks = line.split(/\s+/).slice(1, 9).map(Number)
  return { all: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 }
}

/** Percent of the machine's time that its host gave to others. */
export function stolenSince(before: Ticks): number {
  const now = machineTicks()
  return ((now.stolen - before.stolen) / Math.max(1, now.all - before.all)) * 100
}
