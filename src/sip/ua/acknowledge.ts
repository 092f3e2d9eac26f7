import type { Dialog } from '../dialog/dialog.ts'
import { serialise } from '../message/build.ts'
import type { Flow } from '../transport/flow.ts'
import { dialogRequest } from './compose.ts'
import type { SessionHost } from './host.ts'
import { reach } from './reach.ts'

/**
 * Sends the ACK to a 2xx: a request inside the dialog with the INVITE's CSeq number, its own branch, and the INVITE's credentials
 * (RFC 3261 §13.2.2.4). `keep` is given what was sent, to send it again when the 2xx comes again; it is not called if there is no way.
 */
export function acknowledge(
  host: SessionHost,
  dialog: Dialog,
  seq: number,
  authorization: readonly [string, string] | undefined,
  keep: (flow: Flow, bytes: Uint8Array) => void,
): void {
  reach(host, dialog, undefined, {
    reached(flow) {
      if (flow === undefined) return
      const lines = authorization === undefined ? [] : [authorization]
      const via = host.via(flow, host.layer.ids.branch())
      const bytes = serialise(dialogRequest(dialog, 'ACK', seq, via, undefined, lines, undefined))
      keep(flow, bytes)
      host.layer.put(flow, bytes)
    },
  })
}
