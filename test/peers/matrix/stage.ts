/** What the Matrix suites need: Synapse, Onhook as its application service, a SIP phone, users with their devices. */
import { randomBytes } from 'node:crypto'
import { request } from 'undici'
import { createPhone, type Phone } from '../../../src/testing/index.ts'
import { freePort } from '../places.ts'
import { type CallRecord, Server } from '../server.ts'
import { until } from '../waiting.ts'
import { browserDevice } from './browser.ts'
import { type Device, nodeDevice } from './device.ts'
import { RawUser } from './raw-user.ts'
import { registrationOf } from './registration.ts'
import { type Account, Synapse, type SynapseOptions } from './synapse.ts'

/** The tones of the three kinds of ends: whoever hears one knows who speaks. */
export const hertz = { matrix: 440, sip: 700 } as const

/** The SIP phone's number; whoever calls it on Matrix invites its ghost. */
export const number = '4930123456'

/** Whom the phone may call, by these names. */
const people = ['alice', 'bob', 'carol', 'dart', 'raw', 'eve']

export type StageOptions = Readonly<{
  synapse?: Omit<SynapseOptions, 'appServices'>
  /** More of Onhook's configuration. */
  settings?: Readonly<Record<string, unknown>>
  matrix?: Readonly<Record<string, unknown>>
  /** Beside those to the phone and to the people. */
  routes?: readonly Readonly<Record<string, unknown>>[]
  /** Whether the homeserver limits our ghosts as it limits its users: operators forget that it should not. */
  rateLimited?: boolean
  /** What stands between Onhook and the homeserver at this URL: its own URL. */
  between?(homeserver: string): Promise<string>
}>

type DeviceOptions = Readonly<{ relayOnly?: boolean }>

export class MatrixStage {
  readonly synapse: Synapse
  readonly server: Server
  readonly phone: Phone
  /** Where Onhook hears transactions. */
  readonly serviceUrl: string
  readonly tokens: Readonly<{ as: string; hs: string }>
  readonly #closers: (() => Promise<unknown>)[] = []
  #transactions = 0

  private constructor(
    synapse: Synapse,
    server: Server,
    phone: Phone,
    serviceUrl: string,
    tokens: Readonly<{ as: string; hs: string }>,
  ) {
    this.synapse = synapse
    this.server = server
    this.phone = phone
    this.serviceUrl = serviceUrl
    this.tokens = tokens
  }

  static async set({
    synapse: options = {},
    settings = {},
    matrix = {},
    routes = [],
    rateLimited = false,
    between = async (homeserver) => homeserver,
  }: StageOptions = {}): Promise<MatrixStage> {
    const phone = await createPhone({ user: number })
    const tokens = { as: randomBytes(16).toString('hex'), hs: randomBytes(16).toString('hex') }
    const [service, homeserver] = [await freePort(), await freePort()]
    const serviceUrl = `http://127.0.0.1:${service}`
    const config = {
      matrix: {
        homeserver: await between(`http://127.0.0.1:${homeserver}`),
        serverName: Synapse.serverName,
        asToken: tokens.as,
        hsToken: tokens.hs,
        listen: { port: service },
        ...matrix,
      },
      routes: [
        { to: number, from: 'matrix', direct: { to: phone.uri } },
        ...people.map((name) => ({ to: name, from: 'loopback', direct: { to: `@${name}:${Synapse.serverName}` } })),
        ...routes,
      ],
      ...settings,
    }
    const registration = (await registrationOf(config)).replace(/^rate_limited: .*$/m, `rate_limited: ${rateLimited}`)
    const synapse = await Synapse.start({ ...options, appServices: [registration] }, homeserver)
    try {
      const server = await Server.start(config)
      return new MatrixStage(synapse, server, phone, serviceUrl, tokens)
    } catch (error) {
      await phone.close()
      await synapse.remove()
      throw error
    }
  }

  /** The user that stands for a number. */
  ghost(of: string = number): string {
    return `@tel_${of}:${Synapse.serverName}`
  }

  async node(account: Account, options: DeviceOptions = {}): Promise<Device> {
    const device = await nodeDevice(this.synapse, account, { hertz: hertz.matrix, ...options })
    this.#closers.push(() => device.close())
    return device
  }

  async browser(account: Account, options: DeviceOptions = {}): Promise<Device> {
    const device = await browserDevice(this.synapse, account, { hertz: hertz.matrix, ...options })
    this.#closers.push(() => device.close())
    return device
  }

  async raw(name: string): Promise<RawUser> {
    return new RawUser(this.synapse, await this.synapse.register(name))
  }

  /** A room of a user and the ghost of a number, both in it. */
  async room(user: Device | RawUser, of: string = number): Promise<string> {
    const ghost = this.ghost(of)
    const reader = user instanceof RawUser ? user : new RawUser(this.synapse, user.account)
    const room = user instanceof RawUser ? await user.createRoom([ghost]) : await user.do('createRoom', ghost)
    await until(`${ghost} to join`, async () => (await reader.members(room)).includes(ghost))
    return room
  }

  /** Reads and writes by the client API as a device's user. */
  reader({ account }: Device): RawUser {
    return new RawUser(this.synapse, account)
  }

  /** The phone calls a Matrix user. `at`: milliseconds since the epoch, before anything was sent. */
  async call(user: Device | RawUser) {
    const at = Date.now()
    const call = await this.phone.call(`sip:${user.userId.slice(1).split(':')[0]}@${this.server.sipAddress}`)
    return Object.assign(call, { at })
  }

  /** The records of a call on Matrix: one, if all is well. */
  async records(callId: string, limit?: number): Promise<CallRecord[]> {
    const has = (record: CallRecord) => record.legs.some(({ ids }) => Object.values(ids).includes(callId))
    return until(
      () => `the record of ${callId}\n${this.server.log.slice(-4000)}`,
      async () => {
        const found = (await this.server.records()).filter(has)
        return found.length > 0 && found
      },
      limit,
    )
  }

  /** As another program does that has the service's token: an event from a ghost. */
  async sayAs(user: string, room: string, type: string, content: Readonly<Record<string, unknown>>): Promise<void> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/${type}/${randomBytes(8).toString('hex')}`
    const { statusCode, body } = await request(`${this.synapse.url}${path}?user_id=${encodeURIComponent(user)}`, {
      method: 'PUT',
      reset: true,
      headers: { authorization: `Bearer ${this.tokens.as}`, 'content-type': 'application/json' },
      body: JSON.stringify(content),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${text}`)
  }

  /** The types of the events that the homeserver holds back for a ghost (MSC4140), oldest first. */
  async held(user: string): Promise<string[]> {
    const path = '/_matrix/client/unstable/org.matrix.msc4140/delayed_events'
    const { statusCode, body } = await request(`${this.synapse.url}${path}?user_id=${encodeURIComponent(user)}`, {
      reset: true,
      headers: { authorization: `Bearer ${this.tokens.as}` },
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${text}`)
    const { delayed_events: events = [], scheduled = [] } = JSON.parse(text)
    return [...events, ...scheduled].map(({ type }) => type)
  }

  /** Whatever a test left is over: the next one meets nobody. */
  async endAll(): Promise<void> {
    for (const call of this.phone.calls) call.hangup()
    await this.server.post('/api/calls/end', { all: true })
    await this.quiet()
    await until('the phone to be free', () => this.phone.calls.length === 0)
  }

  /** Nothing lives here any more: neither a call, nor anything on the wire. */
  async quiet(limit?: number): Promise<void> {
    await until('no live call', async () => (await this.server.live()).length === 0, limit)
  }

  /** What a homeserver does, or somebody who has stolen its token: events, as they are, to Onhook. Gives the status. */
  async transact(events: readonly unknown[], options: { id?: string; token?: string } = {}): Promise<number> {
    const { id = `evil-${this.#transactions++}`, token = this.tokens.hs } = options
    const { statusCode, body } = await request(`${this.serviceUrl}/_matrix/app/v1/transactions/${id}`, {
      method: 'PUT',
      reset: true,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
    })
    await body.dump()
    return statusCode
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0).reverse()) await closer()
    await this.phone.close()
    await this.server.remove()
    await this.synapse.remove()
  }
}
