/** What an endpoint answered is told apart by header, by shape and by status, for AWS, the emulator and their like. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Invocation, readInvocation } from '../../src/functions/remote/read-invocation.ts'

const ok = (text: string) => ({ ok: true, text })
const fault = (error: string, detail: unknown) => ({ ok: false, error, detail })

const cells: readonly (readonly [what: string, invocation: Invocation, outcome: object])[] = [
  [
    'an answer',
    { status: 200, text: '{"SchemaVersion":"1.0","Actions":[]}' },
    ok('{"SchemaVersion":"1.0","Actions":[]}'),
  ],
  ['null', { status: 200, text: 'null' }, ok('null')],
  ['a list', { status: 200, text: '[]' }, ok('[]')],
  [
    'an answer with a version and a word of error',
    { status: 200, text: '{"SchemaVersion":"1.0","errorMessage":"x"}' },
    ok('{"SchemaVersion":"1.0","errorMessage":"x"}'),
  ],
  [
    'AWS: unhandled',
    { status: 200, functionError: 'Unhandled', text: '{"errorType":"TypeError","errorMessage":"no"}' },
    fault('function', 'TypeError: no'),
  ],
  [
    'AWS: unhandled, with nothing said',
    { status: 200, functionError: 'Unhandled', text: '' },
    fault('function', 'it failed, and said nothing'),
  ],
  [
    'AWS: unhandled, though it has a version',
    { status: 200, functionError: 'Handled', text: '{"SchemaVersion":"1.0","errorType":"A","errorMessage":"b"}' },
    fault('function', 'A: b'),
  ],
  [
    'AWS: its own time limit',
    {
      status: 200,
      functionError: 'Unhandled',
      text: '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 3.00 seconds"}',
    },
    fault('timeout', expect.stringContaining('3.00')),
  ],
  [
    'AWS: an answer above 6 MB',
    {
      status: 200,
      functionError: 'Unhandled',
      text: '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded"}',
    },
    fault('too-large', expect.any(String)),
  ],
  [
    'emulator: a fault without the header',
    { status: 200, text: '{"errorType":"Error","errorMessage":"no","stackTrace":[]}' },
    fault('function', 'Error: no'),
  ],
  ['emulator: a message alone', { status: 200, text: '{"errorMessage":"no"}' }, fault('function', 'no')],
  [
    'emulator: the time ran out',
    { status: 200, text: 'Task timed out after 300.00 seconds' },
    fault('timeout', 'Task timed out after 300.00 seconds'),
  ],
  [
    'emulator: the time ran out, as a fault',
    { status: 200, text: '{"errorMessage":"2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds"}' },
    fault('timeout', expect.any(String)),
  ],
  ['emulator: the process ended', { status: 200, text: '' }, fault('function', 'an empty answer: its process ended')],
  [
    'emulator: the process ended, in words',
    { status: 200, text: 'RequestId: 1 Error: Runtime exited with error: exit status 1' },
    fault('function', expect.stringContaining('exit status 1')),
  ],
  ['plain text', { status: 200, text: '<html>hello</html>' }, fault('not-json', expect.any(String))],
  [
    'throttled',
    { status: 429, errorType: 'TooManyRequestsException', text: '{"message":"Rate Exceeded."}' },
    fault('throttled', 'answered 429 TooManyRequestsException: Rate Exceeded.'),
  ],
  [
    'throttled, by another status',
    { status: 502, errorType: 'EC2ThrottledException', text: '' },
    fault('throttled', expect.any(String)),
  ],
  [
    'denied',
    { status: 403, errorType: 'AccessDeniedException', text: '{"Message":"not yours"}' },
    fault('denied', 'answered 403 AccessDeniedException: not yours'),
  ],
  [
    'denied, unsigned',
    { status: 403, text: '{"message":"Missing Authentication Token"}' },
    fault('denied', 'answered 403 Missing Authentication Token'),
  ],
  [
    'denied, by another status',
    { status: 502, errorType: 'KMSAccessDeniedException', text: '' },
    fault('denied', expect.any(String)),
  ],
  [
    'no such function',
    { status: 404, errorType: 'ResourceNotFoundException', text: '{"Message":"Function not found"}' },
    fault('unreachable', expect.stringContaining('Function not found')),
  ],
  ['the event too large', { status: 413, text: '' }, fault('too-large', 'answered 413')],
  ['a gateway that waited', { status: 504, text: '' }, fault('timeout', 'answered 504')],
  [
    'its host failed',
    { status: 500, errorType: 'ServiceException', text: '' },
    fault('unreachable', 'answered 500 ServiceException'),
  ],
  ['moved', { status: 302, text: '' }, fault('unreachable', 'answered 302')],
]

describe('an invocation’s answer', () => {
  it.each(cells)('%s', (_what, invocation, outcome) => {
    expect(readInvocation(invocation)).toEqual(outcome)
  })

  it('is an answer only if it is JSON, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.record({
          status: fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 })),
          functionError: fc.option(fc.string(), { nil: undefined }),
          errorType: fc.option(fc.string(), { nil: undefined }),
          text: fc.oneof(fc.string(), fc.json()),
        }),
        (invocation) => {
          const outcome = readInvocation(invocation)
          if (outcome.ok) {
            expect(invocation.status).toBeGreaterThanOrEqual(200)
            expect(invocation.functionError ?? '').toBe('')
            JSON.parse(outcome.text as string)
          } else expect(outcome.detail).not.toBe('')
        },
      ),
    )
  })
})
