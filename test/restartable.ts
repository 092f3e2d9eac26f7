import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ServerProcess, startProcess } from '../src/cli/demo/server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** `settings` of the configuration, without what is the same for all: where the data is, and where it listens. */
export type Settings = Readonly<{ sip?: object; http?: object } & Record<string, unknown>>

/**
 * A server in a process of its own that, killed, can be started again with the same data at the same ports: far ends know no others.
 *
 * @param prepare is given the folder of its data, `onhook.db`, before it starts
 * @param transports all at the same port, from the second start on
 */
export async function restartable(
  settings: Settings,
  prepare = (_folder: string): void => {},
  transports: readonly ('udp' | 'tcp')[] = ['udp'],
) {
  const folder = temporaryFolder()
  prepare(folder)
  const file = join(folder, 'onhook.config.json')
  const configure = (sip: number, http: number) =>
    writeFileSync(
      file,
      JSON.stringify({
        log: { level: 'error' },
        ...settings,
        data: { path: join(folder, 'onhook.db') },
        http: { host: '127.0.0.1', ...settings.http, port: http },
        sip: { ...settings.sip, listen: transports.map((transport) => ({ transport, host: '127.0.0.1', port: sip })) },
      }),
    )
  configure(0, 0)
  let running: ServerProcess = await startProcess(file)
  onTestFinished(() => running.stop())
  const [sip, http] = [running.sip, running.http].map((address) => Number(/:(\d+)$/.exec(address)![1]))
  configure(sip!, http!)
  return {
    sip: running.sip,
    http: running.http,
    kill: () => running.kill(),
    async start(): Promise<void> {
      running = await startProcess(file)
    },
  }
}
