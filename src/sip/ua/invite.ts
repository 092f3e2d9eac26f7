import { Dialog } from '../dialog/dialog.ts'
import { request as buildRequest } from '../message/build.ts'
import { Headers } from '../message/headers.ts'
import type { SipRequest } from '../message/message.ts'
import { formatNameAddr } from '../message/name-addr.ts'
import type { Flow } from '../transport/flow.ts'
import { allow, sdpBody } from './compose.ts'
import type { HeaderLines } from './facts.ts'
import type { SessionHost } from './host.ts'

/** What an outgoing call needs. URIs are complete (`sip:bob@192.0.2.7:5060`). */
export type InviteSpec = Readonly<{
  /** The Request-URI; without `routes` or `flow` also the place to go to. */
  target: string
  from: Readonly<{ uri: string; display?: string }>
  /** Default: the target. */
  to?: Readonly<{ uri: string; display?: string }>
  /** The offer; may be given to `send` instead. One of the two must give it: we never answer in an ACK. */
  sdp?: string
  /** A pre-loaded route set (an outbound proxy): URIs with `;lr`, first hop first. */
  routes?: readonly string[]
  /** The way to the peer itself, if it is known: that of its registration. Requests in the dialog use it too. */
  flow?: Flow
  /** Seconds after which the callee shall give up (Expires). */
  expires?: number
  headers?: HeaderLines
  /**
   * `held`: the ACK to the answer waits for `session.acknowledge()`, so that what the answer taught can be stored first. Until then
   * the callee repeats its 2xx, also to whoever comes after a crash. An end does not wait. Default: `at-once`.
   */
  ack?: 'at-once' | 'held'
  /** Default: a new one. */
  callId?: string
}>

/** The dialog that an answer may make of it. */
export function dialogToBe(host: SessionHost, spec: InviteSpec): Dialog {
  const { ids } = host.layer
  const localTag = ids.tag()
  return new Dialog({
    side: 'uac',
    state: 'preparative',
    callId: spec.callId ?? ids.callId(),
    localTag,
    remoteTag: '',
    local: formatNameAddr({ ...spec.from, params: new Map([['tag', localTag]]) }),
    remote: formatNameAddr(spec.to ?? { uri: spec.target }),
    routes: [],
    target: spec.target,
    inviteSeq: 1,
    localSeq: 1,
    remoteSeq: -1,
    flow: spec.flow,
    sticky: false,
  })
}

export function composeInvite(
  host: SessionHost,
  dialog: Dialog,
  spec: InviteSpec,
  flow: Flow,
  via: string,
  sdp: string | undefined,
  lines: HeaderLines,
): SipRequest {
  const headers = new Headers()
  headers.append('Via', via)
  headers.append('Max-Forwards', '70')
  for (const route of spec.routes ?? []) headers.append('Route', `<${route}>`)
  headers.append('From', dialog.local)
  headers.append('To', dialog.remote)
  headers.append('Call-ID', dialog.callId)
  headers.append('CSeq', `${dialog.inviteSeq} INVITE`)
  headers.append('Contact', host.contact(flow))
  if (host.product !== '') headers.append('User-Agent', host.product)
  headers.append('Allow', allow)
  headers.append('Supported', 'timer, 199')
  if (spec.expires !== undefined) headers.append('Expires', String(spec.expires))
  for (const [name, value] of lines) headers.append(name, value)
  for (const [name, value] of spec.headers ?? []) headers.append(name, value)
  return buildRequest({ method: 'INVITE', uri: spec.target, headers, body: sdpBody(headers, sdp) })
}
