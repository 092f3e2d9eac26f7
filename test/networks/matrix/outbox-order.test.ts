import { describe, expect, test } from 'vitest'
import { type Letter, RoomQueue } from '../../../src/networks/matrix/outbox/room-queue.ts'

let count = 0
const letter = (kind: Letter['kind'], call = 'c1'): Letter => ({
  id: `${kind}-${++count}`,
  room: '!r:hs',
  as: '@tel_100:hs',
  call,
  kind,
  type: `m.call.${kind}`,
  content: {},
  born: 0,
})

function sentBy(queue: RoomQueue): string[] {
  const sent: string[] = []
  for (let next = queue.next(); next !== undefined; next = queue.next()) {
    sent.push(`${next.kind} ${next.call}`)
    queue.landed(next, 'sent')
  }
  return sent
}

test('one event is under way at a time', () => {
  const queue = new RoomQueue()
  queue.put(letter('invite'))
  queue.put(letter('candidates'))
  const first = queue.next()!
  expect(queue.next()).toBeUndefined()
  queue.landed(first, 'sent')
  expect(queue.next()?.kind).toBe('candidates')
})

test('endings go ahead of other calls, and the candidates of an ended call are not sent', () => {
  const queue = new RoomQueue()
  queue.put(letter('candidates', 'other'))
  queue.put(letter('candidates'))
  queue.put(letter('negotiate'))
  const dropped = queue.put(letter('ending'))
  expect(dropped.map(({ letter: { kind }, why }) => [kind, why])).toEqual([
    ['candidates', 'over'],
    ['negotiate', 'over'],
  ])
  const late = letter('candidates')
  expect(queue.put(late)).toEqual([{ letter: late, why: 'over' }])
  expect(sentBy(queue)).toEqual(['ending c1', 'candidates other'])
})

test('nothing of a call is said before the word that begins it', () => {
  const queue = new RoomQueue()
  queue.put(letter('candidates', 'other'))
  queue.put(letter('answer'))
  queue.put(letter('ending'))
  expect(sentBy(queue)).toEqual(['answer c1', 'ending c1', 'candidates other'])
})

describe('a call that is given up', () => {
  test('before its invite left: neither is said', () => {
    const queue = new RoomQueue()
    queue.put(letter('candidates', 'other'))
    queue.put(letter('invite'))
    const dropped = queue.put(letter('ending'))
    expect(dropped.map(({ letter: { kind }, why }) => [kind, why])).toEqual([
      ['invite', 'never-left'],
      ['ending', 'never-left'],
    ])
    expect(sentBy(queue)).toEqual(['candidates other'])
  })

  test('while its invite is under way: the hangup follows', () => {
    const queue = new RoomQueue()
    queue.put(letter('invite'))
    const invite = queue.next()!
    expect(queue.put(letter('ending'))).toEqual([])
    expect(queue.next()).toBeUndefined()
    queue.landed(invite, 'sent')
    expect(sentBy(queue)).toEqual(['ending c1'])
  })

  test('while an invite is under way that is refused: nobody knows of it', () => {
    const queue = new RoomQueue()
    queue.put(letter('invite'))
    const invite = queue.next()!
    const ending = letter('ending')
    queue.put(ending)
    expect(queue.landed(invite, 'refused')).toEqual([{ letter: ending, why: 'never-left' }])
  })

  test.each([
    ['no', ['never-left', 'never-left'], []],
    ['uncertain', ['over'], ['ending c1']],
  ] as const)('while its invite comes back, arrived: %s', (arrived, whys, sent) => {
    const queue = new RoomQueue()
    queue.put(letter('invite'))
    const invite = queue.next()!
    queue.put(letter('ending'))
    expect(queue.returned(invite, arrived).map(({ why }) => why)).toEqual(whys)
    expect(sentBy(queue)).toEqual(sent)
  })

  test('after an attempt that may have arrived: the invite is not repeated, the hangup is said', () => {
    const queue = new RoomQueue()
    queue.put(letter('invite'))
    queue.returned(queue.next()!, 'uncertain')
    expect(queue.put(letter('ending')).map(({ letter: { kind }, why }) => [kind, why])).toEqual([['invite', 'over']])
    expect(sentBy(queue)).toEqual(['ending c1'])
  })
})

describe('a call that the far end has ended', () => {
  const kinds = ({ letter: { kind }, why }: { letter: Letter; why: string }) => [kind, why]

  test('has nothing more to be said of it, but for the choice that other devices wait for', () => {
    const queue = new RoomQueue()
    for (const kind of ['answer', 'candidates', 'select', 'negotiate'] as const) queue.put(letter(kind))
    queue.put(letter('candidates', 'other'))
    expect(queue.over('c1').map(kinds)).toEqual([
      ['answer', 'over'],
      ['candidates', 'over'],
      ['negotiate', 'over'],
    ])
    expect(queue.put(letter('candidates')).map(kinds)).toEqual([['candidates', 'over']])
    expect(sentBy(queue)).toEqual(['select c1', 'candidates other'])
  })

  test.each(['invite', 'answer', 'candidates'] as const)('an %s that comes back is not said again', (kind) => {
    const queue = new RoomQueue()
    queue.put(letter(kind))
    const flying = queue.next()!
    expect(queue.over('c1')).toEqual([])
    expect(queue.returned(flying, 'uncertain').map(kinds)).toEqual([[kind, 'over']])
    expect(sentBy(queue)).toEqual([])
  })

  test('an answer that comes back is said again where our own end follows it', () => {
    const queue = new RoomQueue()
    queue.put(letter('answer'))
    const flying = queue.next()!
    queue.put(letter('ending'))
    expect(queue.returned(flying, 'no')).toEqual([])
    expect(sentBy(queue)).toEqual(['answer c1', 'ending c1'])
  })
})
