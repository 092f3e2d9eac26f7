/** Where the Chime platform's recordings are until their bucket has them, and who brings those that it refused. */
import { rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Objects } from '../objects/objects.ts'
import { KeptRecordings, leftIn } from '../platforms/chime/index.ts'
import type { Clock, Ids } from '../switchboard/ports.ts'

export type RecordingsOptions = Readonly<{ config: Config; objects: Objects; clock: Clock; ids: Ids; log: Logger }>

export type Recordings = Readonly<{
  /** Where they are made: beside the store, if there is one. */
  folder: string
  /** This file's bucket refused it. */
  kept(file: string): void
  close(): Promise<void>
}>

/** Begins with those that an earlier process has left. */
export async function openRecordings({ config, objects, clock, ids, log }: RecordingsOptions): Promise<Recordings> {
  const { data } = config
  const folder =
    data.kind === 'file' ? resolve(`${data.path}.recordings`) : join(tmpdir(), `onhook-recordings-${ids.uuid()}`)
  const kept = new KeptRecordings(clock, objects, ({ delivered, kept: refused }) => {
    if (delivered.length > 0) log.info({ delivered }, 'recordings that were kept are in their buckets')
    if (refused.length > 0) log.warn({ kept: refused }, 'recordings that no bucket took: they are tried again')
  })
  const left = await leftIn(folder)
  if (left.length > 0) kept.bring(left)
  return {
    folder,
    kept: (file) => kept.add(file),
    async close() {
      await kept.close()
      const files = data.kind === 'file' ? [] : (await leftIn(folder)).filter((name) => name.endsWith('.wav'))
      // Without a store there is nothing by which the next process would find them.
      if (files.length > 0) {
        const message =
          'no bucket took these recordings, and no later start looks for them: the note beside each says where it belongs'
        log.warn({ code: 'chime.recordings-left', files, message }, 'recordings stay behind')
      }
      // Made with the first recording; what could not be delivered stays.
      await rmdir(folder).catch(() => {})
    },
  }
}
