import { Readable, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { Io } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { type Listening, listen } from '../../src/http/listen.ts'
import { createFaces, type Faces } from '../http/faces.ts'

type Given = { tty?: boolean; env?: Record<string, string>; cwd?: string; stdin?: string; now?: number }

export type Terminal = {
  io: Io
  /** What was printed, without colours. */
  out(): string
  err(): string
  /** What was printed, as it was. */
  raw(): string
  signal(name: 'SIGINT' | 'SIGTERM'): void
  /** How many listen for signals. */
  listening(): number
  /** Runs a command line. */
  onhook(...args: string[]): Promise<number>
}

export function terminal({
  tty = false,
  env = {},
  cwd = '/nowhere',
  stdin = '',
  now = 1_794_000_000_000,
}: Given = {}): Terminal {
  const text = { out: '', err: '' }
  const stream = (name: 'out' | 'err') =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _, done) {
          text[name] += chunk.toString()
          done()
        },
      }),
      { isTTY: tty },
    )
  const listeners = new Set<readonly [string, () => void]>()
  const io: Io = {
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout: stream('out'),
    stderr: stream('err'),
    env,
    cwd,
    now: () => now,
    onSignal(name, listener) {
      const entry = [name, listener] as const
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
  }
  return {
    io,
    out: () => stripVTControlCharacters(text.out),
    err: () => stripVTControlCharacters(text.err),
    raw: () => text.out,
    signal(name) {
      for (const [wanted, listener] of [...listeners]) if (wanted === name) listener()
    },
    listening: () => listeners.size,
    onhook: (...args) => main(args, io),
  }
}

/** The real HTTP faces on a real port, without anything behind them. */
export async function fakeServer(
  options: Parameters<typeof createFaces>[0] = {},
): Promise<Faces & Listening & { stop(): Promise<void> }> {
  const faces = createFaces(options)
  const listening = await listen(faces.app, { host: '127.0.0.1', port: 0 })
  return {
    ...faces,
    ...listening,
    async stop() {
      faces.close()
      await listening.close(0)
    },
  }
}

/** A bounded wait for something that a real socket brings. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  if (!holds()) throw new Error('waited in vain')
}
