import { contacts, reasons } from '../message/accessors.ts'
import type { SipResponse } from '../message/message.ts'
import type { Refusal } from './facts.ts'

/** What a final response that is no success says. */
export function refusalOf(response: SipResponse): Refusal {
  const { status } = response
  const after = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return {
    status,
    phrase: response.reason,
    reasons: reasons(response),
    raw: response.headers.all('reason'),
    contacts: status < 400 ? byPreference(response) : [],
    retryAfter: Number.isFinite(after) && after >= 0 ? after : undefined,
    response,
  }
}

function byPreference(response: SipResponse): string[] {
  const q = (value: string | undefined) => (value === undefined ? 1 : Number.parseFloat(value) || 0)
  return [...contacts(response)].sort((a, b) => q(b.param('q')) - q(a.param('q'))).map(({ uri }) => uri)
}
