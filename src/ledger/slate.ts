import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import type { CallId } from '../call/call.ts'
import type { Instant } from '../call/ending.ts'
import type { LegId } from '../call/leg.ts'
import type { Marked, Numbers, Slate } from '../switchboard/ports.ts'

/** Bytes: 8 of the instant, one that counts those of the name, the name. */
const line = 64
const header = 9
/** Several times what is marked in the time that a row may wait for the disk (`LaterRows`): two for each call that is answered. */
const lines = 32_768
/** So many lines are written at once, and a line that may wait does so for that many milliseconds. */
const most = 64
const patience = 20

/**
 * A file of fixed size beside the data file, written round and round: what is on it is in the kernel's hands when `answering` or
 * `numbered` returns, in a few µs and without a sync, so it outlives the process, though not the machine.
 *
 * @param onFault a slate that cannot be written is reported once; calls go on, and after a crash less is known of them.
 */
export function openSlate(path: string, onFault: (fault: unknown) => void): Slate & Numbers & { close(): void } {
  /** The lines that are to be written next. */
  const buffer = Buffer.alloc(line * most)
  let waiting = 0
  let timer: NodeJS.Timeout | undefined
  const found = new Map<LegId, Marked>()
  const numbers = new Map<CallId, number>()
  let file: number | undefined
  let next = 0

  function giveUp(fault: unknown): void {
    close()
    onFault(fault)
  }

  function close(): void {
    clearTimeout(timer)
    const open = file
    file = undefined
    try {
      if (open !== undefined) closeSync(open)
    } catch {
      // What has been written is not in doubt; whether it comes to the disk, nobody asks.
    }
  }

  try {
    file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    const whole = Buffer.alloc(line * lines)
    readSync(file, whole, 0, whole.length, 0)
    let newest = 0
    for (let index = 0; index < lines; index++) {
      const at = whole.readDoubleBE(index * line)
      const length = whole[index * line + 8] ?? 0
      if (!(at > 0) || length === 0 || length > line - header) continue
      read(whole.toString('latin1', index * line + header, index * line + header + length), at)
      // What an earlier process wrote is kept until it is overwritten in its turn: this one may die in its recovery.
      if (at >= newest) {
        newest = at
        next = (index + 1) % lines
      }
    }
  } catch (fault) {
    giveUp(fault)
  }

  /** A leg that was being answered, `LEG#ack`, or `CALL#NUMBER`. */
  function read(name: string, at: Instant): void {
    const [of = '', what] = name.split('#')
    if (what === undefined) found.set(of, { ...found.get(of), answering: at })
    // Written round and round: the answer may stand behind what acknowledged it. Overwritten, it was at that time or a little before.
    else if (what === 'ack') found.set(of, { answering: found.get(of)?.answering ?? at, acknowledged: at })
    else numbers.set(of, Math.max(numbers.get(of) ?? 0, Number(what)))
  }

  function write(name: string, at: Instant): void {
    put(name, at)
    flush()
  }

  /** It leaves with the next line that cannot wait, or soon. */
  function writeSoon(name: string, at: Instant): void {
    put(name, at)
    timer ??= setTimeout(flushLate, patience).unref()
  }

  function put(name: string, at: Instant): void {
    if (file === undefined || name.length > line - header) return
    const start = waiting * line
    buffer.writeDoubleBE(at, start)
    buffer[start + 8] = buffer.write(name, start + header, 'latin1')
    if (++waiting === most) flush()
  }

  function flushLate(): void {
    timer = undefined
    flush()
  }

  function flush(): void {
    const all = waiting
    waiting = 0
    for (let written = 0; written < all && file !== undefined; ) {
      const some = Math.min(all - written, lines - next)
      try {
        const bytes = writeSync(file, buffer, written * line, some * line, next * line)
        if (bytes < some * line) throw new Error(`the slate took ${bytes} of ${some * line} bytes`)
      } catch (fault) {
        giveUp(fault)
      }
      written += some
      next = (next + some) % lines
    }
  }

  return {
    found,
    numbers,
    get works() {
      return file !== undefined
    },
    answering: write,
    acknowledged: (leg, at) => writeSoon(`${leg}#ack`, at),
    numbered: (call, number, at) => write(`${call}#${number}`, at),
    close() {
      flush()
      close()
    },
  }
}
