import { Readable, Writable } from 'node:stream'
import type { Command, Io } from '../../../src/cli/io.ts'
import { UsageError } from '../../../src/cli/io.ts'

export type Outcome = Readonly<{ code: number; out: string; err: string }>

/** Runs a command with this on its standard input; wrong usage is exit code 2, as the command line makes it. */
export async function runWith(
  command: Command,
  args: readonly string[],
  input = '',
  more: Readonly<{ isTTY?: boolean; cwd?: string; env?: Record<string, string> }> = {},
): Promise<Outcome> {
  let out = ''
  let err = ''
  const collect = (take: (text: string) => void) =>
    new Writable({
      write(chunk, _encoding, done) {
        take(String(chunk))
        done()
      },
    })
  const io: Io = {
    stdin: Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout: Object.assign(
      collect((text) => {
        out += text
      }),
      { isTTY: more.isTTY ?? false },
    ),
    stderr: collect((text) => {
      err += text
    }),
    env: more.env ?? {},
    cwd: more.cwd ?? '.',
    now: () => 1_000,
    onSignal: () => () => {},
  }
  try {
    return { code: await command.run(args, io), out, err }
  } catch (error) {
    const code = error instanceof UsageError ? 2 : 1
    return { code, out, err: err + (error instanceof Error ? error.message : String(error)) }
  }
}
