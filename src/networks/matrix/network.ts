import type { CallId } from '../../call/call.ts'
import type { LegSeed } from '../../call/input.ts'
import type { Leg } from '../../call/leg.ts'
import type { LegHandle, Network, Offer, Target } from '../../switchboard/ports.ts'
import { createAppService } from './appservice.ts'
import { DeadMen } from './dead-man.ts'
import type { MatrixDesk } from './desk.ts'
import { Exchange } from './exchange.ts'
import { createHomeserver, part } from './homeserver.ts'
import { IncomingLeg } from './incoming.ts'
import { Intake } from './intake.ts'
import { GhostNames, letterId } from './names.ts'
import { Outbox } from './outbox/outbox.ts'
import type { Letter } from './outbox/room-queue.ts'
import { OutgoingLeg } from './outgoing.ts'
import { revivedLeg } from './revived.ts'
import { Rooms } from './rooms.ts'
import type { Session } from './session/state.ts'
import type { MatrixNetworkOptions } from './settings.ts'
import { TurnServers } from './turn.ts'

/** The Matrix network: an application service whose ghosts take part in one-to-one calls. */
export interface MatrixNetwork extends Network {
  /** `host:port` where the homeserver delivers events; the port is the real one. */
  readonly address: string
  readonly listening: boolean
  /** Whether the homeserver answers, as far as the last attempt knows. */
  readonly reachable: boolean
  /** Events that wait to be sent, and the milliseconds that the oldest has waited. */
  backlog(): Readonly<{ letters: number; lag: number }>
}

const encryptedNotice =
  'Calls with this number need a room without encryption: in this one the call cannot be heard. Start a new chat with it, with encryption turned off, and call there.'

export function createMatrixNetwork(options: MatrixNetworkOptions): MatrixNetwork {
  const { matrix, clock, ids, media, memory, switchboard, counters, onFault } = options
  const names = new GhostNames(matrix.ghostPrefix, matrix.serverName)
  const homeserver = createHomeserver({ url: matrix.homeserver, asToken: matrix.asToken })
  const turn = new TurnServers(homeserver, clock)
  const deadMen = new DeadMen(homeserver, clock)
  const admits = matrix.admits
  const rooms = new Rooms({ homeserver, clock, memory, names, admits, encrypted: warn, onFault })
  const ignored: MatrixDesk['ignored'] = (why) => counters?.ignored(why)
  const outbox = new Outbox({
    homeserver,
    clock,
    memory,
    onFault,
    onSettled(letter, outcome, detail) {
      counters?.settled(letter.kind, outcome)
      const warning = { detail: `${letter.type}: ${detail}` }
      if (outcome === 'refused') options.onWarning({ code: 'matrix.refused', ...warning })
      else if (outcome === 'expired') options.onWarning({ code: 'matrix.expired', ...warning })
    },
  })
  const exchange = new Exchange({
    names,
    serverName: matrix.serverName,
    trustServerClock: matrix.trustServerClock,
    ghostsIn: (room) => rooms.ghostsIn(room),
    admits,
    unheard: (room, callId) => outbox.unheard(room, callId),
    announce,
    ignored,
  })
  const desk: MatrixDesk = {
    clock,
    switchboard,
    media,
    servers: () => turn.servers,
    outbox,
    rooms,
    exchange,
    deadMen,
    names,
    ignored,
    onFault,
  }
  const intake = new Intake({
    exchange,
    rooms,
    memory,
    clock,
    ignored,
    encrypted,
    quarantined: ({ id, type, faults }) =>
      options.onWarning({ code: 'matrix.quarantined', detail: `${type} ${id}: ${faults.join(', ')}` }),
    onFault,
  })
  const service = createAppService({
    hsToken: matrix.hsToken,
    transaction: (id, events) => intake.transaction(id, events),
    user: async (userId) => names.numberOf(userId) !== undefined && rooms.exists(userId),
    onFault,
  })
  const warned = new Set<string>()
  let address = ''
  let state: 'closed' | 'listening' = 'closed'

  function announce(session: Session, left: number): void {
    const number = names.numberOf(session.self.user) ?? ''
    const superseded = exchange.crossings.supersededBy(session, clock.now())
    const offer: Offer = {
      network: 'matrix',
      to: number,
      from: session.other,
      toAddress: session.self.user,
      fromAddress: session.other,
      source: { kind: 'user', name: session.other, address: session.room },
      ids: {
        'room-id': session.room,
        'call-id': session.callId,
        ...(superseded === undefined ? {} : { supersedes: superseded }),
      },
      headers: {},
    }
    const leg = new IncomingLeg(desk, ids.uuid(), session)
    const seed: LegSeed = {
      id: leg.reporter.leg,
      direction: 'in',
      network: 'matrix',
      from: offer.from,
      to: offer.to,
      ids: offer.ids,
    }
    exchange.add(leg.live)
    leg.live.ringFor(left)
    try {
      leg.reporter.call = switchboard.incoming(offer, seed, leg)
    } catch (fault) {
      // Neither the other calls of the transaction nor the homeserver's queue may wait behind this one.
      onFault(fault, 'a call that came')
    }
  }

  function encrypted(room: string, sender: string): void {
    if (names.numberOf(sender) !== undefined) return
    ignored('encrypted')
    const [ghost] = rooms.ghostsIn(room)
    if (ghost !== undefined) warn(room, ghost)
  }

  /** Said once in each room, whatever happens to us meanwhile: its id is the room's. */
  function warn(room: string, ghost: string): void {
    if (warned.has(room)) return
    warned.add(room)
    const id = letterId(room, 'encrypted')
    const content = { msgtype: 'm.notice', body: encryptedNotice }
    memory
      .commit({ put: [{ kind: 'warned', key: room, at: clock.now(), value: null }] })
      .catch((fault) => onFault(fault, 'remembering a notice'))
    outbox.put({ id, room, as: ghost, call: '', kind: 'notice', type: 'm.room.message', content, born: clock.now() })
  }

  return {
    name: 'matrix',
    keepsItsWord: true,
    get address() {
      return address
    },
    get listening() {
      return state === 'listening'
    },
    get reachable() {
      return outbox.reachable
    },
    backlog: () => ({ letters: outbox.size, lag: outbox.lag(clock.now()) }),
    async start() {
      const memos = await memory.all()
      rooms.restore(memos)
      intake.restore(memos)
      for (const { kind, key } of memos) if (kind === 'warned') warned.add(key)
      const letters = memos.flatMap(({ kind, value }) => (kind === 'outbox' ? [value as Letter] : []))
      outbox.restore(letters, ({ kind, room, as, call }) => {
        // Not before: what is held may be what we ask to be said.
        if (kind === 'ending') void deadMen.cancelAll(room, as, call)
      })
      const { address: host, port } = await service.listen(matrix.listen.host, matrix.listen.port)
      address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
      state = 'listening'
      // Nothing waits for it: a call that comes before the answer has no TURN servers.
      void turn.start()
      // A homeserver that did not reach us waits longer and longer, up to minutes; now it comes at once (Matrix 1.7).
      void homeserver.ask({ method: 'POST', path: `/_matrix/client/v1/appservice/${part(matrix.id)}/ping`, body: {} })
    },
    prepare(call: CallId, leg: LegSeed, target: Target) {
      const outgoing = new OutgoingLeg(desk, leg.id, target)
      outgoing.reporter.call = call
      return outgoing
    },
    revive(call: CallId, leg: Leg, wire: unknown): LegHandle {
      return revivedLeg(desk, call, leg, wire)
    },
    drain() {},
    async stop() {
      state = 'closed'
      turn.stop()
      outbox.close()
      await service.close()
      await homeserver.close()
    },
  }
}
