import type { Clock, Memo, NetworkMemory } from '../../switchboard/ports.ts'
import { type Ask, type Homeserver, part, type Reply } from './homeserver.ts'
import { insist } from './insist.ts'
import type { GhostNames } from './names.ts'

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

type Opening = { readonly found: Promise<Found>; readonly nobody: AbortController; waiting: number }

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
  readonly #ghosts = new Map<string, Promise<boolean>>()
  /** Who waits for somebody to join a room: `room user` → those to be told. */
  readonly #joins = new Map<string, ((joined: boolean) => void)[]>()
  /** Rooms that are being opened: as long as anybody waits for them. */
  readonly #opening = new Map<string, Opening>()

  constructor(options: RoomsOptions) {
    this.#options = options
  }

  restore(memos: readonly Memo[]): void {
    for (const { kind, key, value } of memos) {
      if (kind === 'room') this.#rooms.set(key, { ghosts: ghostsOf(value) })
      else if (kind === 'direct' && typeof value === 'string') this.#direct.set(key, value)
      else if (kind === 'opened' && typeof value === 'string') this.#opened.set(key, value)
      else if (kind === 'ghost') this.#ghosts.set(key, Promise.resolve(true))
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
    const joining = async () => {
      if (!(await this.#ghost(ghost))) return
      const path =
        verb === 'join' ? `/_matrix/client/v3/join/${part(room)}` : `/_matrix/client/v3/rooms/${part(room)}/leave`
      const reply = await this.#insist({ method: 'POST', path, as: ghost, body: {} })
      if (reply.result !== 'ok' || verb === 'leave') return
      this.#entered(room, ghost)
      const key = `${ghost} ${sender}`
      if (direct && !ours && !this.#direct.has(key)) this.#setDirect(key, room)
      await this.#lookWhetherEncrypted(room, ghost)
    }
    joining().catch((fault) => this.#options.onFault(fault, 'joining a room'))
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
    let opening = this.#opening.get(key)
    if (opening === undefined) {
      const nobody = new AbortController()
      opening = { found: this.#open(ghost, user, name, nobody.signal), nobody, waiting: 0 }
      this.#opening.set(key, opening)
      const opened = opening
      const done = () => {
        if (this.#opening.get(key) === opened) this.#opening.delete(key)
      }
      void opening.found.then(done, done)
    }
    return this.#await(key, opening, signal)
  }

  /** One call that waits. One that is given up takes nothing from the others; the last to go ends the search. */
  #await(key: string, opening: Opening, signal: AbortSignal): Promise<Found> {
    opening.waiting++
    const leave = () => {
      if (--opening.waiting > 0) return
      opening.nobody.abort()
      if (this.#opening.get(key) === opening) this.#opening.delete(key)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return opening.found.finally(() => signal.removeEventListener('abort', leave))
  }

  /** The room of a pair proved to be none: the next call opens another. */
  forget(ghost: string, user: string): void {
    this.#forgetDirect(`${ghost} ${user}`)
  }

  async #open(ghost: string, user: string, name: string, signal: AbortSignal): Promise<Found> {
    const key = `${ghost} ${user}`
    const asked = this.#opened.get(key)
    const made: Found = asked === undefined ? await this.#make(ghost, user, name, signal) : { ok: true, room: asked }
    if (!made.ok) return made
    const joined = this.#direct.get(key) === made.room || (await this.#joined(made.room, user, signal))
    return joined ? made : { ok: false, detail: 'the user did not come into the room' }
  }

  async #make(ghost: string, user: string, name: string, signal: AbortSignal): Promise<Found> {
    if (!(await this.#ghost(ghost, name))) return { ok: false, detail: 'the homeserver makes no such ghost' }
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

  // -------------------------------------------------------------- ghosts

  /** Makes a ghost where there is none yet: what the homeserver asks when somebody looks for it. */
  exists(ghost: string): Promise<boolean> {
    return this.#ghost(ghost)
  }

  #ghost(ghost: string, name?: string): Promise<boolean> {
    let made = this.#ghosts.get(ghost)
    if (made === undefined) {
      made = this.#register(ghost, name ?? this.#options.names.numberOf(ghost) ?? ghost)
      this.#ghosts.set(ghost, made)
      void made.then((ok) => {
        if (ok) this.#remember({ kind: 'ghost', key: ghost, at: this.#options.clock.now(), value: null })
        else this.#ghosts.delete(ghost)
      })
    }
    return made
  }

  async #register(ghost: string, name: string): Promise<boolean> {
    const username = ghost.slice(1, ghost.indexOf(':'))
    const body = { type: 'm.login.application_service', username, inhibit_login: true }
    const reply = await this.#insist({ method: 'POST', path: '/_matrix/client/v3/register', body })
    const there = reply.result === 'ok' || (reply.result === 'refused' && reply.code === 'M_USER_IN_USE')
    if (!there) return false
    const path = `/_matrix/client/v3/profile/${part(ghost)}/displayname`
    // A name is nice to have: nobody waits for it.
    void this.#options.homeserver.ask({ method: 'PUT', path, as: ghost, body: { displayname: name } })
    return true
  }

  #insist(ask: Ask, signal?: AbortSignal): Promise<Reply> {
    const { homeserver, clock } = this.#options
    return insist(homeserver, clock, ask, patience, signal)
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

function ghostsOf(value: unknown): string[] {
  const { ghosts } = (value ?? {}) as { ghosts?: unknown }
  return Array.isArray(ghosts) ? ghosts.filter((each): each is string => typeof each === 'string') : []
}

function detailOf(reply: Exclude<Reply, { result: 'ok' }>): string {
  if (reply.result === 'refused') return `the homeserver refused: ${reply.status} ${reply.code}`
  return reply.result === 'limited' ? 'the homeserver limits us' : `the homeserver is away: ${reply.detail}`
}
