import type { App, CallId } from '../../call/call.ts'
import type { CallControl, Offer, Platform } from '../../switchboard/ports.ts'
import { Meetings } from './actions/meeting.ts'
import { admitted } from './app.ts'
import { lastWords } from './last-words.ts'
import type { Means } from './means.ts'
import { Transaction } from './transaction.ts'

export type ChimePlatform = Platform &
  Readonly<{
    admit(data: App['data'], offer: Offer): App['data']
    /** UpdateSipMediaApplicationCall: false if no such call of that application lives here. The function hears of it later. */
    update(application: string, transaction: CallId, args: Readonly<Record<string, string>>): boolean
  }>

/** Runs SIP media application handlers. `App.data` is `ChimeApp` of `app.ts`. */
export function createChimePlatform(means: Means): ChimePlatform {
  const live = new Map<CallId, { transaction: Transaction; control: CallControl }>()
  const meetings = new Meetings()
  return {
    name: 'chime',
    begins: 'placed',
    admit: admitted,
    async run(control) {
      const transaction = new Transaction(control, means, meetings)
      live.set(control.id, { transaction, control })
      try {
        await transaction.run()
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error)
        control.end({ cause: 'error', actor: 'platform', detail })
      } finally {
        live.delete(control.id)
      }
    },
    deliveries: (notice, call, record) => lastWords(notice, call, record, means.numberBefore),
    update(application, id, args) {
      const known = live.get(id)
      if (known === undefined) return false
      const { state, app } = known.control.call()
      // The function may still be hearing of its end.
      if (state.name === 'ended' || applicationOf(app.data) !== application) return false
      known.transaction.update(args)
      return true
    },
  }
}

function applicationOf(data: App['data']): string | undefined {
  const [first] = Array.isArray(data.applications) ? (data.applications as readonly { id?: unknown }[]) : []
  return typeof first?.id === 'string' ? first.id : undefined
}
