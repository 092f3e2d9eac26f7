import { type Cause, causeNames } from '../../call/causes.ts'
import type { Actor, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { contentOf, parseSipMessage, sipLines } from './message.ts'
import { type Heard, readBye, readCancel, readFinalResponse, type SipRaw } from './read.ts'
import { parseReasons } from './reason.ts'
import { sipSays } from './said.ts'
import { byeReasonsFor, cancelReasonsFor, rejectFor } from './write.ts'

/**
 * Reads a message as text, a bare Reason value, a status code, or `{ message, status?, reason?, reasons? }`.
 * Writes the last of these: a BYE for an answered leg, a CANCEL for a ringing one that we dialled (`direction: 'out'`),
 * a final response for one that came in.
 *
 * @example
 * codec.read('SIP/2.0 480 Temporarily Unavailable\r\nReason: Q.850;cause=19', { at: 0 }).cause // 'no-answer'
 *
 * @example
 * codec.write({ cause: 'declined', actor: 'callee', phase: 'ringing', at: 0 })
 * // { message: 'response', status: 603, reason: 'Decline', reasons: ['Q.850;cause=21'] }
 */
export const codec: EndingCodec<SipRaw> = {
  dialect: 'sip',
  read(wire, context) {
    return { ...read(wire, context), raw: { dialect: 'sip', value: wire } }
  },
  write,
  identify,
  text: sipLines,
  get says() {
    says ??= Object.fromEntries(causeNames.map((cause) => [cause, understood(cause)])) as Record<Cause, Cause>
    return says
  },
}

let says: Readonly<Record<Cause, Cause>> | undefined

function understood(cause: Cause): Cause {
  const { usual } = sipSays[cause]
  const phase = usual === 'bye' ? 'answered' : 'ringing'
  const wire = write({ cause, actor: 'unknown', phase, at: 0 }, { phase, direction: usual === 'cancel' ? 'out' : 'in' })
  return read(wire, { at: 0, phase }).cause
}

function read(wire: unknown, context: ReadContext): Ending {
  if (typeof wire === 'string') return readText(wire, context)
  if (typeof wire === 'number') return ended(readFinalResponse({ status: wire }), 'callee', context)
  const content = contentOf(wire)
  return content === undefined ? nothing(context) : readContent(content, context)
}

function readText(text: string, context: ReadContext): Ending {
  const parsed = parseSipMessage(text)
  if (parsed.ok) return readContent(parsed.value.content, context, parsed.value.method)
  const value = text.replace(/^\s*reason\s*:/i, '')
  const reasons = parseReasons([value])
  const known = reasons.some(({ protocol, cause }) => cause !== undefined && /^(sip|q\.850|\w+_cause)$/i.test(protocol))
  return known ? readContent({ message: 'BYE', reasons: [value] }, context) : nothing(context)
}

function readContent(content: SipRaw, context: ReadContext, method?: string): Ending {
  switch (content.message) {
    case 'BYE':
      return ended(readBye(content, context), whoIs(context), { ...context, phase: context.phase ?? 'answered' })
    case 'CANCEL':
      return ended(readCancel(content, context), 'caller', context)
    case 'response':
      if (method === 'BYE') return answerToBye(content.status, context)
      return ended(readFinalResponse(content, context), 'callee', context)
    default:
      return content satisfies never
  }
}

/** RFC 3261 §15.1.1: 481, 408 and silence say that the far end knew of no call any more; anything else confirms the end. */
function answerToBye(status: number, context: ReadContext): Ending {
  const gone = status === 481 || status === 408
  return {
    cause: gone ? 'peer-gone' : 'hangup',
    actor: 'unknown',
    phase: 'answered',
    at: context.at,
    codes: { sip: status },
  }
}

function ended({ cause, actor, codes }: Heard, sender: Actor, context: ReadContext): Ending {
  return {
    cause,
    actor: actor === 'party' ? sender : actor,
    phase: phaseFor(cause, context.phase),
    at: context.at,
    ...(Object.keys(codes).length === 0 ? {} : { codes }),
  }
}

/** Call-ID of a message that was given as text. */
function identify(wire: unknown): Readonly<Record<string, string>> {
  if (typeof wire !== 'string') return {}
  const parsed = parseSipMessage(wire)
  const id = parsed.ok ? parsed.value.headers.find(([name]) => /^(call-id|i)$/i.test(name))?.[1] : undefined
  return id === undefined || id === '' ? {} : { 'call-id': id }
}

/** Without context: a person who decides, or does not answer, has heard it ring. */
function phaseFor(cause: Cause, phase: Phase | undefined): Phase {
  if (phase !== undefined) return phase
  const rang: readonly Cause[] = [
    'no-answer',
    'declined',
    'unwanted',
    'cancelled',
    'answered-elsewhere',
    'declined-elsewhere',
  ]
  return rang.includes(cause) ? 'ringing' : 'offered'
}

function whoIs({ sender, direction }: ReadContext): Actor {
  if (sender !== undefined) return sender
  return direction === 'in' ? 'caller' : direction === 'out' ? 'callee' : 'unknown'
}

function nothing({ at, phase }: ReadContext): Ending {
  return { cause: 'unknown', actor: 'unknown', phase: phase ?? 'offered', at }
}

function write(ending: Ending, context: WriteContext = {}): SipRaw {
  switch (formFor(ending, context)) {
    case 'BYE':
      return { message: 'BYE', reasons: byeReasonsFor(ending) }
    case 'CANCEL':
      return { message: 'CANCEL', reasons: cancelReasonsFor(ending) }
    case 'response': {
      const { status, phrase, reasons } = rejectFor(ending)
      return { message: 'response', status, reason: phrase, reasons }
    }
  }
}

function formFor(ending: Ending, { phase = ending.phase, direction }: WriteContext): SipRaw['message'] {
  if (phase === 'answered') return 'BYE'
  if (direction !== undefined) return direction === 'out' ? 'CANCEL' : 'response'
  const heard = ending.raw?.dialect === 'sip' ? contentOf(ending.raw.value)?.message : undefined
  if (heard === 'CANCEL' || heard === 'response') return heard
  return sipSays[ending.cause].usual === 'cancel' ? 'CANCEL' : 'response'
}
