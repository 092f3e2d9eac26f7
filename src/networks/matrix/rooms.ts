import type { Clock, Memo, NetworkMemory } from '../../switchboard/ports.ts'
import { Ghosts } from './ghosts.ts'
import { type Ask, type Homeserver, part, type Reply } from './homeserver.ts'
import { insist } from './insist.ts'
import type { GhostNames } from './names.ts'
import { SharedSearch } from './shared-search.ts'

export type RoomsOptions = Readonly<{
  homeserver: Homeserver
  clock: Clock
  memory: NetworkMemory
  names: GhostNames
  admits(userId: string): boolean
  /** A room that a ghost has come into is encrypted. */
  encrypted(room: string, ghost: string): void
  onFault(fault: unknown, doing: string): void
}>

/** Where a person can be called, or why not. */
export type Found = Readonly<{ ok: true; room: string }> | Readonly<{ ok: false; detail: string }>

type Known = Readonly<{ ghosts: readonly string[] }>

/** Milliseconds for which a homeserver that is away is asked again. */
const patience = 120_000

/** Our ghosts, the rooms that they are in, and which room is whose: remembered, so that a restart opens no second one. */
export class Rooms {
  readonly #options: RoomsOptions
  readonly #rooms = new Map<string, Known>()
  /** `ghost user` → room. */
  readonly #direct = new Map<string, string>()
  /** The same, of rooms that the person has been asked into and has not come. */
  readonly #opened = new Map<string, string>()
  /** Chats into which a person has asked a ghost that is on its way: `ghost user`. */
  readonly #entering = new Map<string, Promise<void>>()
  /** Who waits for somebody to join a room: `room user` → those to be told. */
  readonly #joins = new Map<string, ((joined: boolean) => void)[]>()
  readonly #opening = new SharedSearch<Found>()
  readonly #ghosts: Ghosts

  constructor(options: RoomsOptions) {
    this.#options = options
    const { homeserver, names, clock } = options
    this.#ghosts = new Ghosts({
      homeserver,
      names,
      insist: (ask) => this.#insist(ask),
      made: (ghost) => this.#remember({ kind: 'ghost', key: ghost, at: clock.now(), value: null }),
    })
  }

  restore(memos: readonly Memo[]): void {
    for (const { kind, key, value } of memos) {
      if (kind === 'room') this.#rooms.set(key, { ghosts: ghostsOf(value) })
      else if (kind === 'direct' && typeof value === 'string') this.#direct.set(key, value)
      else if (kind === 'opened' && typeof value === 'string') this.#opened.set(key, value)
      else if (kind === 'ghost') this.#ghosts.restore(key)
    }
  }

  ghostsIn(room: string): readonly string[] {
    return this.#rooms.get(room)?.ghosts ?? []
  }

  // -------------------------------------------------------------- what happens in rooms

  /** A membership changed. Returns whether somebody left. */
  membership(room: string, user: string, membership: string, sender: string, direct: boolean): 'left' | 'none' {
    const ghost = this.#options.names.numberOf(user) !== undefined
    switch (membership) {
      case 'invite':
        if (ghost) this.#invited(room, user, sender, direct)
        return 'none'
      case 'join':
        if (ghost) this.#entered(room, user)
        else this.#came(room, user)
        return 'none'
      case 'leave':
      case 'ban':
        if (ghost) this.#gone(room, user)
        this.#settleJoin(room, user, false)
        for (const key of this.#pairs(this.#direct, room, user)) this.#forgetDirect(key)
        for (const key of this.#pairs(this.#opened, room, user)) this.#forgetOpened(key)
        return 'left'
      default:
        return 'none'
    }
  }

  #invited(room: string, ghost: string, sender: string, direct: boolean): void {
    const { admits, names } = this.#options
    const ours = names.numberOf(sender) !== undefined
    const verb = ours || admits(sender) ? 'join' : 'leave'
    const key = `${ghost} ${sender}`
    const shared = direct && !ours
    const joining = async () => {
      if (!(await this.#ghosts.exists(ghost))) return
      const path =
        verb === 'join' ? `/_matrix/client/v3/join/${part(room)}` : `/_matrix/client/v3/rooms/${part(room)}/leave`
      const reply = await this.#insist({ method: 'POST', path, as: ghost, body: {} })
      if (reply.result !== 'ok' || verb === 'leave') return
      this.#entered(room, ghost)
      if (shared && !this.#direct.has(key)) this.#setDirect(key, room)
      await this.#lookWhetherEncrypted(room, ghost)
    }
    const joined = joining().catch((fault) => this.#options.onFault(fault, 'joining a room'))
    if (!shared || verb === 'leave') return
    this.#entering.set(key, joined)
    void joined.then(() => {
      if (this.#entering.get(key) === joined) this.#entering.delete(key)
    })
  }

  async #lookWhetherEncrypted(room: string, ghost: string): Promise<void> {
    const path = `/_matrix/client/v3/rooms/${part(room)}/state/m.room.encryption/`
    const reply = await this.#options.homeserver.ask({ method: 'GET', path, as: ghost })
    if (reply.result === 'ok') this.#options.encrypted(room, ghost)
  }

  /** Somebody came in: perhaps long after the call for which we had asked them. */
  #came(room: string, user: string): void {
    for (const key of this.#pairs(this.#opened, room, user)) {
      this.#forgetOpened(key)
      this.#setDirect(key, room)
    }
    this.#settleJoin(room, user, true)
  }

  /** Keys of the pairs that have this room, and this user in them. */
  #pairs(of: ReadonlyMap<string, string>, room: string, user: string): string[] {
    return [...of].flatMap(([key, value]) => (value === room && key.split(' ').includes(user) ? [key] : []))
  }

  #entered(room: string, ghost: string): void {
    const { ghosts } = this.#rooms.get(room) ?? { ghosts: [] }
    if (!ghosts.includes(ghost)) this.#setRoom(room, [...ghosts, ghost])
  }

  #gone(room: string, ghost: string): void {
    const known = this.#rooms.get(room)
    if (known?.ghosts.includes(ghost))
      this.#setRoom(
        room,
        known.ghosts.filter((each) => each !== ghost),
      )
  }

  // -------------------------------------------------------------- rooms for calls

  /**
   * The room of a ghost and a person; opened, and the person asked to come in, where there is none. Waits until the
   * person is in it: nobody can be called who cannot hear.
   */
  async direct(ghost: string, user: string, name: string, signal: AbortSignal): Promise<Found> {
    const key = `${ghost} ${user}`
    const room = this.#direct.get(key)
    if (room !== undefined) return { ok: true, room }
    return this.#opening.ask(key, (nobody) => this.#open(ghost, user, name, nobody), signal)
  }

  /** The room of a pair proved to be none: the next call opens another. */
  forget(ghost: string, user: string): void {
    this.#forgetDirect(`${ghost} ${user}`)
  }

  async #open(ghost: string, user: string, name: string, signal: AbortSignal): Promise<Found> {
    const key = `${ghost} ${user}`
    await Promise.race([this.#entering.get(key), aborted(signal)])
    const asked = this.#direct.get(key) ?? this.#opened.get(key)
    const made: Found = asked === undefined ? await this.#make(ghost, user, name, signal) : { ok: true, room: asked }
    if (!made.ok) return made
    const joined = this.#direct.get(key) === made.room || (await this.#joined(made.room, user, signal))
    return joined ? made : { ok: false, detail: 'the user did not come into the room' }
  }

  async #make(ghost: string, user: string, name: string, signal: AbortSignal): Promise<Found> {
    if (!(await this.#ghosts.exists(ghost, name))) return { ok: false, detail: 'the homeserver makes no such ghost' }
    const body = { preset: 'trusted_private_chat', is_direct: true, invite: [user], name }
    const reply = await this.#insist({ method: 'POST', path: '/_matrix/client/v3/createRoom', as: ghost, body }, signal)
    if (reply.result !== 'ok') return { ok: false, detail: detailOf(reply) }
    const room = reply.body.room_id
    if (typeof room !== 'string') return { ok: false, detail: 'the homeserver opened no room' }
    this.#entered(room, ghost)
    const key = `${ghost} ${user}`
    this.#opened.set(key, room)
    this.#remember({ kind: 'opened', key, at: this.#options.clock.now(), value: room })
    return { ok: true, room }
  }

  #joined(room: string, user: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const key = `${room} ${user}`
      const giveUp = () => {
        const rest = (this.#joins.get(key) ?? []).filter((each) => each !== resolve)
        if (rest.length === 0) this.#joins.delete(key)
        else this.#joins.set(key, rest)
        resolve(false)
      }
      if (signal.aborted) return resolve(false)
      this.#joins.set(key, [...(this.#joins.get(key) ?? []), resolve])
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  #settleJoin(room: string, user: string, joined: boolean): void {
    const key = `${room} ${user}`
    for (const resolve of this.#joins.get(key) ?? []) resolve(joined)
    this.#joins.delete(key)
  }

  // -------------------------------------------------------------- the homeserver

  /** Makes a ghost where there is none yet: what the homeserver asks when somebody looks for it. */
  exists(ghost: string): Promise<boolean> {
    return this.#ghosts.exists(ghost)
  }

  #insist(ask: Ask, signal?: AbortSignal): Promise<Reply> {
    const { homeserver, clock } = this.#options
    const end = clock.now() + patience
    return insist(homeserver, clock, ask, (_, next) => next > end || signal?.aborted === true)
  }

  // -------------------------------------------------------------- memory

  #setRoom(room: string, ghosts: readonly string[]): void {
    this.#rooms.set(room, { ghosts })
    this.#remember({ kind: 'room', key: room, at: this.#options.clock.now(), value: { ghosts } })
  }

  #setDirect(key: string, room: string): void {
    this.#direct.set(key, room)
    this.#remember({ kind: 'direct', key, at: this.#options.clock.now(), value: room })
  }

  #forgetDirect(key: string): void {
    if (this.#direct.delete(key)) this.#change({ drop: [{ kind: 'direct', key }] })
  }

  #forgetOpened(key: string): void {
    if (this.#opened.delete(key)) this.#change({ drop: [{ kind: 'opened', key }] })
  }

  #remember(memo: Memo): void {
    this.#change({ put: [memo] })
  }

  #change(change: Parameters<NetworkMemory['commit']>[0]): void {
    this.#options.memory.commit(change).catch((fault) => this.#options.onFault(fault, 'remembering rooms'))
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function ghostsOf(value: unknown): string[] {
  const { ghosts } = (value ?? {}) as { ghosts?: unknown }
  return Array.isArray(ghosts) ? ghosts.filter((each): each is string => typeof each === 'string') : []
}

function detailOf(reply: Exclude<Reply, { result: 'ok' }>): string {
  if (reply.result === 'refused') return `the homeserver refused: ${reply.status} ${reply.code}`
  return reply.result === 'limited' ? 'the homeserver limits us' : `the homeserver is away: ${reply.detail}`
}
