/** The configuration of `onhook dev`: no file, one app, everything on loopback. */
import type { AppConfig } from './config.ts'

export type DevelopmentOptions = (VobizDevelopment | ChimeDevelopment) &
  Readonly<{
    sipPort?: number
    httpPort?: number
    /** Keep records in this file; absent: in memory. */
    data?: string
    drainSeconds?: number
    /** Softphones that may register. */
    users?: readonly Readonly<{ name: string; password: string }>[]
    /** `host:port` that numbers are sent to which the app calls. */
    trunk?: string
  }>

type VobizDevelopment = Readonly<{
  /** URL that answers with XML, or the XML itself. */
  vobiz: string
  hangupUrl?: string
  fallbackUrl?: string
}>

type ChimeDevelopment = Readonly<{
  /** Path of a SIP media application handler. */
  chime: string
  /** Bucket → folder. */
  buckets?: Readonly<Record<string, string>>
  /** Variables of the handler's own. */
  environment?: Readonly<Record<string, string>>
}>

/** The developer's own machine and network; not link-local addresses, where cloud machines keep their credentials. */
const privateRanges = ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']

const everybody = ['loopback', 'users', 'trunks']
const outside = 'outside'
/** Name of the application that `onhook dev --chime` has. */
export const onlyApplication = 'dev'

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
    routes: [
      { to: '*', from: everybody, ...('vobiz' in options ? { app: vobizApp(options) } : { chime: onlyApplication }) },
    ],
    ...('chime' in options && chimeSections(options)),
    ...(options.trunk !== undefined && { trunks: [{ name: outside, server: options.trunk }] }),
    outbound: [
      ...(options.trunk === undefined ? [] : [{ to: '+*', trunk: outside }]),
      ...['sip:*@127.0.0.1', 'sip:127.0.0.1', 'sip:*@localhost', 'sip:localhost'].map((to) => ({ to })),
    ],
    delivery: { allowPrivate: privateRanges },
    limits: { drainSeconds: options.drainSeconds ?? 2 },
    log: { level: 'warn' },
  }
}

function vobizApp({ vobiz, hangupUrl, fallbackUrl }: VobizDevelopment): Partial<AppConfig> {
  const where = vobiz.trimStart().startsWith('<') ? { document: vobiz } : { answerUrl: vobiz }
  return {
    platform: 'vobiz',
    ...where,
    // Most apps answer every event at one address; an explicit one wins.
    ...(hangupUrl === undefined ? ('answerUrl' in where ? { hangupUrl: vobiz } : {}) : { hangupUrl }),
    ...(fallbackUrl !== undefined && { fallbackUrl }),
  }
}

function chimeSections({ chime, buckets = {}, environment = {} }: ChimeDevelopment) {
  return {
    functions: { [onlyApplication]: { file: chime, environment } },
    chime: {
      applications: [{ name: onlyApplication, function: onlyApplication }],
      from: everybody,
      buckets,
    },
  }
}
