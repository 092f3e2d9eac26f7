import { firstLeg } from '../../call/call.ts'
import type { LegId } from '../../call/leg.ts'
import type { CallControl, Platform, Target } from '../../switchboard/ports.ts'

/** What a direct route remembers of its call. */
type DirectData = Readonly<{
  network: string
  /** All of these ring; empty: the call is answered, and held until somebody ends it. */
  to: readonly string[]
  trunk?: string
  callerId?: string
}>

/**
 * No script: a caller is connected to a destination, on whatever networks the two are. Both legs end together,
 * each hearing the other's reason in its own words. The caller hears ringing and early media as they come.
 */
export function createDirectPlatform(): Platform {
  return { name: 'direct', run, deliveries: () => none }
}

const none: readonly never[] = []

async function run(control: CallControl): Promise<void> {
  const target = targetOf(control)
  const caller = firstLeg(control.call()).id
  if (target !== undefined) connect(control, caller, target)
  else attempt(control, caller, () => control.answer(caller))
  await control.ended
}

function targetOf(control: CallControl): Target | undefined {
  const { app } = control.call()
  const { network, to, trunk, callerId } = app.data as DirectData
  const [first, ...forks] = to
  if (first === undefined) return undefined
  const caller = firstLeg(control.call())
  return {
    network,
    to: first,
    from: callerId ?? caller.from,
    ...(forks.length === 0 ? {} : { forks }),
    ...(trunk === undefined ? {} : { trunk }),
  }
}

function connect(control: CallControl, caller: LegId, target: Target): void {
  const callee = control.dial({ target, bridge: { to: caller, rule: 'together' } })
  control.onLeg(callee, ({ type }) => {
    switch (type) {
      case 'ringing':
        return control.ring(caller)
      case 'early':
        return attempt(control, caller, async () => {
          await control.early(caller)
          control.media(caller).connect(control.media(callee))
        })
      case 'answered':
        return attempt(control, caller, async () => {
          await control.answer(caller)
          control.media(caller).connect(control.media(callee))
        })
      case 'ended':
        return
    }
  })
}

/** A leg that ends while it is being connected needs no more: its bridge has ended the other one. */
function attempt(control: CallControl, caller: LegId, step: () => Promise<void>): void {
  step().catch((fault: unknown) => {
    if (control.legSignal(caller).aborted) return
    const detail = fault instanceof Error ? fault.message : 'the legs could not be connected'
    control.end({ cause: 'error', actor: 'platform', detail })
  })
}
