import { describe, expect, test } from 'vitest'
import { type Effect, effectOf } from '../../../src/sip/dialog/effects.ts'
import { type DialogInput, type DialogState, dialogState } from '../../../src/sip/dialog/state.ts'

const states: readonly DialogState[] = ['preparative', 'early', 'moratorium', 'established', 'mortal', 'morgue']

/** RFC 5407 §2. What is not listed changes nothing. */
const moves: Readonly<Record<DialogInput, Partial<Record<DialogState, DialogState>>>> = {
  provisional: { preparative: 'early' },
  success: { preparative: 'moratorium', early: 'moratorium' },
  failure: { preparative: 'morgue', early: 'morgue', moratorium: 'morgue', established: 'morgue' },
  ack: { moratorium: 'established' },
  bye: { preparative: 'mortal', early: 'mortal', moratorium: 'mortal', established: 'mortal' },
  'bye-done': { mortal: 'morgue' },
}

describe.each(Object.entries(moves) as [DialogInput, Partial<Record<DialogState, DialogState>>][])(
  '%s',
  (input, row) => {
    test.each(states)('in %s', (state) => {
      expect(dialogState(state, input)).toBe(row[state] ?? state)
    })
  },
)

/** RFC 5057 §5.1, cell by cell. */
const effects: Readonly<Record<Effect, readonly number[]>> = {
  transaction: [
    400, 401, 402, 403, 406, 407, 412, 413, 414, 415, 417, 420, 421, 422, 423, 428, 429, 436, 437, 438, 486, 487, 488,
    491, 493, 494, 499, 500, 503, 504, 505, 513, 580, 599, 600, 603, 606, 607, 608,
  ],
  usage: [405, 408, 480, 481, 489, 501],
  dialog: [404, 410, 416, 482, 483, 484, 485, 502, 604],
}

describe.each(Object.entries(effects) as [Effect, readonly number[]][])(
  'a failure that ends the %s',
  (effect, codes) => {
    test.each(codes)('%i', (code) => expect(effectOf(code)).toBe(effect))
  },
)
