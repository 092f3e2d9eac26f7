import type { CallId } from '../../call/call.ts'
import type { LegSeed } from '../../call/input.ts'
import type { Leg } from '../../call/leg.ts'
import {
  type AgentListener,
  type Flow,
  formatAddress,
  MemoryBindings,
  Registrar,
  requestRules,
  type SipRequest,
  StreamTransport,
  sdpOf,
  serialise,
  type Tap,
  type Transport,
  type UasListener,
  type UasSession,
  UdpTransport,
  UserAgent,
} from '../../sip/index.ts'
import type { LegHandle, Network, Target } from '../../switchboard/ports.ts'
import { accountFor } from './account.ts'
import { fillRandom } from './chance.ts'
import type { SipDesk } from './desk.ts'
import { IncomingLeg } from './incoming.ts'
import { offerOf } from './offer.ts'
import { OutgoingLeg } from './outgoing.ts'
import { placesOf } from './places.ts'
import { revivedLeg } from './revived.ts'
import type { SipNetworkOptions } from './settings.ts'
import { Sources } from './source.ts'

/** An answer that needs nobody's URL is out by then, and saves the 100; well below the 200 ms of RFC 3261 §17.2.1. */
const tryingGrace = 8

/** Milliseconds. A transaction's memory may last so much longer than its 32 s. */
const timerGrain = 100

/** The SIP network: INVITEs become legs, endings become BYE, CANCEL and final responses. */
export interface SipNetwork extends Network {
  /** `host:port` of the first listener; the port is the real one. */
  readonly address: string
  readonly listening: boolean
  /** Connections that were turned away so far, because there were too many in all or of one source. */
  readonly turnedAway: number
  /** Sends now what would leave at the end of the turn. */
  flush(): void
}

export function createSipNetwork(options: SipNetworkOptions): SipNetwork {
  const { sip, trunks, clock, ids, media, mediaAddress, switchboard } = options
  const desk: SipDesk = { clock, switchboard, media, mediaAddress }
  const now = () => clock.now()
  const sources = new Sources(sip, trunks, now)
  const bindings = new MemoryBindings(now)
  const registrar = new Registrar({ store: bindings, authenticator: sources.registering, now })
  const streams: StreamTransport[] = []
  let state: 'closed' | 'listening' = 'closed'

  const listener: AgentListener = {
    invite: (session, request, flow) => invited(session, request, flow),
    register: (request, flow) => registrar.register(request, flow),
    fault: (error) => options.onFault(error, 'the SIP network'),
  }
  const agent = new UserAgent({
    clock,
    fillRandom,
    listener,
    product: 'Onhook',
    tryingAfter: tryingGrace,
    trying: 'asked',
    timerGrain,
    credentials: (realm, challenger) => accountFor(trunks, realm, challenger),
    ...(sip.advertised === undefined ? {} : { advertise: { host: sip.advertised } }),
    ...(options.trace === undefined ? {} : { tap: tapOf(options.trace) }),
  })

  function invited(session: UasSession, request: SipRequest, flow: Flow): UasListener {
    const origin = sources.of(request, flow.remote)
    if (origin.kind !== 'known') {
      session.reject({ status: origin.status, headers: origin.lines })
      return nobody
    }
    const offer = offerOf(request, origin.source)
    const leg = new IncomingLeg(desk, ids.uuid(), session, sdpOf(request))
    const seed: LegSeed = {
      id: leg.reporter.leg,
      direction: 'in',
      network: 'sip',
      from: offer.from,
      to: offer.to,
      ids: offer.ids,
    }
    leg.reporter.call = switchboard.incoming(offer, seed, leg)
    return leg
  }

  function here(): string {
    const local = agent.transports[0]?.local
    return local === undefined ? '' : formatAddress({ host: sip.advertised ?? local.host, port: local.port })
  }
  const reach = { agent, sip, trunks, bindings, ids, here }

  const network: SipNetwork = {
    name: 'sip',
    get address() {
      const local = agent.transports[0]?.local
      return local === undefined ? '' : formatAddress(local)
    },
    get listening() {
      return state === 'listening'
    },
    get turnedAway() {
      return streams.reduce((sum, { counters }) => sum + counters.turnedAway, 0)
    },
    flush() {
      for (const transport of agent.transports) transport.flush?.()
    },
    async start() {
      for (const { transport, host, port } of sip.listen) {
        agent.use(await open(transport, { host, port }))
      }
      state = 'listening'
    },
    prepare(call: CallId, leg: LegSeed, target: Target): LegHandle & { offer(): void } {
      const outgoing = new OutgoingLeg(desk, leg.id, placesOf(target, reach))
      outgoing.reporter.call = call
      return outgoing
    },
    revive(call: CallId, leg: Leg, wire: unknown): LegHandle {
      return revivedLeg(desk, call, leg, wire, (snapshot, told) => agent.revive(snapshot, told))
    },
    drain: () => agent.drain(),
    async stop() {
      state = 'closed'
      await agent.stop()
    },
  }

  async function open(transport: 'udp' | 'tcp', local: { host: string; port: number }): Promise<Transport> {
    const common = { local, user: agent, clock, rules: requestRules }
    if (transport === 'tcp') {
      const stream = await StreamTransport.listen(common)
      streams.push(stream)
      return stream
    }
    return UdpTransport.listen({ ...common, ...(options.handled === undefined ? {} : { handled: options.handled }) })
  }
  return network
}

function tapOf(trace: NonNullable<SipNetworkOptions['trace']>): Tap {
  const peer = ({ remote }: Flow) => `${remote.host}:${remote.port}`
  return {
    received: (message, flow) => trace('in', serialise(message), peer(flow)),
    sent: (bytes, flow) => trace('out', bytes, peer(flow)),
  }
}

/** Who hears of a call that was refused at the door: no record is made of what nobody vouches for by digest. */
const nobody: UasListener = {
  byeReceived() {},
  lost() {},
  told() {},
  cancelled() {},
  expired() {},
  acknowledged() {},
}
