/**
 * A bucket that is a folder. Keys come from customers' handlers, so none may lead out of it: neither by its words, nor by
 * a link that lies in it.
 */
import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { type Bucket, mostBytes, ObjectError } from './bucket.ts'

export function folderBucket(folder: string): Bucket {
  return {
    async read(key) {
      const path = await within(await root(folder), pathOf(folder, key), key)
      const { size } = await told(key, () => stat(path))
      if (size > mostBytes)
        throw new ObjectError('objects.too-large', `"${key}" has ${size} bytes, of at most ${mostBytes}`)
      return told(key, () => readFile(path))
    },
    async write(key, body) {
      const path = pathOf(folder, key)
      const top = await root(folder)
      await within(top, await nearestFolder(dirname(path), folder), key)
      await told(key, () => mkdir(dirname(path), { recursive: true }))
      const real = join(await within(top, dirname(path), key), path.slice(dirname(path).length + 1))
      // Beside it, and then in its place: a reader sees the old one or the new one. A link there is replaced, not followed.
      const temporary = `${real}.${process.pid}-${++count}.part`
      await told(key, async () => {
        const file = await open(temporary, 'wx')
        try {
          await file.writeFile(body)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, real)
      }).catch(async (error: unknown) => {
        await rm(temporary, { force: true }).catch(() => {})
        throw error
      })
    },
    async ready() {
      await root(folder)
    },
  }
}

let count = 0

/** By its words alone. */
function pathOf(folder: string, key: string): string {
  const bad = key === '' || key.includes('\0') || isAbsolute(key) || key.endsWith('/')
  const steps = key.split(/[/\\]/)
  if (bad || steps.some((step) => step === '..' || step === '.')) {
    throw new ObjectError('objects.denied', `"${key}" is no key of an object in a folder`)
  }
  return resolve(folder, key)
}

async function root(folder: string): Promise<string> {
  return told(folder, () => realpath(folder))
}

/** The deepest folder on the way that is there already. */
async function nearestFolder(path: string, top: string): Promise<string> {
  let here = path
  while (here !== resolve(top) && (await stat(here).catch(() => undefined)) === undefined) here = dirname(here)
  return here
}

/** Where a path really is. @throws ObjectError if that is outside of the folder. */
async function within(top: string, path: string, key: string): Promise<string> {
  const real = await told(key, () => realpath(path))
  const way = relative(top, real)
  if (way === '..' || way.startsWith('../') || isAbsolute(way)) {
    throw new ObjectError('objects.denied', `"${key}" leads out of its folder`)
  }
  return real
}

async function told<T>(key: string, doing: () => Promise<T>): Promise<T> {
  try {
    return await doing()
  } catch (cause) {
    if (cause instanceof ObjectError) throw cause
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) {
      throw new ObjectError('objects.not-found', `there is no "${key}" (${code})`, { cause })
    }
    if (code === 'EACCES' || code === 'EPERM') throw new ObjectError('objects.denied', `"${key}" (${code})`, { cause })
    throw new ObjectError('objects.failed', `"${key}" (${code})`, { cause })
  }
}
