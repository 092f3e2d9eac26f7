/** The configuration of `onhook dev`: no file, one app, everything on loopback. */
import type { AppConfig } from './config.ts'

export type DevelopmentOptions = Readonly<{
  /** URL that answers with XML, or the XML itself. */
  vobiz: string
  hangupUrl?: string
  fallbackUrl?: string
  sipPort?: number
  httpPort?: number
  /** Keep records in this file; absent: in memory. */
  data?: string
  drainSeconds?: number
  /** Softphones that may register. */
  users?: readonly Readonly<{ name: string; password: string }>[]
}>

/** The developer's own machine and network; not link-local addresses, where cloud machines keep their credentials. */
const privateRanges = ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']

/** Accepts calls from this machine only, whatever number they call. */
export function developmentFile(options: DevelopmentOptions): Record<string, unknown> {
  const sipPort = options.sipPort ?? 5060
  return {
    data: options.data === undefined ? { memory: true } : { path: options.data },
    http: { host: '127.0.0.1', port: options.httpPort ?? 8060 },
    sip: {
      listen: [
        { transport: 'udp', host: '127.0.0.1', port: sipPort },
        { transport: 'tcp', host: '127.0.0.1', port: sipPort },
      ],
      users: options.users ?? [],
    },
    routes: [{ to: '*', from: ['loopback', 'users', 'trunks'], app: vobizApp(options) }],
    outbound: ['sip:*@127.0.0.1', 'sip:127.0.0.1', 'sip:*@localhost', 'sip:localhost'].map((to) => ({ to })),
    delivery: { allowPrivate: privateRanges },
    limits: { drainSeconds: options.drainSeconds ?? 2 },
    log: { level: 'warn' },
  }
}

function vobizApp({ vobiz, hangupUrl, fallbackUrl }: DevelopmentOptions): Partial<AppConfig> {
  const where = vobiz.trimStart().startsWith('<') ? { document: vobiz } : { answerUrl: vobiz }
  return {
    platform: 'vobiz',
    ...where,
    // Most apps answer every event at one address; an explicit one wins.
    ...(hangupUrl === undefined ? ('answerUrl' in where ? { hangupUrl: vobiz } : {}) : { hangupUrl }),
    ...(fallbackUrl !== undefined && { fallbackUrl }),
  }
}
