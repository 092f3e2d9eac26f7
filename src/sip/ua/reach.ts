import type { Dialog } from '../dialog/dialog.ts'
import { parseNameAddr } from '../message/name-addr.ts'
import { parseUri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'
import type { Resolution, Target } from '../transport/resolve.ts'
import type { Failure } from './facts.ts'
import type { Seeker, SessionHost } from './host.ts'

/**
 * Finds the flow for a request inside a dialog (RFC 3261 §12.2.1.1, RFC 3263, RFC 5626):
 *
 * 1. the dialog's own flow, if the peer itself is at its other end (the only way through its NAT) and it is still open;
 * 2. else the address of the first Route, or without one that of the remote target;
 * 3. else whatever flow the dialog has that is open.
 *
 * `broken` is a flow that has just failed: it is not offered again.
 */
export function reach(host: SessionHost, dialog: Dialog, broken: Flow | undefined, seeker: Seeker): void {
  const { flow } = dialog
  if (dialog.sticky && flow?.open === true && flow !== broken) {
    seeker.reached(flow)
    return
  }
  whenLocated(host, nextHop(dialog), (targets) => seeker.reached(pick(host, dialog, targets, broken)))
}

/** Calls back at once unless a name must be looked up. Without targets, it tells why: "no such address" is not "cannot tell". */
export function whenLocated(
  host: SessionHost,
  uri: string,
  then: (targets: readonly Target[], missing: Failure) => void,
): void {
  const parsed = parseUri(uri)
  if (parsed?.scheme !== 'sip' && parsed?.scheme !== 'sips') {
    then([], unresolved)
    return
  }
  const targets = host.locate(parsed)
  if ('then' in targets) {
    targets.then((found) =>
      host.guard(() => (found.kind === 'found' ? then(found.targets, unresolved) : then([], failureOf(found)))),
    )
  } else then(targets, unresolved)
}

const unresolved: Failure = { kind: 'unresolved', detail: undefined }

function failureOf({ code, detail }: Extract<Resolution, { kind: 'failed' }>): Failure {
  if (code === 'sip.resolve.not-found') return unresolved
  const why = code === 'sip.resolve.transport' ? `no transport of ours: ${detail}` : `name service: ${detail}`
  return { kind: 'transport', detail: { code: 'sip.transport.unreachable', detail: why } }
}

/** The URI that decides where a request in this dialog goes. */
function nextHop(dialog: Dialog): string {
  const route = dialog.routes[0]
  return (route === undefined ? undefined : parseNameAddr(route)?.uri) ?? dialog.target
}

function pick(
  host: SessionHost,
  dialog: Dialog,
  targets: readonly Target[],
  broken: Flow | undefined,
): Flow | undefined {
  const own = dialog.flow?.open === true && dialog.flow !== broken ? dialog.flow : undefined
  for (const target of targets) {
    // A private Contact of a peer whom we hear from a public address: it does not know its own.
    if (own !== undefined && dialog.routes.length === 0 && hides(target.address.host, own.remote.host)) return own
    const flow = host.flowTo(target, dialog.flow?.local)
    if (flow !== undefined && flow !== broken) return flow
  }
  return own
}

function hides(named: string, seen: string): boolean {
  return named !== seen && isPrivate(named) && !isPrivate(seen)
}

/** An address that cannot be reached from outside its own network (RFC 1918, 6598, 3927, 4193, 4291, loopback). */
function isPrivate(host: string): boolean {
  return /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.|f[cd]|fe[89ab]|::1$)/i.test(
    host,
  )
}
