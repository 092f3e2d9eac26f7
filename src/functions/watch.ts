import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock, Disarm } from '../switchboard/ports.ts'

export type WatchOptions = Readonly<{ clock: Clock; active: boolean; onChange(): void }>

/** Editors write a file in several steps. Milliseconds. */
const settled = 100

/** Looks after the files that a function was loaded from. Folders are watched: editors put new files in place of old ones. */
export function createWatch({ clock, active, onChange }: WatchOptions) {
  const folders = new Map<string, { names: Set<string>; watcher: FSWatcher }>()
  let pending: Disarm | undefined
  let closed = false

  function changed(): void {
    pending?.()
    pending = clock.alarm(clock.now() + settled, () => {
      pending = undefined
      onChange()
    })
  }

  function open(folder: string, names: Set<string>): void {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name !== null && names.has(name)) changed()
      })
      // The folder is gone: so is the function, until it is told anew.
      watcher.on('error', () => watcher.close())
      folders.set(folder, { names, watcher })
    } catch {
      // It cannot be watched; its function says itself what is wrong with it.
    }
  }

  return {
    follow(files: readonly string[]): void {
      if (!active || closed) return
      for (const file of files) {
        const folder = dirname(file)
        const known = folders.get(folder)
        if (known === undefined) open(folder, new Set([basename(file)]))
        else known.names.add(basename(file))
      }
    },
    close(): void {
      closed = true
      pending?.()
      for (const { watcher } of folders.values()) watcher.close()
      folders.clear()
    },
  }
}
