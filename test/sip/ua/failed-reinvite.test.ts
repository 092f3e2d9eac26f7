/** What the failure of our own re-INVITE destroys (RFC 3261 §14.1, RFC 5057 §5.1). */
import { describe, expect, test } from 'vitest'
import { answer, Stage } from './stage.ts'

function refused(status: number) {
  const stage = new Stage()
  const { session, heard } = stage.answeredIncoming()
  session.reinvite(answer)
  stage.pass()
  stage.peer.respond(stage.latest('INVITE'), status)
  stage.pass()
  return { stage, session, heard }
}

describe('a failure of our own re-INVITE', () => {
  test.each([404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604])(
    '%i ends the call',
    (status) => {
      const { stage, heard } = refused(status)
      expect(heard.names).toEqual(['acknowledged', 'lost', 'told'])
      expect(stage.peer.heard.slice(-3)).toEqual(['INVITE', 'ACK', 'BYE'])
    },
  )

  test.each([400, 403, 415, 488, 499, 500, 503, 599, 600, 603, 606])('%i does not', (status) => {
    const { session, heard } = refused(status)
    expect(heard.facts.slice(1)).toEqual([['reofferSettled', { kind: 'refused', status }]])
    expect(session.answered).toBe(true)
  })

  test('nor does silence spare it: timer B, then BYE', () => {
    const stage = new Stage()
    const { session, heard } = stage.answeredIncoming()
    session.reinvite(answer)
    stage.pass(32_000)
    expect(heard.facts.slice(1)).toEqual([
      ['lost', 'dialog-gone'],
      ['told', 'delivered'],
    ])
    expect(stage.peer.requests('BYE')).toHaveLength(1)
  })
})
