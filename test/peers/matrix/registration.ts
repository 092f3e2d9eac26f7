import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { folder } from '../places.ts'

const main = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))

/** What `onhook matrix registration` prints for a configuration: the homeserver gets it as it is. */
export async function registrationOf(config: Readonly<Record<string, unknown>>): Promise<string> {
  const place = await folder()
  try {
    const file = join(place.path, 'onhook.config.json')
    await writeFile(file, JSON.stringify(config))
    const args = [main, 'matrix', 'registration', '--config', file]
    return (await promisify(execFile)(process.execPath, args)).stdout
  } finally {
    await place.remove()
  }
}
