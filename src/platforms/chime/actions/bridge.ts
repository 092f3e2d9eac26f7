import { isLive, type Leg } from '../../../call/leg.ts'
import type { LegEvent } from '../../../switchboard/ports.ts'
import { forbiddenHeader } from '../app.ts'
import type { Outcome } from '../list.ts'
import { numberOf } from '../participants.ts'
import { liftUnanswered, limitUnanswered } from '../unanswered.ts'
import { promptOf } from './sound.ts'
import { cutOff, done, failed, invalid, type Perform, type Stage } from './stage.ts'

/** Seconds from the INVITE, where a handler names none. */
const defaultTimeout = 30

/** Characters (guide, "CallAndBridge"). */
const longestUser = 36
const userOf = (uri: string) => uri.replace(/^(sips?|tel):/i, '').split(/[@;]/, 1)[0] ?? ''

/**
 * Calls somebody and connects the two. Until the answer the new leg hangs on the first one; from then on each lives until it is
 * told otherwise (guide, "CallAndBridge": the other leg is never dropped by itself).
 */
export const callAndBridge: Perform<'CallAndBridge'> = async (parameters, stage) => {
  const { CallTimeoutSeconds = defaultTimeout, CallerIdNumber, Endpoints, RingbackTone, SipHeaders = {} } = parameters
  const { control, means, leg } = stage
  if (stage.other() !== undefined) return invalid('the call leg is bridged already')
  const [endpoint] = Endpoints
  const uri = endpoint?.Uri ?? ''
  if (endpoint === undefined || uri === '') return invalid('Endpoints needs one entry with a Uri')
  if (userOf(uri).length > longestUser) return invalid(`the user part of a Uri has at most ${longestUser} characters`)
  if (!['AWS', 'PSTN'].includes(endpoint.BridgeEndpointType)) return invalid('BridgeEndpointType is PSTN or AWS')
  const numbers = means.outside.numbers()
  const caller = numberOf(CallerIdNumber)
  if (numbers !== null && ![...numbers, leg.from, leg.to].some((own) => numberOf(own) === caller)) {
    return invalid(`CallerIdNumber ${CallerIdNumber} is neither the caller's nor a number of this account`)
  }
  const forbidden = forbiddenHeader(SipHeaders)
  if (forbidden !== undefined) return invalid(`SipHeaders: ${forbidden} may not be set`)
  const target = means.outside.reach({
    type: endpoint.BridgeEndpointType === 'AWS' ? 'AWS' : 'PSTN',
    uri,
    ...(endpoint.Arn === undefined ? {} : { arn: endpoint.Arn }),
    from: CallerIdNumber,
    headers: SipHeaders,
  })
  if (typeof target === 'string') return invalid(`Endpoints: ${target}`)
  const b = control.dial({
    target,
    bridge: { to: leg.id, rule: 'caller-survives' },
    ringLimit: CallTimeoutSeconds * 1000,
  })
  const tone = new AbortController()
  const waits = leg.id === control.call().first && leg.direction === 'in' && !isAnswered(leg)
  if (waits) liftUnanswered(control)
  const outcome = await answerOf(stage, b, () => ringback(stage, RingbackTone, tone.signal))
  tone.abort()
  if (waits && outcome.type !== 'done') limitUnanswered(control, leg.id, means.limits.unanswered)
  return outcome
}

/** Waits for the far end, and connects it. An update that interrupts withdraws the call from it. */
function answerOf(stage: Stage, b: string, rings: () => void): Promise<Outcome> {
  const { control, signal } = stage
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      stop()
      signal.removeEventListener('abort', interrupted)
      resolve(outcome)
    }
    const interrupted = (): void => {
      // That it was withdrawn is no answer of the far end.
      stop()
      control.end({ cause: 'hangup', actor: 'app', detail: 'CallAndBridge was interrupted' }, b)
      settle(cutOff(stage))
    }
    const heard = (event: LegEvent): void => {
      switch (event.type) {
        case 'ringing':
          return rings()
        case 'early':
          return earlyMedia(stage, b)
        case 'answered':
          return void connect(stage, b).then(settle)
        case 'ended':
          return settle(unanswered(event.leg, stage))
      }
    }
    const stop = control.onLeg(b, heard)
    signal.addEventListener('abort', interrupted, { once: true })
    const now = control.call().legs.find(({ id }) => id === b)
    if (now !== undefined && !isLive(now)) settle(unanswered(now, stage))
    else if (signal.aborted) interrupted()
  })
}

function unanswered({ state }: Leg, stage: Stage): Outcome {
  if (stage.control.legSignal(stage.leg.id).aborted) return cutOff(stage)
  const said = state.name === 'ended' ? state.ending : undefined
  const code = said?.codes?.sip === undefined ? '' : ` with ${said.codes.sip}`
  return failed('CallNotAnswered', `Call not answered: ${said?.cause ?? 'unknown'}${code}`)
}

async function connect({ control, leg, joined }: Stage, b: string): Promise<Outcome> {
  try {
    // Until both are answered the new leg hangs on the first: one that cannot be answered leaves nobody behind.
    if (leg.direction === 'in') await control.answer(leg.id)
    joined(b)
    control.bridge({ first: leg.id, second: b, rule: 'independent' })
    control.media(leg.id).stop()
    control.media(leg.id).connect(control.media(b))
    return done
  } catch (error) {
    return failed('SystemException', error instanceof Error ? error.message : String(error))
  }
}

/** What the other side sends before it answers, where nothing else is played. */
function earlyMedia({ control, leg }: Stage, b: string): void {
  if (control.legSignal(leg.id).aborted) return
  const join = () => control.media(leg.id).connect(control.media(b))
  if (isAnswered(leg)) attempt(async () => join())
  else
    attempt(async () => {
      await control.early(leg.id)
      join()
    })
}

/** A caller who was answered hears the tone; one who was not hears the network's, or the tone before the answer. */
function ringback(stage: Stage, tone: Parameters<typeof promptOf>[0] | undefined, signal: AbortSignal): void {
  const { control, leg } = stage
  if (tone === undefined) {
    if (!isAnswered(leg) && leg.direction === 'in') control.ring(leg.id)
    return
  }
  attempt(
    async () => {
      if (!isAnswered(leg)) await control.early(leg.id)
      await control.media(leg.id).play(promptOf(tone), { loop: 0, signal })
    },
    (error) => stage.warn('chime.ringback', `the ringback tone could not be played: ${String(error)}`),
  )
}

const isAnswered = (leg: Leg) => leg.state.name === 'answered'

/** Comfort that fails ends nothing. */
function attempt(step: () => Promise<unknown>, fault: (error: unknown) => void = () => {}): void {
  step().catch(fault)
}
