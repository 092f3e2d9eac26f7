import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Means, ObjectStore } from '../means.ts'
import type { Stage } from './stage.ts'

/** A recording until it is in its bucket: a file, and a note beside it that says where it belongs. */
export type Scratch = Readonly<{ file: string; bucket: string; key: string }>

/** The note is there before the recording: whoever comes after a crash knows where to bring it. */
export async function beginScratch({ scratch }: Pick<Means, 'scratch'>, bucket: string, key: string): Promise<Scratch> {
  const file = join(scratch, `${randomUUID()}.wav`)
  await mkdir(scratch, { recursive: true })
  await writeFile(noteOf(file), JSON.stringify({ bucket, key }))
  return { file, bucket, key }
}

/** Moves a finished recording into its bucket. @throws what the store throws; then it stays where it is */
export async function store(objects: ObjectStore, { file, bucket, key }: Scratch): Promise<void> {
  await objects.write(bucket, key, await readFile(file))
  await drop(file)
}

export async function drop(file: string): Promise<void> {
  await rm(file, { force: true })
  await rm(noteOf(file), { force: true })
}

/** What an earlier process has left behind. */
export async function leftIn(scratch: string): Promise<readonly string[]> {
  const names = await readdir(scratch).catch((): string[] => [])
  return names.filter((name) => name.endsWith('.wav') || name.endsWith('.json')).map((name) => join(scratch, name))
}

export type Brought = Readonly<{ delivered: readonly string[]; kept: readonly string[] }>

/**
 * Brings recordings that were not brought, by an earlier process or by this one, each under the key that it was promised: a second time writes the same object.
 * What no bucket takes stays. Never rejects.
 */
export async function bringLeft(left: readonly string[], objects: ObjectStore): Promise<Brought> {
  const delivered: string[] = []
  const kept: string[] = []
  for (const file of left.filter((name) => name.endsWith('.wav'))) {
    try {
      const { bucket, key } = JSON.parse(await readFile(noteOf(file), 'utf8'))
      await objects.write(bucket, key, await readFile(file))
      await drop(file)
      delivered.push(`${bucket}/${key}`)
    } catch {
      kept.push(file)
    }
  }
  // The recording of such a note never began, or has been brought.
  for (const note of left.filter((name) => name.endsWith('.json'))) {
    if (!left.includes(`${note.slice(0, -'.json'.length)}.wav`)) await rm(note, { force: true }).catch(() => {})
  }
  return { delivered, kept }
}

/** A bucket, or the disk, has failed: what was recorded stays, and is brought later. */
export function keep({ means, leg, warn }: Pick<Stage, 'means' | 'leg' | 'warn'>, one: Scratch, error: unknown): void {
  const { file, bucket, key } = one
  const why = error instanceof Error ? error.message : String(error)
  warn('chime.recording-kept', `what leg ${leg.id} recorded is not in ${bucket}/${key} yet, but in ${file}: ${why}`)
  means.kept(file)
}

const noteOf = (file: string) => `${file.slice(0, -'.wav'.length)}.json`
