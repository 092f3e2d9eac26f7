/** sipp as the callee: answers every call, echoes its sound, and hangs up after 20 seconds unless it is hung up on. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import { Lines } from '../machine/lines.ts'
import { freePort } from '../machine/ports.ts'

/** A BYE that came, or that went. `at`: milliseconds since the epoch. */
export type Bye = Readonly<{ what: 'came' | 'went'; number: string; at: number }>

export type Callee = Readonly<{
  /** UDP port on 127.0.0.1. */
  port: number
  /** What happened since this was last asked. */
  byes(): readonly Bye[]
  stop(): Promise<void>
}>

export async function startCallee(bench: Bench): Promise<Callee> {
  const folder = bench.folder('callee')
  const port = await freePort()
  const args = [
    ...['-i', '127.0.0.1', '-p', `${port}`, '-mi', '127.0.0.1', '-mp', `${await freePort()}`, '-rtp_echo'],
    ...['-sf', fileURLToPath(new URL('./callee.xml', import.meta.url)), '-nostdin', '-buff_size', '4000000'],
    ...['-trace_logs', '-log_file', 'byes.log', '-trace_err', '-error_file', 'errors.log'],
  ]
  const child = await bench.children.start('sipp', args, { cwd: folder, log: join(folder, 'screen.log') })
  const log = new Lines(join(folder, 'byes.log'))
  return { port, byes: () => log.read().map(readBye), stop: () => child.end('SIGKILL') }
}

/** `came 4900017 2026-11-20<tab>12:57:54.636049<tab>1795179474.636049` */
function readBye(line: string): Bye {
  const [what, number] = line.split(' ')
  return { what: what as Bye['what'], number: number!, at: Number(line.split('\t')[2]) * 1000 }
}
