/** Where outgoing calls may go: nobody reaches a trunk, or a SIP address, that no rule names. */
import type { Target } from '../switchboard/ports.ts'
import type { Config, OutboundRule, Trunk } from './config.ts'
import { matcher, plainNumber } from './pattern.ts'
import { isMatrixUser } from './schema.ts'

export const dialCodes = ['dial.no-rule', 'dial.unknown-trunk', 'dial.bad-address'] as const

export type Wanted = Readonly<{
  /** Number, name of a registered user, `sip:` URI, or Matrix user. */
  to: string
  from?: string
  fromName?: string
  /** Only rules that name this trunk count. */
  trunk?: string
  headers?: Readonly<Record<string, string>>
}>

export type Dialled =
  | Readonly<{ ok: true; target: Target }>
  | Readonly<{ ok: false; code: (typeof dialCodes)[number]; message: string; remedy?: string }>

export interface Dialer {
  target(wanted: Wanted): Dialled
}

export function createDialer(config: Pick<Config, 'outbound' | 'trunks' | 'sip'>): Dialer {
  const users = new Set(config.sip.users.map((user) => user.name))
  const trunks = new Map(config.trunks.map((trunk) => [trunk.name, trunk]))
  const rules = config.outbound.map((rule) => ({ rule, matches: matcher(rule.to) }))
  return {
    target(wanted) {
      const address = matchable(wanted.to)
      if (address === undefined) {
        return {
          ok: false,
          code: 'dial.bad-address',
          message: 'expected a number, a user, sip:user@host or @user:server',
        }
      }
      if (wanted.trunk !== undefined && !trunks.has(wanted.trunk)) {
        return { ok: false, code: 'dial.unknown-trunk', message: `there is no trunk "${wanted.trunk}"` }
      }
      // A user may be called by a number: names have no plus.
      const user = [wanted.to, plainNumber(wanted.to)].find((name) => users.has(name))
      if (user !== undefined && wanted.trunk === undefined) {
        return { ok: true, target: targetOf({ ...wanted, to: user }, undefined) }
      }
      for (const { rule, matches } of rules) {
        if (!matches(address) || (wanted.trunk !== undefined && rule.trunk !== wanted.trunk)) continue
        // Without a trunk only a whole address says where to go; a Matrix user is behind none.
        if (rule.trunk === undefined ? !/^(sip:|@)/.test(address) : address.startsWith('@')) continue
        return { ok: true, target: targetOf(wanted, trunkOf(rule, trunks)) }
      }
      return {
        ok: false,
        code: 'dial.no-rule',
        message: 'no rule lets this address be called',
        remedy: 'Add one under "outbound" in the configuration',
      }
    },
  }
}

/**
 * What rules match: a number or name as it is; a SIP address as `sip:user@host`, without port and parameters, so that
 * a rule for one host cannot be talked into another. URI headers (`?…`) are refused: they would be ours on the wire.
 */
function matchable(to: string): string | undefined {
  if (isMatrixUser(to)) return to.length <= 255 ? to : undefined
  if (!/^sips?:/i.test(to)) return /^[\w.+*#~!'()%-]{1,128}$/.test(to) ? to : undefined
  const uri = /^sips?:(?:([^\s@;?<>"]{1,128})@)?([\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?(?:;[^\s@?<>",]*)?$/i.exec(to)
  if (uri === null) return undefined
  return uri[1] === undefined ? `sip:${uri[2]!.toLowerCase()}` : `sip:${uri[1]}@${uri[2]!.toLowerCase()}`
}

function trunkOf(rule: OutboundRule, trunks: ReadonlyMap<string, Trunk>): Trunk | undefined {
  return rule.trunk === undefined ? undefined : trunks.get(rule.trunk)
}

function targetOf({ to, from, fromName, headers }: Wanted, trunk: Trunk | undefined): Target {
  return {
    network: isMatrixUser(to) ? 'matrix' : 'sip',
    to,
    from: from ?? trunk?.callerId ?? 'onhook',
    ...(fromName !== undefined && { fromName }),
    ...(trunk !== undefined && { trunk: trunk.name }),
    ...(headers !== undefined && { headers }),
  }
}
