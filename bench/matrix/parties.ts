/** Matrix users who call numbers: their signalling here, their sound in a thread of its own. */
import { Worker } from 'node:worker_threads'
import { now } from '../machine/time.ts'
import { Homeserver, type SentEvent } from './homeserver.ts'
import type { FromPeers, ToPeers } from './peers.ts'

export type Report = Extract<FromPeers, { is: 'report' }>

type Call = {
  readonly number: string
  readonly room: string
  readonly user: string
  state: 'inviting' | 'answered' | 'connected' | 'ended'
  /** When their sound had found its way. */
  connectedAt: number
  /** When their hangup left for the service, or the service's came. */
  hangup: Readonly<{ by: 'us' | 'them'; at: number }> | undefined
}

export class Parties {
  readonly #homeserver: Homeserver
  readonly #worker = new Worker(new URL('./peers.ts', import.meta.url))
  readonly #echo = new Worker(new URL('./echo.ts', import.meta.url))
  readonly #ghost: (number: string) => string
  readonly #calls = new Map<string, Call>()
  #reported: (report: Report) => void = () => {}
  fault: Error | undefined

  /** @param ghost the user of a number. */
  constructor(homeserver: Homeserver, ghost: (number: string) => string) {
    this.#homeserver = homeserver
    this.#ghost = ghost
    homeserver.onSent = (event) => this.#sent(event)
    this.#worker.on('message', (message: FromPeers) => this.#heard(message))
    for (const worker of [this.#worker, this.#echo]) {
      worker.on('error', (fault) => {
        this.fault = fault
      })
    }
    this.#echo.once('message', (port: number) => this.#ask({ do: 'probe', port }))
  }

  #ask(message: ToPeers): void {
    this.#worker.postMessage(message)
  }

  get calls(): ReadonlyMap<string, Call> {
    return this.#calls
  }

  /** Rings a number; the call is known by it. */
  call(number: string): void {
    const user = `@u${number}:${Homeserver.serverName}`
    const room = `!r${number}:${Homeserver.serverName}`
    const call: Call = { number, room, user, state: 'inviting', connectedAt: 0, hangup: undefined }
    this.#calls.set(number, call)
    this.#homeserver.room(room, [user, this.#ghost(number)])
    this.#ask({ do: 'offer', call: number })
  }

  #say(call: Call, type: string, own: Readonly<Record<string, unknown>>): Promise<number> {
    const content = { call_id: `c${call.number}`, party_id: 'bench', version: '1', ...own }
    return this.#homeserver.say(call.room, call.user, type, content)
  }

  async hangUp(number: string): Promise<void> {
    const call = this.#calls.get(number)
    if (call === undefined || call.state === 'ended') return
    call.state = 'ended'
    const left = this.#say(call, 'm.call.hangup', { reason: 'user_hangup' })
    call.hangup = { by: 'us', at: await left }
    this.#ask({ do: 'end', call: number })
  }

  /** Trips of packets since the last report. */
  report(): Promise<Report> {
    return new Promise((resolve) => {
      this.#reported = resolve
      this.#ask({ do: 'report' })
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#worker.terminate(), this.#echo.terminate()])
  }

  #heard(message: FromPeers): void {
    if (message.is === 'report') return this.#reported(message)
    const call = this.#calls.get(message.call)
    if (call === undefined || call.state === 'ended') return
    if (message.is === 'offer') {
      void this.#say(call, 'm.call.invite', { lifetime: 60_000, offer: { type: 'offer', sdp: message.sdp } })
      void this.#say(call, 'm.call.candidates', { candidates: [{ candidate: '' }] })
    } else {
      call.state = 'connected'
      call.connectedAt = now()
    }
  }

  /** What the service sends into a room. */
  #sent({ at, type, content }: SentEvent): void {
    const number = String(content.call_id).slice(1)
    const call = this.#calls.get(number)
    if (call === undefined) return
    switch (type) {
      case 'm.call.answer': {
        if (call.state !== 'inviting') return
        call.state = 'answered'
        this.#ask({ do: 'answer', call: number, sdp: (content.answer as { sdp: string }).sdp })
        void this.#say(call, 'm.call.select_answer', { selected_party_id: content.party_id })
        return
      }
      case 'm.call.candidates':
        return this.#ask({ do: 'candidates', call: number, candidates: content.candidates as [] })
      case 'm.call.hangup':
      case 'm.call.reject':
        if (call.state === 'ended') return
        call.state = 'ended'
        call.hangup = { by: 'them', at }
        return this.#ask({ do: 'end', call: number })
    }
  }
}
