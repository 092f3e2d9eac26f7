/** The composition root: the only file that knows everyone. */
import type { Logger } from 'pino'
import { rangeMatcher } from './config/address.ts'
import type { Config } from './config/config.ts'
import { createDialer } from './config/dialer.ts'
import { matcher } from './config/pattern.ts'
import { createRouter } from './config/router.ts'
import { createDispatcher } from './delivery/dispatcher.ts'
import { createWebhookSigner } from './delivery/standard-webhooks.ts'
import { createWebClient } from './delivery/web-client.ts'
import { createHttp } from './http/app.ts'
import type { Check, ControlPlane, Health } from './http/control.ts'
import { type Listening, listen } from './http/listen.ts'
import { createLogger, maskText } from './http/log.ts'
import type { Metrics } from './http/metrics.ts'
import { createPlane } from './http/plane.ts'
import { createLedger } from './ledger/ledger.ts'
import { openSlate } from './ledger/slate.ts'
import { createMatrixNetwork } from './networks/matrix/index.ts'
import { createRoomNetwork } from './networks/room/index.ts'
import { createSipNetwork, type SipNetwork } from './networks/sip/index.ts'
import { createDirectPlatform } from './platforms/direct/index.ts'
import { createVobizPlatform } from './platforms/vobiz/index.ts'
import { openChime } from './server/chime.ts'
import { mediaAddress, openMedia } from './server/media.ts'
import { Moderation } from './server/moderation.ts'
import { systemClock } from './switchboard/clock.ts'
import { systemIds } from './switchboard/ids.ts'
import { Switchboard } from './switchboard/switchboard.ts'
import { version } from './version.ts'

export type RunningServer = Readonly<{
  config: Config
  /** `host:port` of the first SIP listener, with the port that was really bound. */
  sipAddress: string
  /** `host:port` where the Matrix homeserver delivers events; absent where there is no Matrix. */
  matrixAddress?: string
  /** `http://host:port`. */
  httpAddress: string
  control: ControlPlane
  /** Refuses new calls, lets live ones finish up to the configured limit, ends the rest with `shutdown`, flushes. */
  drain(): Promise<void>
  /** Ends every call now, flushes, closes every socket. Idempotent. */
  stop(): Promise<void>
}>

export type ServerOptions = Readonly<{
  log?: Logger
  /** Every SIP message, for ladders and traces. */
  trace?(direction: 'in' | 'out', bytes: Uint8Array, peer: string): void
  /** Of the customers' functions. `watch`: load them again when their files change. `print`: takes what they print, line by line. */
  functions?: Readonly<{ watch?: boolean; print?(line: string): void }>
}>

/** How long far ends have to answer their BYE when the server stops. */
const farewell = 2_000

/** Starts everything, or nothing: what was opened is closed again if a later part fails. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<RunningServer> {
  const log = options.log ?? createLogger({ level: config.log.level })
  const clock = systemClock()
  const ids = systemIds(() => clock.now())
  const closers: (() => Promise<void>)[] = []
  try {
    return await start()
  } catch (fault) {
    await closeAll(closers)
    throw fault
  }

  async function start(): Promise<RunningServer> {
    // Counts what the floors below report; made with the faces, which need those floors.
    let metrics: Metrics | undefined
    let wire: SipNetwork | undefined
    const ledger = createLedger({
      ...(config.data.kind === 'file' ? { path: config.data.path } : { memory: true }),
      leaving: () => wire?.flush(),
      onCommit: (milliseconds, rows) => metrics?.committed(milliseconds, rows),
      onUnreadable: (call) => log.error({ call }, 'a call found live cannot be read; its row is set aside'),
    })
    await ledger.open()
    closers.push(() => ledger.close())
    const slate =
      config.data.kind === 'file'
        ? openSlate(`${config.data.path}.answers`, (fault) => log.error({ err: fault }, 'the slate of answers'))
        : undefined
    closers.push(async () => slate?.close())

    const web = createWebClient({ clock, version, addresses: { allow: config.delivery.allowPrivate } })
    closers.push(() => web.close())

    const accounts = new Map(config.accounts.map((account) => [account.authId, account.authToken]))
    const vobiz = createVobizPlatform({
      web,
      clock,
      tokenOf: (account) => accounts.get(account)?.reveal(),
      onWarning: (warning) => log.warn(warning, 'an app'),
    })
    const dialer = createDialer(config)
    const chime = await openChime({ config, ledger, dialer, clock, ids, log, slate, development: options.functions })
    closers.push(() => chime.close())
    const platforms = [vobiz, chime.platform, createDirectPlatform()]

    const dispatcher = createDispatcher({
      ledger,
      web: chime.inward(web),
      clock,
      sign: (delivery) => platforms.find(({ name }) => name === delivery.platform)?.sign?.(delivery) ?? {},
      webhooks: createWebhookSigner(),
      onOutcome: ({ delivery, attempt, state: outcome }) =>
        metrics?.attempted(delivery.platform, outcome === 'pending' ? 'retry' : outcome, attempt.milliseconds),
      onFault: (fault, doing) => log.error({ err: fault }, doing),
    })
    const media = openMedia({ config, web, clock, log, inBucket: chime.prompt })
    closers.push(() => media.close())

    const switchboard = new Switchboard({
      clock,
      ids,
      ledger,
      ...(slate === undefined ? {} : { slate }),
      router: createRouter(config, chime.directory),
      platforms,
      deliver: (deliveries) => dispatcher.poke(deliveries),
      onFault: (fault, context) => log.error({ err: fault }, context),
      onShed: (limit) => metrics?.shed(limit),
      limits: {
        calls: config.limits.calls,
        callsPerSecond: config.limits.callsPerSecond,
        ...(config.limits.callsPerCaller === undefined ? {} : { callsPerCaller: config.limits.callsPerCaller }),
        ringing: config.limits.ringSeconds * 1000,
        duration: config.limits.durationSeconds * 1000,
      },
    })
    logCalls(switchboard, log)
    const sip = createSipNetwork({
      sip: config.sip,
      trunks: config.trunks.map((trunk) => ({ ...trunk, vouchesFor: rangeMatcher(trunk.sources) })),
      clock,
      ids,
      media,
      mediaAddress: mediaAddress(config.sip),
      switchboard,
      onFault: (fault: unknown, context: string) => log.error({ err: fault }, context),
      handled: new Moderation().heard,
      ...(options.trace === undefined ? {} : { trace: options.trace }),
    })
    wire = sip
    switchboard.addNetwork(sip)
    switchboard.addNetwork(createRoomNetwork({ clock, switchboard, media }))
    const matrix = config.matrix && openMatrix(config.matrix)
    if (matrix !== undefined) switchboard.addNetwork(matrix)
    function openMatrix(settings: NonNullable<Config['matrix']>) {
      const callers = settings.users.map(matcher)
      return createMatrixNetwork({
        matrix: { ...settings, admits: (user) => callers.some((matches) => matches(user)) },
        clock,
        ids,
        media,
        memory: ledger.memory('matrix'),
        switchboard,
        counters: {
          ignored: (why) => metrics?.ignored('matrix', why),
          settled: (kind, outcome) => metrics?.settled('matrix', kind, outcome),
        },
        onFault: (fault, context) => log.error({ err: fault }, context),
        onWarning: (warning) => log.warn(warning, 'matrix'),
      })
    }

    let state: Health['state'] = 'starting'
    let recovered = 0
    const control = createPlane({
      switchboard,
      ledger,
      dialer,
      routes: config.routes,
      state: () => state,
      recovered: () => recovered,
      checks: async () => [
        await ledgerCheck(),
        { name: 'sip', ok: sip.listening },
        ...(matrix === undefined ? [] : [{ name: 'matrix', ok: matrix.listening }]),
      ],
      replayed: (delivery) => dispatcher.poke([delivery]),
    })
    async function ledgerCheck(): Promise<Check> {
      const health = ledger.health().state === 'ok' ? ledger.health() : await ledger.probe(clock.now())
      return health.state === 'ok'
        ? { name: 'ledger', ok: true }
        : { name: 'ledger', ok: false, detail: health.fault.code }
    }

    const http = createHttp({ control, clock, ids, log, version, tokens: config.http.tokens })
    http.app.route('/', chime.face(switchboard))
    metrics = http.metrics
    await sip.start()
    closers.push(() => sip.stop())
    metrics.turnedAway('sip', () => sip.turnedAway)
    if (matrix !== undefined) {
      await matrix.start()
      closers.push(() => matrix.stop())
      metrics.backlog('matrix', () => matrix.backlog())
    }
    recovered = await switchboard.recover()
    metrics.recovered(recovered)
    if (recovered > 0) log.warn({ calls: recovered }, 'calls found live were ended: restarted')
    await dispatcher.start()
    closers.push(() => dispatcher.stop(farewell))

    const listening = await listen(http.app, config.http)
    closers.push(() => closeHttp(http, listening))
    await media.ready
    state = 'ready'

    let ending: Promise<void> | undefined
    const hurry = Promise.withResolvers<void>()
    const finish = async (): Promise<void> => {
      state = 'draining'
      switchboard.drain()
      await Promise.race([switchboard.emptied(config.limits.drainSeconds * 1000), hurry.promise])
      switchboard.endAll({ cause: 'shutdown', actor: 'platform', detail: 'the server stops' })
      await switchboard.emptied(farewell)
      await closeAll(closers)
    }
    const end = (): Promise<void> => {
      ending ??= finish()
      return ending
    }
    return {
      config,
      sipAddress: sip.address,
      ...(matrix === undefined ? {} : { matrixAddress: matrix.address }),
      httpAddress: listening.url,
      control,
      drain: end,
      stop: () => {
        hurry.resolve()
        return end()
      },
    }
  }
}

async function closeHttp(http: { close(): void }, listening: Listening): Promise<void> {
  http.close()
  await listening.close()
}

/** In the reverse order of opening. One that fails does not keep the others open. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close().catch(() => {})
}

/** One line for each ending: who, why, how far, what was sent. */
function logCalls(switchboard: Switchboard, log: Logger): void {
  switchboard.subscribe((event) => {
    if (event.type !== 'notice' || event.notice.type !== 'leg-ended' || !log.isLevelEnabled('info')) return
    const { leg, ending } = event.notice
    const { cause, actor, phase, detail, codes } = ending
    log.info({ call: event.call.id, leg, cause, actor, phase, codes, detail: detail && maskText(detail) }, 'leg ended')
  })
}
