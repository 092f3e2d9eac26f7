import type { View } from '../../../src/call/leg.ts'
import type { CallRecord } from '../../../src/call/record.ts'
import { parseCallback } from '../../../src/dialects/vobiz/index.ts'
import type { VobizWarning } from '../../../src/platforms/vobiz/index.ts'
import { createVobizPlatform } from '../../../src/platforms/vobiz/platform.ts'
import { systemIds } from '../../../src/switchboard/ids.ts'
import type {
  Delivery,
  Ledger,
  LegHandle,
  LiveRow,
  Network,
  Offer,
  WebClient,
  WebRequest,
  WebResult,
} from '../../../src/switchboard/ports.ts'
import { Switchboard } from '../../../src/switchboard/switchboard.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { PaperMedia } from '../paper-media.ts'

/** What an app answers at one URL. A string is an XML document. */
export type Reply =
  | string
  | Readonly<{ status?: number; type?: string; body?: string | Uint8Array; after?: number }>
  | Readonly<{ error: Extract<WebResult, { ok: false }>['error']; after?: number }>

export const token = 'my_auth_token'
export const answerUrl = 'https://app.example.com/answer'

/** Every request, and what came of it, by URL. */
export class PaperApp implements WebClient {
  readonly requests: WebRequest[] = []
  readonly #clock: VirtualClock
  readonly #replies: Map<string, Reply | readonly Reply[]>

  constructor(clock: VirtualClock, replies: Readonly<Record<string, Reply | readonly Reply[]>>) {
    this.#clock = clock
    this.#replies = new Map(Object.entries(replies))
  }

  /** `url` without its query → how often it was asked. */
  get asked(): Readonly<Record<string, number>> {
    const asked: Record<string, number> = {}
    for (const { url } of this.requests) {
      const plain = url.split('?')[0]!
      asked[plain] = (asked[plain] ?? 0) + 1
    }
    return asked
  }

  async fetch(request: WebRequest): Promise<WebResult> {
    this.requests.push(request)
    const plain = request.url.split('?')[0]!
    const found = this.#replies.get(plain)
    const replies: readonly Reply[] = Array.isArray(found) ? found : [found as Reply]
    const given = replies[Math.min((this.asked[plain] ?? 1) - 1, replies.length - 1)]
    const reply = typeof given === 'string' ? { body: given } : (given ?? { status: 404 })
    const wanted = reply.after ?? 0
    // Not only this client's own limits, but its `aborted`, are the real one's.
    const limit = Math.min(request.readTimeout, request.totalTimeout)
    const began = this.#clock.now()
    const aborted = await this.#wait(Math.min(wanted, limit), request.signal)
    const milliseconds = this.#clock.now() - began
    if (aborted) return { ok: false, error: 'aborted', detail: 'given up', milliseconds }
    if (wanted > limit) return { ok: false, error: 'timeout', detail: 'no answer', milliseconds }
    if ('error' in reply) return { ok: false, error: reply.error, detail: 'as the test says', milliseconds }
    const {
      status = 200,
      type = 'application/xml',
      body = '',
    } = reply as { status?: number; type?: string; body?: string }
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    if (bytes.byteLength > request.maxBytes) return { ok: false, error: 'too-large', detail: 'too large', milliseconds }
    return { ok: true, status, headers: { 'content-type': type }, body: bytes, url: request.url, milliseconds }
  }

  #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (milliseconds === 0) return Promise.resolve(signal?.aborted ?? false)
    return new Promise((resolve) => {
      const disarm = this.#clock.alarm(this.#clock.now() + milliseconds, () => resolve(false))
      signal?.addEventListener('abort', () => {
        disarm()
        resolve(true)
      })
    })
  }
}

export type Setup = Readonly<{
  replies?: Readonly<Record<string, Reply | readonly Reply[]>>
  app?: Readonly<Record<string, unknown>>
  direction?: 'in' | 'out'
  from?: string
  to?: string
  /** A web client other than the app on paper. */
  web?: WebClient
}>

/** One call to a Vobiz app, on the real switchboard and heart; wire, sound, web and disk are paper. */
export class World {
  readonly clock = new VirtualClock(Date.UTC(2026, 5, 11, 16, 3, 28, 586))
  readonly began = this.clock.now()
  readonly wire: string[] = []
  readonly warnings: VobizWarning[] = []
  readonly faults: string[] = []
  readonly deliveries: Delivery[] = []
  readonly records: CallRecord[] = []
  readonly stored: LiveRow[] = []
  readonly media = new PaperMedia(this.clock)
  readonly app: PaperApp
  readonly switchboard: Switchboard
  readonly platform: ReturnType<typeof createVobizPlatform>
  readonly call: string
  readonly #leg = 'a'
  #asking = 0

  private constructor(setup: Setup) {
    this.app = new PaperApp(this.clock, setup.replies ?? {})
    const platform = createVobizPlatform({
      web: this.#counted(setup.web ?? this.app),
      clock: this.clock,
      tokenOf: (account) => (account === 'MA_1' ? token : undefined),
      nonce: () => '05429567804466091622',
      onWarning: (warning) => void this.warnings.push(warning),
    })
    this.platform = platform
    const data = {
      vendor: 'vobiz',
      account: 'MA_1',
      ...(setup.app?.document === undefined ? { answerUrl } : {}),
      ...setup.app,
    }
    this.switchboard = new Switchboard({
      clock: this.clock,
      ids: systemIds(() => this.clock.now()),
      ledger: this.#ledger,
      router: { route: () => ({ type: 'app', app: { platform: 'vobiz', data } }) },
      platforms: [platform],
      deliver: (deliveries) => void this.deliveries.push(...deliveries),
      onFault: (fault, context) => void this.faults.push(`${context}: ${String(fault)}`),
      limits: { calls: 10, callsPerSecond: 10, ringing: 120_000, duration: 14_400_000 },
    })
    this.switchboard.addNetwork(this.#network)
    const party = { from: setup.from ?? 'sip:+14155551234@example.com', to: setup.to ?? 'sip:100@onhook' }
    const handle = this.#handle()
    this.call =
      setup.direction === 'out'
        ? this.#place(data)
        : this.switchboard.incoming(offer, { id: this.#leg, direction: 'in', network: 'paper', ...party }, handle)
  }

  /** A call, as far as it comes without time passing. */
  static async of(setup: Setup): Promise<World> {
    const world = new World(setup)
    await world.clock.pass(0)
    return world
  }

  /** One whose first document is this. */
  static ofDocument(inner: string, setup: Setup = {}): Promise<World> {
    const document = inner.startsWith('<?') || inner.startsWith('<Response') ? inner : `<Response>${inner}</Response>`
    return World.of({ ...setup, replies: { [answerUrl]: document, ...setup.replies } })
  }

  /** Real time while a real app is asked, virtual time otherwise, until the call has ended. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 2000 && this.records.length === 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (this.#asking === 0) await this.clock.pass(500)
    }
  }

  /** For what really takes time: at most ten seconds. */
  async ended(): Promise<void> {
    for (let turn = 0; turn < 1000 && this.records.length === 0; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await this.clock.pass(0)
  }

  pass(milliseconds: number): Promise<void> {
    return this.clock.pass(milliseconds)
  }

  /** The caller hangs up, or withdraws. */
  async leave(): Promise<void> {
    const { state } = this.switchboard.find(this.call)?.legs[0] ?? {}
    const cause = state?.name === 'answered' ? 'hangup' : 'cancelled'
    const reason = { cause, actor: 'party' } as const
    this.switchboard.dispatch(this.call, {
      type: 'end',
      at: this.clock.now(),
      leg: this.firstLeg,
      reason,
      heard: 'wire',
    })
    await this.clock.pass(0)
  }

  async input(type: 'ringing' | 'early' | 'answered'): Promise<void> {
    this.switchboard.dispatch(this.call, { type, at: this.clock.now(), leg: this.firstLeg })
    await this.clock.pass(0)
  }

  get firstLeg(): string {
    return this.switchboard.find(this.call)?.first ?? this.#leg
  }

  /** The one record; there must not be two. */
  get record(): CallRecord {
    if (this.records.length !== 1) throw new Error(`${this.records.length} records`)
    return this.records[0]!
  }

  /** Milliseconds from offer to end. */
  get lasted(): number {
    return this.record.ended - this.began
  }

  /** The one hangup webhook, as its receiver reads it. */
  get webhook(): Readonly<Record<string, string>> {
    const hooks = this.deliveries.filter(({ kind }) => kind === 'hangup')
    if (hooks.length !== 1) throw new Error(`${hooks.length} hangup webhooks`)
    const { method, url, body } = hooks[0]!
    const parsed = parseCallback(method === 'GET' ? url : body)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    return Object.fromEntries(parsed.value.params)
  }

  #place(data: Readonly<Record<string, unknown>>): string {
    const target = { network: 'paper', to: 'sip:+14155559999@example.com', from: '+14155551234' }
    let id = ''
    void this.switchboard.place({ platform: 'vobiz', data }, target, {}).then(({ call }) => (id = call))
    for (const call of this.switchboard.live()) id = call.id
    return id
  }

  #counted(web: WebClient): WebClient {
    return {
      fetch: async (request) => {
        this.#asking += 1
        try {
          return await web.fetch(request)
        } finally {
          this.#asking -= 1
        }
      },
    }
  }

  get #network(): Network {
    const handle = () => ({ ...this.#handle(), offer: () => void this.wire.push('INVITE') })
    return {
      name: 'paper',
      start: async () => {},
      prepare: handle,
      revive: handle,
      drain: () => {},
      stop: async () => {},
    }
  }

  #handle(): LegHandle {
    const say = (what: string) => void this.wire.push(what)
    const now = () => this.clock.now()
    return {
      ring: () => say('180'),
      early: async () => {
        say('183')
        this.switchboard.dispatch(this.call, { type: 'early', at: now(), leg: this.firstLeg })
      },
      answer: async () => {
        say('200')
        this.switchboard.dispatch(this.call, { type: 'answered', at: now(), leg: this.firstLeg })
      },
      tell: ({ ending }: View) => {
        say(`${ending.phase === 'answered' ? 'BYE' : 'refuse'} ${ending.cause}`)
        this.switchboard.dispatch(this.call, { type: 'told', at: now(), leg: this.firstLeg, outcome: 'delivered' })
        return { message: 'told' }
      },
      tellBranch: () => ({ message: null }),
      stopMedia: () => this.media.stop(),
      media: this.media,
      wire: () => ({}),
      release: () => {},
    }
  }

  get #ledger(): Ledger {
    return {
      store: async (row: LiveRow) => void this.stored.push(row),
      settle: async (record: CallRecord) => void this.records.push(record),
      annex: async () => {},
      enqueue: async () => {},
      record: async () => undefined,
      live: async () => [],
    } as unknown as Ledger
  }
}

export const offer: Offer = {
  network: 'paper',
  to: '100',
  from: '+14155551234',
  toAddress: 'sip:100@onhook',
  fromAddress: 'sip:+14155551234@example.com',
  source: { kind: 'anonymous', name: '', address: '127.0.0.1' },
  ids: {},
  headers: {},
}
