/** `onhook demo` */
import { CommandError, type Io } from './io.ts'

export const help = `Usage: onhook demo

Real calls, ended in every way a call can end: by whom, why, and who heard it.`

export async function run(_args: readonly string[], _io: Io): Promise<number> {
  throw new CommandError('the demo is not in this version')
}
