import type { Reason } from '../../../src/call/input.ts'
import type { View } from '../../../src/call/leg.ts'
import type { CallRecord } from '../../../src/call/record.ts'
import { parseInvocation } from '../../../src/dialects/chime/index.ts'
import { awsLimits, type ChimeWarning, createChimePlatform, type Limits } from '../../../src/platforms/chime/index.ts'
import type { Bot, InvocationLine } from '../../../src/platforms/chime/means.ts'
import { scriptedBot } from '../../../src/platforms/chime/scripted-bot.ts'
import { systemIds } from '../../../src/switchboard/ids.ts'
import type {
  Delivery,
  FunctionResult,
  Functions,
  Ledger,
  LegHandle,
  LiveRow,
  Network,
  Offer,
  Target,
} from '../../../src/switchboard/ports.ts'
import { Switchboard } from '../../../src/switchboard/switchboard.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { PaperMedia } from '../paper-media.ts'

// biome-ignore lint/suspicious/noExplicitAny: an event as its handler sees it
export type Event = any
/** What the handler answers, or a fault of its host; a number is milliseconds that it takes first. */
export type Answer = unknown | Readonly<{ fault: Extract<FunctionResult, { ok: false }>['error'] }>
export type Handler = (event: Event, world: World) => Answer | Promise<Answer>

/** Bots by ARN. */
const bots = {
  'arn:bot': {
    intents: [
      { name: 'Sales', keys: '1', say: 'sales' },
      { name: 'Order', keys: '^\\d{3}$', slot: 'number' },
    ],
    fallback: 'again',
    attempts: 2,
  },
}

export type Setup = Readonly<{
  handler: Handler
  applications?: number
  limits?: Partial<Limits>
  /** Placed by the API, with these arguments. */
  args?: Readonly<Record<string, string>>
  bot?: Bot
  /** Resolves when the row is on disk; at once by default. */
  disk?: (row: LiveRow) => Promise<void>
}>

/** One call of an SMA handler on the real switchboard and heart; wire, sound and disk are paper. */
export class World {
  readonly clock = new VirtualClock(Date.UTC(2026, 5, 11, 16, 3, 28, 586))
  /** `A 180`, `B INVITE`, … by leg in the order of their making. */
  readonly wire: string[] = []
  readonly events: Event[] = []
  readonly warnings: ChimeWarning[] = []
  readonly lines: InvocationLine[] = []
  readonly faults: string[] = []
  readonly deliveries: Delivery[] = []
  readonly records: CallRecord[] = []
  readonly brought: [delivery: string, state: string][] = []
  readonly numbered: [call: string, sequence: number][] = []
  readonly amended = new Map<string, string>()
  readonly rows: LiveRow[] = []
  readonly media = new Map<string, PaperMedia>()
  readonly targets: Target[] = []
  readonly switchboard: Switchboard
  readonly platform: ReturnType<typeof createChimePlatform>
  readonly #legs: string[] = []
  readonly #handler: Handler
  readonly #disk: (row: LiveRow) => Promise<void>
  #call = ''

  private constructor(setup: Setup) {
    this.#handler = setup.handler
    this.#disk = setup.disk ?? (async () => {})
    const ids = systemIds(() => this.clock.now())
    this.platform = createChimePlatform({
      clock: this.clock,
      ids,
      functions: this.#functions,
      objects: { has: (bucket) => bucket === 'prompts', read: async () => new Uint8Array(), write: async () => {} },
      outside: {
        reach: ({ uri, from, headers }) =>
          uri === 'nowhere' ? 'no route' : { network: 'paper', to: uri, from, headers },
        numbers: () => ['+15550100'],
      },
      bot: setup.bot ?? scriptedBot(bots, this.clock),
      scratch: '/tmp',
      kept: () => {},
      limits: { ...awsLimits, ...setup.limits },
      hangupStatus: 480,
      numbered: (call, sequence) => void this.numbered.push([call, sequence]),
      numberBefore: () => 0,
      amended: (delivery, body) => void this.amended.set(delivery, body),
      brought: (delivery, _, state) => void this.brought.push([delivery, state]),
      warn: (warning) => void this.warnings.push(warning),
      handed: (line) => void this.lines.push(line),
    })
    const applications = Array.from({ length: setup.applications ?? 1 }, (_, n) => ({
      id: `app-${n + 1}`,
      function: `function-${n + 1}`,
      region: 'us-east-1',
    }))
    const data = { applications, account: '111122223333', ...(setup.args === undefined ? {} : { args: setup.args }) }
    this.switchboard = new Switchboard({
      clock: this.clock,
      ids,
      ledger: this.#ledger,
      router: { route: () => ({ type: 'app', app: { platform: 'chime', data } }) },
      platforms: [this.platform],
      deliver: (deliveries) => void this.deliveries.push(...deliveries),
      onFault: (fault, context) => void this.faults.push(`${context}: ${String(fault)}`),
      limits: { calls: 1000, callsPerSecond: 1000, ringing: 120_000, duration: 14_400_000 },
    })
    this.switchboard.addNetwork(this.#network('paper'))
    this.switchboard.addNetwork(this.#network('room'))
    if (setup.args !== undefined) {
      const target = { network: 'paper', to: '+14155559999', from: '+15550100' }
      void this.switchboard.place({ platform: 'chime', data }, target, {}).then(({ call }) => (this.#call = call))
      for (const call of this.switchboard.live()) this.#call = call.id
    } else {
      const id = 'leg-a'
      const seed = { id, direction: 'in', network: 'paper', from: '+14155551234', to: '+15550100' } as const
      this.#call = this.switchboard.incoming(offer, seed, this.#handle(id, 'paper'))
    }
  }

  /** A call, as far as it comes without time passing. */
  static async of(setup: Setup | Handler): Promise<World> {
    const world = new World(typeof setup === 'function' ? { handler: setup } : setup)
    await world.pass(0)
    return world
  }

  async pass(milliseconds: number): Promise<void> {
    await this.clock.pass(0)
    await this.clock.pass(milliseconds)
    for (let turn = 0; turn < 5; turn++) await this.clock.pass(0)
  }

  get call(): string {
    return this.#call
  }
  leg(letter: 'A' | 'B' | 'C'): string {
    return this.#legs['ABC'.indexOf(letter)] ?? ''
  }
  sound(letter: 'A' | 'B' | 'C'): PaperMedia {
    return this.media.get(this.leg(letter))!
  }

  /** The far end of a leg hangs up, cancels or refuses. */
  async leaves(letter: 'A' | 'B' | 'C', reason?: Partial<Reason>): Promise<void> {
    const leg = this.leg(letter)
    const state = this.switchboard.find(this.call)?.legs.find(({ id }) => id === leg)?.state.name
    const cause = state === 'answered' ? 'hangup' : letter === 'A' ? 'cancelled' : 'declined'
    const why = { cause, actor: 'party', ...reason } as const
    this.switchboard.dispatch(this.call, { type: 'end', at: this.clock.now(), leg, reason: why, heard: 'wire' })
    await this.pass(0)
  }

  async input(letter: 'A' | 'B', type: 'ringing' | 'early' | 'answered'): Promise<void> {
    this.switchboard.dispatch(this.call, { type, at: this.clock.now(), leg: this.leg(letter) })
    await this.pass(0)
  }

  async update(args: Record<string, string>): Promise<boolean> {
    const taken = this.platform.update('app-1', this.call, args)
    await this.pass(0)
    return taken
  }

  /** Types of the events so far; an action's is told with it. */
  get story(): string[] {
    return this.events.map((event) => {
      const { InvocationEventType: type, ActionData: data } = event
      if (type === 'HANGUP') return `HANGUP ${data.Parameters.ParticipantTag} ${data.Parameters.SipResponseCode}`
      return type.startsWith('ACTION') ? `${type} ${data.Type}` : type
    })
  }

  get hangupsTold(): Event[] {
    const hangups = this.events.filter(({ InvocationEventType: type }) => type === 'HANGUP')
    return hangups.map(({ function: _, ...event }) => event)
  }

  /** As the disk has them. */
  get hangupsStored(): Event[] {
    return this.deliveries.map(({ id, body }) => JSON.parse(this.amended.get(id) ?? body))
  }

  get record(): CallRecord {
    if (this.records.length !== 1) throw new Error(`${this.records.length} records`)
    return this.records[0]!
  }

  get #functions(): Functions {
    return {
      invoke: async (name, event) => {
        const began = this.clock.now()
        const parsed = parseInvocation(event)
        if (!parsed.ok || parsed.warnings.length > 0) throw new Error(`no event: ${JSON.stringify(parsed)}`)
        const copy = JSON.parse(JSON.stringify(event))
        this.events.push({ ...copy, function: name })
        let value: unknown
        try {
          value = await this.#handler({ ...copy, function: name }, this)
        } catch (error) {
          return { ok: false, error: 'function', detail: String(error), milliseconds: 0 }
        }
        const milliseconds = this.clock.now() - began
        const fault = (value as { fault?: never } | undefined | null)?.fault
        if (fault !== undefined) return { ok: false, error: fault, detail: 'as the test says', milliseconds }
        return { ok: true, value, milliseconds }
      },
    }
  }

  /** For handlers that take their time. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.clock.alarm(this.clock.now() + milliseconds, resolve))
  }

  #network(name: string): Network {
    const prepare = (_: string, { id }: { id: string }, target?: Target) => {
      if (target !== undefined) this.targets.push(target)
      return this.#handle(id, name)
    }
    return {
      name,
      start: async () => {},
      prepare,
      revive: (_, leg) => this.#handle(leg.id, name),
      drain: () => {},
      stop: async () => {},
    }
  }

  #handle(id: string, network: string): LegHandle & { offer(): void } {
    this.#legs.push(id)
    const letter = 'ABCDEFGH'[this.#legs.length - 1]!
    const say = (what: string) => void this.wire.push(`${letter} ${what}`)
    const now = () => this.clock.now()
    const media = new PaperMedia(this.clock)
    this.media.set(id, media)
    const dispatch = (type: 'early' | 'answered') => this.switchboard.dispatch(this.call, { type, at: now(), leg: id })
    return {
      offer: () => {
        say(network === 'room' ? 'joins' : 'INVITE')
        if (network === 'room') dispatch('answered')
      },
      ring: () => say('180'),
      early: async () => {
        say('183')
        dispatch('early')
      },
      answer: async () => {
        say('200')
        dispatch('answered')
      },
      tell: ({ ending }: View) => {
        const code = ending.codes?.platform
        const how =
          ending.phase === 'answered' ? 'BYE' : letter === 'A' && ending.phase !== 'queued' ? 'refuse' : 'CANCEL'
        say(`${how} ${ending.cause}${code === undefined ? '' : ` ${code}`}`)
        this.switchboard.dispatch(this.call, { type: 'told', at: now(), leg: id, outcome: 'delivered' })
        return { message: 'told' }
      },
      tellBranch: () => ({ message: null }),
      stopMedia: () => media.stop(),
      media,
      wire: () => ({}),
      release: () => {},
    }
  }

  get #ledger(): Ledger {
    return {
      store: (row: LiveRow) => {
        this.rows.push(row)
        return this.#disk(row)
      },
      settle: async (record: CallRecord) => void this.records.push(record),
      annex: async () => {},
      enqueue: async () => {},
      record: async () => undefined,
      live: async () => [],
    } as unknown as Ledger
  }
}

const offer: Offer = {
  network: 'paper',
  to: '+15550100',
  from: '+14155551234',
  toAddress: 'sip:+15550100@onhook',
  fromAddress: 'sip:+14155551234@example.com',
  source: { kind: 'anonymous', name: '', address: '127.0.0.1' },
  ids: {},
  headers: { 'X-Test-Value': 'String' },
}

export const answer = (...Actions: unknown[]) => ({ SchemaVersion: '1.0', Actions })
export const speak = (Text = 'hello', more = {}) => ({ Type: 'Speak', Parameters: { Text, ...more } })
export const hangup = (Parameters: Record<string, unknown> = {}) => ({ Type: 'Hangup', Parameters })
export const pause = (DurationInMilliseconds: number) => ({ Type: 'Pause', Parameters: { DurationInMilliseconds } })
export const bridge = (more = {}) => ({
  Type: 'CallAndBridge',
  Parameters: {
    CallerIdNumber: '+15550100',
    Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: '+14155550199' }],
    ...more,
  },
})
