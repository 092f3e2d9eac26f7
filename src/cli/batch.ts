import { exit, type Io, note } from './io.ts'
import { lineBatches } from './messages.ts'

/** Writes, and waits where the reader is slower. */
export async function put({ stdout }: Io, text: string): Promise<void> {
  if (stdout.write(text) || stdout.destroyed) return
  await new Promise<void>((resolve) => {
    for (const event of ['drain', 'close', 'error']) stdout.once(event, resolve)
  })
}

/**
 * Batch mode: each line is a message, each message a line of output, in constant memory; a slow reader slows it down.
 * `handle` gives the line, and whether the message could be read. The exit code is 1 if one could not.
 */
export async function eachLine(
  bytes: AsyncIterable<Uint8Array>,
  io: Io,
  handle: (line: string) => Readonly<{ text: string; read: boolean }>,
): Promise<number> {
  let unread = 0
  for await (const lines of lineBatches(bytes)) {
    let out = ''
    for (const line of lines) {
      const { text, read } = handle(line)
      if (!read) unread++
      out += `${text}\n`
    }
    if (out !== '') await put(io, out)
    if (io.stdout.destroyed) break
  }
  if (unread === 0) return exit.done
  note(io, `${unread} ${unread === 1 ? 'line was' : 'lines were'} not recognised`)
  return exit.failed
}
