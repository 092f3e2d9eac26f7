import { randomFillSync } from 'node:crypto'
import {
  type Clock,
  type Flow,
  formatAddress,
  type HeaderLines,
  requestRules,
  StreamTransport,
  type Timing,
  UdpTransport,
  UserAgent,
} from '../sip/index.ts'
import { IncomingCall } from './incoming-call.ts'
import { OutgoingCall } from './outgoing-call.ts'
import type { PhoneCall, PhoneDesk } from './phone-call.ts'
import { PhoneError } from './phone-error.ts'
import { PhoneSound } from './phone-sound.ts'
import { type Binding, Registration } from './registration.ts'
import { Trace, type TraceEntry } from './trace.ts'
import { wallClock } from './wall-clock.ts'

export type PhoneOptions = Readonly<{
  /** Numeric address to be at; 127.0.0.1 by default. */
  host?: string
  /** Any free port by default. */
  port?: number
  transport?: 'udp' | 'tcp'
  /** `host:port` of the server: where numbers are called, and where it registers. */
  server?: string
  /** Who calls: a number or a user name; `phone` by default. */
  user?: string
  /** Answers challenges, as `user`. */
  password?: string
  /** `none`: no RTP at all, for phones by the hundred. */
  sound?: 'rtp' | 'none'
  /** Deals with each call that comes in. Absent: it rings, and waits for `incoming()`. */
  onCall?(call: IncomingCall): void
  timing?: Timing
  clock?: Clock
}>

export type CallOptions = Readonly<{
  /** Number to call from; the phone's user by default. */
  from?: string
  fromName?: string
  headers?: HeaderLines
}>

/** A SIP phone: real messages and real sound, on this machine's network. */
export interface Phone {
  /** `host:port` that it is really at. */
  readonly address: string
  /** `sip:user@host:port`: call it here. */
  readonly uri: string
  /** Every message, both ways, oldest first. */
  readonly trace: readonly TraceEntry[]
  /** Calls that have not ended. */
  readonly calls: readonly PhoneCall[]
  /** What should never happen: listeners that threw. */
  readonly faults: readonly unknown[]
  /** What is still open in its SIP stack: all 0 when nothing is left on the wire. */
  readonly counts: UserAgent['counts']
  /**
   * Calls a number at the server, or a `sip:` address. Resolves when the INVITE has left.
   * @throws PhoneError `phone.closed`
   */
  call(target: string, options?: CallOptions): Promise<OutgoingCall>
  /** The next call that comes in, or that already rings. @throws PhoneError `phone.timeout`, `phone.closed`. */
  incoming(within?: number): Promise<IncomingCall>
  /** @returns seconds granted. @throws PhoneError `phone.not-registered`. */
  register(seconds?: number): Promise<number>
  /** @throws PhoneError `phone.not-registered` */
  unregister(): Promise<void>
  /** Hangs up what lives, waits up to `farewell` milliseconds for the far ends, and leaves nothing open. Idempotent. */
  close(farewell?: number): Promise<void>
}

/**
 * ```ts
 * const phone = await createPhone({ server: '127.0.0.1:5060' })
 * const call = await phone.call('100')
 * await call.answered()
 * await call.hears({ frequency: 440 })
 * console.log(await call.ended())  // { by: 'them', how: 'BYE', reasons: ['Q.850;cause=16;…'] }
 * await phone.close()
 * ```
 * @throws ListenError if the port cannot be had.
 */
export async function createPhone(options: PhoneOptions = {}): Promise<Phone> {
  const phone = new SipPhone(options)
  await phone.open()
  return phone
}

class SipPhone implements Phone {
  readonly faults: unknown[] = []
  readonly #options: PhoneOptions
  readonly #clock: Clock
  readonly #trace: Trace
  readonly #agent: UserAgent
  readonly #desk: PhoneDesk
  readonly #user: string
  readonly #transport: 'udp' | 'tcp'
  readonly #live = new Set<PhoneCall>()
  readonly #byCallId = new Map<string, TraceEntry[]>()
  #waiting: IncomingCall[] = []
  #takers: ((call: IncomingCall | undefined) => void)[] = []
  #registration: Registration | undefined
  #closing: Promise<void> | undefined

  constructor(options: PhoneOptions) {
    this.#options = options
    this.#clock = options.clock ?? wallClock()
    this.#trace = new Trace(() => this.#clock.now())
    this.#user = options.user ?? 'phone'
    this.#transport = options.transport ?? 'udp'
    const peer = ({ remote }: Flow) => formatAddress(remote)
    const { host = '127.0.0.1', password } = options
    this.#desk = {
      host,
      now: () => this.#clock.now(),
      openSound: async () => (options.sound === 'none' ? undefined : PhoneSound.open(host)),
      entries: (callId) => this.#byCallId.get(callId) ?? [],
      left: (call) => this.#live.delete(call),
    }
    this.#agent = new UserAgent({
      clock: this.#clock,
      fillRandom: (view) => void randomFillSync(view),
      user: this.#user,
      product: 'Onhook phone',
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      credentials: () => (password === undefined ? undefined : { username: this.#user, secret: { password } }),
      tap: {
        received: (message, flow) => this.#note(this.#trace.received(message, peer(flow))),
        sent: (bytes, flow) => this.#note(this.#trace.sent(bytes, peer(flow))),
      },
      listener: {
        invite: (session, request) => {
          const call = new IncomingCall(this.#desk, session, request)
          this.#live.add(call)
          this.#arrived(call)
          return call.listener
        },
        fault: (error) => this.faults.push(error),
      },
    })
  }

  async open(): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = this.#options
    const common = { local: { host, port }, user: this.#agent, clock: this.#clock, rules: requestRules }
    this.#agent.use(
      this.#transport === 'udp' ? await UdpTransport.listen(common) : await StreamTransport.listen(common),
    )
  }

  get address(): string {
    return formatAddress(this.#agent.transports[0]!.local)
  }

  get uri(): string {
    return `sip:${this.#user}@${this.address}${this.#suffix}`
  }

  get trace(): readonly TraceEntry[] {
    return this.#trace.entries
  }

  get calls(): readonly PhoneCall[] {
    return [...this.#live]
  }

  get counts() {
    return this.#agent.counts
  }

  async call(target: string, options: CallOptions = {}): Promise<OutgoingCall> {
    if (this.#closing !== undefined) throw closed()
    const { from = this.#user, fromName, headers } = options
    const uri = /^sips?:/i.test(target) ? target : `sip:${target}@${this.#server()}${this.#suffix}`
    const caller = /^sips?:/i.test(from) ? from : `sip:${from}@${this.address}`
    const call = await OutgoingCall.place(
      this.#desk,
      {
        target: uri,
        from: { uri: caller, ...(fromName === undefined ? {} : { display: fromName }) },
        ...(headers === undefined ? {} : { headers }),
      },
      (spec, listener) => this.#agent.invite(spec, listener),
    )
    this.#live.add(call)
    return call
  }

  incoming(within = 10_000): Promise<IncomingCall> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    // A caller may have given up while nobody asked.
    this.#waiting = this.#waiting.filter(({ state }) => state.name !== 'ended')
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return Promise.resolve(waiting)
    return new Promise((resolve, reject) => {
      const taker = (call: IncomingCall | undefined) => {
        clearTimeout(timer)
        if (call === undefined) reject(closed())
        else resolve(call)
      }
      const timer = setTimeout(() => {
        this.#takers = this.#takers.filter((other) => other !== taker)
        reject(new PhoneError('phone.timeout', `nobody called within ${within} ms`))
      }, within)
      this.#takers.push(taker)
    })
  }

  register(seconds = 600): Promise<number> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    this.#registration ??= new Registration(this.#agent, this.#binding())
    return this.#registration.register(seconds)
  }

  async unregister(): Promise<void> {
    await this.#registration?.register(0)
  }

  close(farewell = 1_000): Promise<void> {
    this.#closing ??= this.#close(farewell)
    return this.#closing
  }

  async #close(farewell: number): Promise<void> {
    const live = this.calls
    for (const call of live) call.hangup()
    await Promise.all(live.map((call) => call.ended(farewell).catch(() => {})))
    for (const take of this.#takers.splice(0)) take(undefined)
    await this.#agent.stop()
  }

  get #suffix(): string {
    return this.#transport === 'tcp' ? ';transport=tcp' : ''
  }

  #server(): string {
    const { server } = this.#options
    if (server === undefined) throw new TypeError('a number is called at a server: give the phone one')
    return server
  }

  #binding(): Binding {
    const server = this.#server()
    const { password = '' } = this.#options
    return {
      registrar: `sip:${server}${this.#suffix}`,
      aor: `sip:${this.#user}@${server.replace(/:\d+$/, '')}`,
      contact: `<${this.uri}>`,
      account: { username: this.#user, secret: { password } },
    }
  }

  #arrived(call: IncomingCall): void {
    const { onCall } = this.#options
    // The session hears its verbs only after this turn: its listener is given by the one who called us.
    queueMicrotask(() => {
      if (call.state.name !== 'calling') return
      if (onCall !== undefined) return this.#agent.guard(() => onCall(call))
      call.ring()
      const taker = this.#takers.shift()
      if (taker === undefined) this.#waiting.push(call)
      else taker(call)
    })
  }

  #note(entry: TraceEntry | undefined): void {
    if (entry === undefined) return
    const entries = this.#byCallId.get(entry.callId)
    if (entries === undefined) this.#byCallId.set(entry.callId, [entry])
    else entries.push(entry)
  }
}

function closed(): PhoneError {
  return new PhoneError('phone.closed', 'the phone was closed')
}
