/** The calling conventions of AWS's Node functions: whatever way a handler answers, the first answer is its answer. */
import { describe, expect, it } from 'vitest'
import { essence, handlerOf } from './workbench.ts'

const answers: readonly (readonly [what: string, source: string, value: unknown])[] = [
  ['a promise', 'exports.handler = async (event) => ({ got: event })', { got: { n: 1 } }],
  [
    'a callback',
    'exports.handler = (event, context, callback) => { callback(null, { got: event }) }',
    { got: { n: 1 } },
  ],
  ['a callback, later', 'exports.handler = (e, c, callback) => { setTimeout(() => callback(null, 7), 20) }', 7],
  [
    'both, the callback first',
    'exports.handler = async (e, c, callback) => { callback(null, "first"); return "second" }',
    'first',
  ],
  ['an async handler that only calls back', 'exports.handler = async (e, c, callback) => { callback(null, 1) }', 1],
  [
    'an async handler that calls back after it returned',
    'exports.handler = async (e, c, callback) => { setTimeout(() => callback(null, "late"), 20) }',
    'late',
  ],
  ['an async handler that could call back and does not', 'exports.handler = async (e, c, callback) => {}', undefined],
  ['a callback handler that never calls back', 'exports.handler = (e, c, callback) => {}', undefined],
  ['a value', 'exports.handler = () => 5', 5],
  ['nothing', 'exports.handler = async () => {}', undefined],
  ['null', 'exports.handler = async () => null', null],
  ['an empty list', 'exports.handler = async () => []', []],
  ['context.succeed', 'exports.handler = (e, context) => { context.succeed("yes") }', 'yes'],
  ['context.done', 'exports.handler = (e, context) => { setTimeout(() => context.done(null, "done"), 10) }', 'done'],
  ['a handler reassigned as the whole module', 'module.exports = async () => "whole"', 'whole'],
  ['another usual name', 'exports.lambdaHandler = async () => "named"; exports.helper = () => {}', 'named'],
  ['the name of Python', 'exports.lambda_handler = async () => "snake"', 'snake'],
  ['the only function there is', 'exports.anything = async () => "only"', 'only'],
]

const faults: readonly (readonly [what: string, source: string, detail: RegExp])[] = [
  ['a throw', 'exports.handler = () => { null.x }', /^TypeError: Cannot read .* \(handler\.cjs:1:\d+\)$/],
  ['a rejection', 'exports.handler = async () => { throw new Error("no") }', /^Error: no/],
  [
    'a callback with a fault',
    'exports.handler = (e, c, callback) => callback(new RangeError("far"))',
    /^RangeError: far/,
  ],
  ['a callback with a text', 'exports.handler = (e, c, callback) => callback("plain words")', /^plain words$/],
  ['context.fail', 'exports.handler = (e, context) => context.fail("failed")', /^failed$/],
  ['context.fail without a reason', 'exports.handler = (e, context) => context.fail()', /without a reason/],
  ['a promise that never settles', 'exports.handler = () => new Promise(() => {})', /never settle/],
]

describe('a JavaScript handler answers by', () => {
  it.each(answers)('%s', async (_what, source, value) => {
    const { invoke } = handlerOf(source)
    expect(essence(await invoke({ n: 1 }))).toEqual({ ok: true, value })
  })
})

describe('a JavaScript handler fails by', () => {
  it.each(faults)('%s', async (_what, source, detail) => {
    const { invoke } = handlerOf(source)
    expect(essence(await invoke({}))).toEqual({ ok: false, error: 'function', detail: expect.stringMatching(detail) })
  })
})
