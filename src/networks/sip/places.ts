import {
  escapeUser,
  type Flow,
  formatAddress,
  type HeaderLines,
  type InviteSpec,
  type MemoryBindings,
  parseUri,
  type UacListener,
  type UserAgent,
} from '../../sip/index.ts'
import type { Ids, Target } from '../../switchboard/ports.ts'
import type { Place } from './outgoing.ts'
import type { SipSettings, SipTrunk } from './settings.ts'

type Reach = Readonly<{
  agent: UserAgent
  sip: SipSettings
  trunks: readonly SipTrunk[]
  bindings: MemoryBindings
  ids: Ids
  /** `host:port` that others reach us at, as a URI spells it. */
  here(): string
}>

/**
 * Where a target rings: each registered device of a user, the server of a trunk, or a SIP address itself. None if nobody is registered;
 * the leg then ends as `unavailable`.
 */
export function placesOf(target: Target, reach: Reach): Place[] {
  return [target.to, ...(target.forks ?? [])].flatMap((to) => placesOfOne(to, target, reach))
}

function placesOfOne(to: string, target: Target, reach: Reach): Place[] {
  const caller = callerOf(target, reach)
  const lines = customLines(target.headers)
  const place = (uri: string, callee: string, flow?: Flow): Place => ({
    branch: reach.ids.uuid(),
    address: uri,
    session(listener: UacListener) {
      // The description is made when the call is durable; the session must be storable before that.
      const spec: InviteSpec = {
        target: uri,
        from: caller,
        to: { uri: callee },
        headers: lines,
        ack: 'held',
        ...(flow && { flow }),
      }
      return reach.agent.invite(spec, listener)
    },
  })
  if (target.trunk !== undefined) {
    const trunk = reach.trunks.find(({ name }) => name === target.trunk)
    if (trunk?.server === undefined) return []
    const transport = trunk.transport === 'udp' ? '' : `;transport=${trunk.transport}`
    return [place(`sip:${escapeUser(to)}@${trunk.server}${transport}`, `sip:${escapeUser(to)}@${trunk.server}`)]
  }
  if (/^sips?:/i.test(to)) return [place(to, bareUri(to))]
  const callee = `sip:${escapeUser(to)}@${reach.sip.realm}`
  return reach.bindings.of(to).map(({ contact, flow }) => place(contact, callee, flow))
}

function callerOf({ from, fromName }: Target, reach: Reach): { uri: string; display?: string } {
  // A caller without a user part (RFC 3261 §25.1: none is empty) is our host alone.
  const user = from === '' ? '' : `${escapeUser(from)}@`
  const uri = /^sips?:/i.test(from) ? bareUri(from) : `sip:${user}${reach.here()}`
  return { uri, ...(fromName === undefined ? {} : { display: fromName }) }
}

/** What an app may say in headers of its own, in those that go from app to app (RFC 7433), and of who sent a call on (RFC 5806). */
function customLines(headers: Target['headers']): HeaderLines {
  return Object.entries(headers ?? {}).filter(
    ([name, value]) =>
      /^(X-[\w-]{1,64}|User-to-User|Diversion)$/i.test(name) && !/[\r\n\0]/.test(value) && value.length <= 1024,
  )
}

/** Without parameters and headers: what goes into From and To. */
function bareUri(text: string): string {
  const uri = parseUri(text)
  if (uri === undefined || uri.scheme === 'tel' || uri.scheme === 'other') return text
  const host = uri.port === undefined ? uri.host : formatAddress({ host: uri.host, port: uri.port })
  return uri.user === undefined ? `${uri.scheme}:${host}` : `${uri.scheme}:${uri.user}@${host}`
}
