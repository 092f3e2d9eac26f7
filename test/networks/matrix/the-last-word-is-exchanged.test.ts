/** Of the two endings that a homeserver holds as a talk begins, one at least is held and on disk at every moment. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { DeadMan } from '../../../src/networks/matrix/dead-man.ts'
import type { MatrixDesk } from '../../../src/networks/matrix/desk.ts'
import type { Saying } from '../../../src/networks/matrix/homeserver.ts'
import { LastWord } from '../../../src/networks/matrix/last-word.ts'
import type { Session } from '../../../src/networks/matrix/session/state.ts'

const far = { user: '@alice:hs', party: 'a' }
const inviting: Session = {
  room: '!r:hs',
  callId: 'c',
  self: { user: '@tel_1:hs', party: 'us' },
  other: far.user,
  inviter: 'us',
  era: 1,
  stage: { name: 'inviting', since: 0 },
  held: [],
  media: 'never',
}
const talking = { name: 'talking', peer: far, selected: 'yes', path: 'none', restart: 'unused' } as const

/** A last word whose homeserver and whose disk answer when the test says so. */
function lastWord(session: Session) {
  const asked: { saying: Saying; taken(id: string): void; defused: boolean }[] = []
  const stored: (() => void)[] = []
  const set = (saying: Saying, held: () => void): DeadMan => {
    let id: string | undefined
    const one = {
      saying,
      defused: false,
      taken(name: string) {
        id = name
        held()
      },
    }
    asked.push(one)
    return {
      id: () => id,
      defuse() {
        one.defused = true
      },
    }
  }
  const desk = { deadMen: { set, cancel() {} } } as unknown as MatrixDesk
  const word = new LastWord(desk, 'l', session, undefined, () => new Promise((resolve) => stored.push(resolve)))
  return { word, asked, stored }
}

test('the hangup of the ringing is taken back when that of the talk is on disk, and is known until then', async () => {
  const { word, asked, stored } = lastWord(inviting)
  word.arm(inviting)
  asked[0]?.taken('first')
  stored[0]?.()
  word.arm({ ...inviting, stage: talking })
  expect(word.held?.id).toBe('first')
  asked[1]?.taken('second')
  expect(word.held?.id).toBe('second')
  await turn()
  expect(asked[0]?.defused).toBe(false)
  stored[1]?.()
  await turn()
  expect(asked.map(({ defused }) => defused)).toEqual([true, false])
  expect(new Set(asked.map(({ saying }) => saying.txn)).size).toBe(2)
})

test('a reject says something else than the talk would: it is taken back at once', () => {
  const ringing: Session = { ...inviting, inviter: 'them', stage: { name: 'ringing', offer: '', inviter: far } }
  const { word, asked } = lastWord(ringing)
  word.arm(ringing)
  word.arm({ ...ringing, stage: talking })
  expect(asked.map(({ saying, defused }) => [saying.type, defused])).toEqual([
    ['m.call.reject', true],
    ['m.call.hangup', false],
  ])
})

test('a session that ends meanwhile leaves neither', () => {
  const { word, asked } = lastWord(inviting)
  word.arm(inviting)
  word.arm({ ...inviting, stage: talking })
  word.defuse()
  expect(asked.map(({ defused }) => defused)).toEqual([true, true])
})

test('what an earlier life left of another call is taken back, and not said in place of ours', () => {
  const cancelled: string[] = []
  const desk = { deadMen: { cancel: (id: string) => cancelled.push(id) } } as unknown as MatrixDesk
  const held = { id: 'theirs', call: 'before', type: 'm.call.hangup' } as const
  const word = new LastWord(desk, 'l', inviting, held, async () => {})
  const said = word.insteadOf({ kind: 'ending', call: 'c', type: 'm.call.hangup', as: '@tel_1:hs' })
  expect(said.held).toBeUndefined()
  expect(said.heldAs).toBeTypeOf('string')
  expect(cancelled).toEqual(['theirs'])
})
