import { copyFileSync, existsSync, rmSync } from 'node:fs'

const files = ['', '-wal', '-shm']

/** A ledger's files as they are now: what a process that dies has not written since is put back. The slate stays as it is. */
export function keepDisk(path: string): { putBack(): void } {
  for (const end of files) if (existsSync(path + end)) copyFileSync(path + end, `${path}.kept${end}`)
  return {
    putBack() {
      for (const end of files) {
        rmSync(path + end, { force: true })
        if (existsSync(`${path}.kept${end}`)) copyFileSync(`${path}.kept${end}`, path + end)
      }
    },
  }
}
