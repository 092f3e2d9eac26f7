import type { Address, Flow, TransportName } from '../transport/flow.ts'
import { Dialog, type DialogSide } from './dialog.ts'
import type { DialogState } from './state.ts'

/** The way a dialog's messages went. After a restart a UDP flow is the same again; a connection must be opened anew. */
export type FlowSnapshot = Readonly<{ transport: TransportName; remote: Address; local: Address }>

/** A dialog as JSON: all that a BYE needs. */
export type DialogSnapshot = Readonly<{
  side: DialogSide
  state: DialogState
  callId: string
  localTag: string
  remoteTag: string
  local: string
  remote: string
  routes: readonly string[]
  target: string
  inviteSeq: number
  localSeq: number
  remoteSeq: number
  sticky: boolean
  flow: FlowSnapshot | null
}>

export function snapshotFlow(flow: Flow | undefined): FlowSnapshot | null {
  return flow === undefined ? null : { transport: flow.transport, remote: flow.remote, local: flow.local }
}

export function snapshotDialog(dialog: Dialog): DialogSnapshot {
  const { side, state, callId, localTag, remoteTag, local, remote } = dialog
  const { routes, target, inviteSeq, localSeq, remoteSeq, sticky } = dialog
  return {
    side,
    state,
    callId,
    localTag,
    remoteTag,
    local,
    remote,
    routes,
    target,
    inviteSeq,
    localSeq,
    remoteSeq,
    sticky,
    flow: snapshotFlow(dialog.flow),
  }
}

/** `flow` is what `FlowSnapshot` became in this process. */
export function restoreDialog(snapshot: DialogSnapshot, flow: Flow | undefined): Dialog {
  return new Dialog({ ...snapshot, flow })
}
