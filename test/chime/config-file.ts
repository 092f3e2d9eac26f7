import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The configuration of a server in a process of its own, whose every number reaches one function. Its store is in the folder too. */
export function configFile(folder: string, functionUrl: string, buckets?: Readonly<Record<string, string>>): string {
  const file = join(folder, 'onhook.config.json')
  writeFileSync(
    file,
    JSON.stringify({
      data: { path: join(folder, 'onhook.db') },
      http: { port: 0 },
      sip: { listen: [{ transport: 'udp', host: '127.0.0.1', port: 0 }], media: { ports: [30_000, 32_766] } },
      functions: { app: { url: functionUrl } },
      chime: { applications: [{ name: 'app', function: 'app' }], buckets },
      routes: [{ to: '*', from: 'loopback', chime: 'app' }],
      limits: { drainSeconds: 0 },
      log: { level: 'error' },
    }),
  )
  return file
}
