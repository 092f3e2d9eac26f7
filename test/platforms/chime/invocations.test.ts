/** How often a function is asked for one event, and which of its answers counts. */
import { expect, test } from 'vitest'
import { invoke } from '../../../src/platforms/chime/invoke.ts'
import { awsLimits, type Means } from '../../../src/platforms/chime/means.ts'
import type { FunctionResult } from '../../../src/switchboard/ports.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

type Attempt = readonly [after: number, result: 'good' | 'bad' | 'fault' | 'timeout' | 'not-json' | 'never']

/** The moments at which it was asked, what came of it, and when. */
async function asked(attempts: readonly Attempt[], limits = awsLimits) {
  const clock = new VirtualClock(0)
  const at: number[] = []
  const functions: Means['functions'] = {
    invoke: (_name, _event, { timeout }) => {
      const [after, result] = attempts[at.length] ?? [0, 'never']
      const number = at.push(clock.now())
      const how = result === 'never' ? ([timeout, 'timeout'] as const) : ([after, result] as const)
      return new Promise<FunctionResult>((resolve) => {
        clock.alarm(clock.now() + how[0], () => resolve(resultOf(how[1], number)))
      })
    },
  }
  const means = { clock, functions, ids: { uuid: () => 'x' }, limits } as unknown as Means
  let came: unknown
  let when = Number.NaN
  void invoke({ id: 'a', function: 'f', region: 'r' }, {}, means, new AbortController().signal).then((invoked) => {
    when = clock.now()
    came =
      invoked.type === 'answered' && invoked.response.actions.name === 'replace'
        ? `attempt ${invoked.response.actions.list.length}`
        : invoked.type
  })
  for (let n = 0; n < 60; n++) await clock.pass(500)
  return { at, came, when }
}

function resultOf(how: Attempt[1], attempt: number): FunctionResult {
  const milliseconds = 0
  const Actions = Array(attempt).fill({ Type: 'Hangup', Parameters: {} })
  if (how === 'good') return { ok: true, value: { SchemaVersion: '1.0', Actions }, milliseconds }
  if (how === 'bad') return { ok: true, value: { SchemaVersion: '2.0' }, milliseconds }
  return { ok: false, error: how === 'fault' || how === 'never' ? 'function' : how, detail: 'so', milliseconds }
}

test.each<[string, readonly Attempt[], readonly number[], string, number]>([
  ['answered', [[100, 'good']], [0], 'attempt 1', 500],
  [
    'a fault is tried once more at once',
    [
      [1_000, 'fault'],
      [500, 'good'],
    ],
    [0, 1_000],
    'attempt 2',
    1_500,
  ],
  [
    'a fault is no slow attempt',
    [
      [1_000, 'fault'],
      [4_500, 'good'],
    ],
    [0, 1_000],
    'attempt 2',
    5_500,
  ],
  [
    'two faults are enough',
    [
      [1_000, 'fault'],
      [1_000, 'fault'],
    ],
    [0, 1_000],
    'unreachable',
    2_000,
  ],
  [
    'a limit of its own is a fault',
    [
      [3_000, 'timeout'],
      [500, 'good'],
    ],
    [0, 3_000],
    'attempt 2',
    3_500,
  ],
  [
    'slow: asked again, the second is faster',
    [
      [9_000, 'good'],
      [1_000, 'good'],
    ],
    [0, 5_000],
    'attempt 2',
    6_000,
  ],
  [
    'slow: asked again, the first is faster',
    [
      [7_000, 'good'],
      [9_000, 'good'],
    ],
    [0, 5_000],
    'attempt 1',
    7_000,
  ],
  [
    'the first usable answer counts, not the first',
    [
      [9_000, 'good'],
      [1_000, 'bad'],
    ],
    [0, 5_000],
    'attempt 1',
    9_000,
  ],
  [
    'a fault waits for the attempt beside it',
    [
      [6_000, 'fault'],
      [4_000, 'good'],
    ],
    [0, 5_000],
    'attempt 2',
    9_000,
  ],
  [
    'an answer that cannot be used says more than a fault',
    [
      [6_000, 'bad'],
      [2_000, 'fault'],
    ],
    [0, 5_000],
    'invalid',
    7_000,
  ],
  ['an answer that cannot be used is not tried again', [[1_000, 'bad']], [0], 'invalid', 1_000],
  ['nor is one that is no JSON', [[1_000, 'not-json']], [0], 'invalid', 1_000],
  [
    '20 s are the end',
    [
      [0, 'never'],
      [0, 'never'],
    ],
    [0, 5_000],
    'unreachable',
    20_000,
  ],
])('%s', async (_, attempts, at, came, when) => {
  const result = await asked(attempts)
  expect(result).toMatchObject({ at, came })
  expect(Math.abs(result.when - when)).toBeLessThanOrEqual(500)
})

test('as many slow attempts as are configured', async () => {
  const never = Array.from({ length: 9 }, () => [0, 'never'] as const)
  expect((await asked(never, { ...awsLimits, retries: 3 })).at).toEqual([0, 5_000, 10_000, 15_000])
  expect((await asked(never, { ...awsLimits, retries: 0 })).at).toEqual([0])
})
