import { callerDialog, type Dialog } from '../dialog/dialog.ts'
import { to } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'
import type { UnwantedAnswer } from './unwanted.ts'

/** A flood of provisional responses with new tags must not fill the memory. */
const maxForks = 32

/** What one INVITE became on its way: an early dialog, and perhaps an answer that nobody wants, for each To tag. */
export class Forks {
  readonly #sticky: boolean
  #early: Map<string, Dialog> | undefined
  #unwanted: Map<string, UnwantedAnswer> | undefined

  /** @param sticky requests go the way of the INVITE, whatever its answers name: it leads to the peer itself. */
  constructor(sticky: boolean) {
    this.#sticky = sticky
  }

  /** A provisional response with a tag makes an early dialog. */
  rang(request: SipRequest, response: SipResponse, flow: Flow): void {
    const tag = to(response)?.tag ?? ''
    this.#early ??= new Map()
    if (this.#early.has(tag) || this.#early.size >= maxForks) return
    const dialog = callerDialog(request, response, flow, this.#sticky)
    dialog.move('provisional')
    this.#early.set(tag, dialog)
  }

  /** RFC 6228 §4: this fork is done; the INVITE is not. */
  over(tag: string): void {
    this.#early?.delete(tag)
  }

  /** The INVITE has its final response. */
  allOver(): void {
    this.#early = undefined
  }

  /** The dialog of a 2xx. A fork may have sent us requests before it answered. */
  answered(request: SipRequest, response: SipResponse, flow: Flow): Dialog {
    const dialog = callerDialog(request, response, flow, this.#sticky)
    const early = this.#early?.get(to(response)?.tag ?? '')
    dialog.remoteSeq = Math.max(dialog.remoteSeq, early?.remoteSeq ?? -1)
    return dialog
  }

  unwanted(tag: string): UnwantedAnswer | undefined {
    return this.#unwanted?.get(tag)
  }

  refuse(tag: string, answer: UnwantedAnswer): void {
    this.#unwanted ??= new Map()
    this.#unwanted.set(tag, answer)
  }

  dialog(tag: string): Dialog | undefined {
    return this.#early?.get(tag) ?? this.#unwanted?.get(tag)?.dialog
  }
}
