import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cseq, via } from '../../../src/sip/message/accessors.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import { answer, nothingLeft, offer, order, Stage } from './stage.ts'

const numRuns = process.env.ONHOOK_LONG === undefined ? 1_000 : 100_000

const methods = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'UPDATE', 'INFO', 'OPTIONS', 'REFER', 'NOTIFY', 'REGISTER'] as const

/** What a peer may say, sensible or not, and what our side does meanwhile. */
const step = fc.oneof(
  fc.record({
    do: fc.constant('request' as const),
    method: fc.constantFrom(...methods),
    /** Which of the dialogs there have been; past the last: none. */
    dialog: fc.nat(3),
    seq: fc.integer({ min: 1, max: 6 }),
    branch: fc.nat(6),
    sdp: fc.boolean(),
    lines: fc.constantFrom(
      [],
      [
        ['Supported', 'timer'],
        ['Session-Expires', '90;refresher=uas'],
        ['Allow', 'UPDATE'],
      ],
      [
        ['Supported', 'timer'],
        ['Session-Expires', '90;refresher=uac'],
      ],
      [
        ['Session-Expires', '10'],
        ['Supported', 'timer'],
      ],
      [['Refer-To', '<sip:carol@10.0.0.3>']],
      [['Expires', '1']],
    ) as fc.Arbitrary<[string, string][]>,
  }),
  fc.record({
    do: fc.constant('response' as const),
    to: fc.nat(5),
    status: fc.constantFrom(100, 180, 183, 199, 200, 202, 302, 401, 408, 422, 481, 486, 487, 491, 500, 503, 603, 699),
    tag: fc.constantFrom('b1', 'b2', ''),
    sdp: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('act' as const),
    which: fc.nat(3),
    verb: fc.constantFrom('ring', 'early', 'accept', 'reject', 'end', 'reinvite', 'info', 'place'),
  }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 100, 600, 5_000, 33_000, 100_000) }),
)

test('whatever a peer says, nothing throws, nobody is answered twice, and nothing is left in the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const stage = new Stage()
      stage.onInvite = (_session, heard) => {
        heard.referred = (referral) => {
          referral.accept()
          referral.notify(200)
        }
      }
      const invites: SipRequest[] = []
      const placed: ReturnType<Stage['place']>['session'][] = []
      for (const each of steps) {
        if (each.do === 'wait') stage.pass(each.ms)
        else if (each.do === 'act') act(stage, placed, each.which, each.verb)
        else if (each.do === 'response') respond(stage, each)
        else request(stage, invites, each)
        stage.pass()
      }
      for (const { session } of stage.calls) session.end(order)
      for (const session of placed) session.end(order)
      stage.pass(64 * 500 * 3 + 200_000)
      expect(stage.left).toEqual(nothingLeft)
      expect(finalsPerTransaction(stage)).toEqual([])
      for (const { session } of stage.calls) expect(session.alive).toBe(false)
      for (const session of placed) expect(session.alive).toBe(false)
    }),
    { numRuns },
  )
}, 600_000)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function request(stage: Stage, invites: SipRequest[], each: Extract<Step, { do: 'request' }>): void {
  const { peer } = stage
  const branch = `z9hG4bKany${each.branch}`
  const ok = peer.responses('INVITE').filter(({ status }) => status > 100)[each.dialog]
  const invite = invites[0]
  if (each.method === 'CANCEL') {
    if (invite !== undefined) peer.send(peer.cancel(invites[each.dialog] ?? invite, each.lines))
  } else if (ok !== undefined && invite !== undefined) {
    const { seq, lines } = each
    peer.send(peer.within(invite, ok, each.method, { seq, branch, lines, ...(each.sdp ? { sdp: offer } : {}) }))
  } else {
    const fresh = peer.invite({ branch, seq: each.seq, lines: each.lines, sdp: each.sdp ? offer : null })
    if (each.method === 'INVITE') invites.push(fresh)
    fresh.headers.set('CSeq', `${each.seq} ${each.method}`)
    peer.send({ ...fresh, method: each.method })
  }
}

function respond(stage: Stage, each: Extract<Step, { do: 'response' }>): void {
  const theirs = stage.peer.received.flatMap(({ message }) => (message.kind === 'request' ? [message] : []))
  const target = theirs[each.to]
  if (target === undefined || target.method === 'ACK') return
  stage.peer.respond(target, each.status, {
    ...(each.tag === '' ? {} : { tag: each.tag }),
    ...(each.sdp ? { sdp: answer } : {}),
  })
}

function act(stage: Stage, placed: ReturnType<Stage['place']>['session'][], which: number, verb: string): void {
  if (verb === 'place') {
    placed.push(stage.place().session)
    return
  }
  const incoming = stage.calls[which]?.session
  const session = incoming ?? placed[which]
  if (verb === 'ring') incoming?.progress(180)
  else if (verb === 'early') incoming?.progress(183, answer)
  else if (verb === 'accept') incoming?.accept(answer)
  else if (verb === 'reject') incoming?.reject(order.refuse)
  else if (verb === 'end') session?.end(order)
  else if (verb === 'reinvite') session?.reinvite(answer)
  else session?.info('text/plain', 'x')
}

/** Transactions that got two different finals within their memory, and ACKs that got any. */
function finalsPerTransaction(stage: Stage): string[] {
  const wrong: string[] = []
  const finals = new Map<string, { status: number; first: number; last: number }>()
  for (const { at, message } of stage.peer.received) {
    if (message.kind !== 'response' || message.status < 200) continue
    const { method = '' } = cseq(message) ?? {}
    if (method === 'ACK') wrong.push('an ACK was answered')
    const key = `${via(message as SipResponse)?.branch} ${method}`
    const before = finals.get(key)
    // 64·T1 after its final an INVITE is forgotten, T4 after the ACK of its refusal; its branch then names a new transaction.
    const remembered = before !== undefined && at < before.first + 32_000 && at < before.last + 5_000
    if (remembered && before.status !== message.status) wrong.push(`${key}: ${before.status}, then ${message.status}`)
    else finals.set(key, { status: message.status, first: remembered ? before.first : at, last: at })
  }
  return wrong
}
