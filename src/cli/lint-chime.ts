/** `onhook lint` of a Chime handler's response: what becomes of it, action by action. */
import { parseResponse, type ResponseAction } from '../dialects/chime/index.ts'
import type { Fault } from '../dialects/dialect.ts'
import type { Paint } from './terminal.ts'

export type ChimeReport = Readonly<{
  ok: boolean
  /** The response cannot be used: the handler hears INVALID_LAMBDA_RESPONSE, and a second one ends the call. */
  faults: readonly Fault[]
  /** `keep` what runs goes on · `empty` · `replace` by these. Null where the response cannot be used. */
  actions: 'keep' | 'empty' | 'replace' | null
  list: readonly Readonly<{ type: string; fails: readonly Fault[]; ends: string | null }>[]
  attributes: 'keep' | 'replace' | null
}>

/** Whether this is JSON rather than XML. */
export function isResponse(bytes: Uint8Array): boolean {
  return /^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 1024)))
}

export function lintResponse(bytes: Uint8Array): ChimeReport {
  const parsed = parseResponse(new TextDecoder().decode(bytes))
  if (!parsed.ok) return { ok: false, faults: parsed.faults, actions: null, list: [], attributes: null }
  const { actions, attributes } = parsed.value
  const list = (actions.name === 'replace' ? actions.list : []).map(entryOf)
  return {
    ok: list.every(({ fails }) => fails.length === 0),
    faults: [],
    actions: actions.name,
    list,
    attributes: attributes.name,
  }
}

function entryOf(one: ResponseAction): ChimeReport['list'][number] {
  if (!one.valid) return { type: one.type, fails: one.faults, ends: null }
  const { action } = one
  if (action.Type !== 'Hangup') return { type: action.Type, fails: [], ends: null }
  const { CallId, ParticipantTag, SipResponseCode = 0 } = action.Parameters
  return {
    type: 'Hangup',
    fails: [],
    ends: `${CallId ?? ParticipantTag ?? 'the leg of the event'}, code ${SipResponseCode}`,
  }
}

export function reportLines(
  file: string,
  report: ChimeReport,
  faultText: (fault: Fault) => string,
  paint: Paint,
): string[] {
  const head = `${paint('bold', file)}: a Chime response, ${report.ok ? paint('green', 'valid') : paint('red', 'not valid')}`
  const faults = report.faults.map((one) => `  ${paint('red', 'fault')}    ${faultText(one)}`)
  const kept = report.actions === 'keep' ? ['  what runs goes on: no list of actions'] : []
  const empty = report.actions === 'empty' ? ['  an empty list: nothing new is run'] : []
  const actions = report.list.flatMap(({ type, fails, ends }, at) => [
    `  ${paint('cyan', String(at + 1))}  ${type}${ends === null ? '' : `: ends ${ends}`}`,
    ...fails.map((one) => `     ${paint('red', 'fails')}  ${faultText(one)}; the rest of the list is dropped`),
  ])
  return [head, ...faults, ...kept, ...empty, ...actions]
}
