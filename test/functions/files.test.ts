/** Every kind of file that a handler may be, found and loaded as AWS would; and what is wrong with one is said. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { essence, folderWith, functionsOf, handlerOf } from './workbench.ts'

const files: readonly (readonly [what: string, name: string, source: string])[] = [
  ['CommonJS', 'index.js', 'exports.handler = async () => typeof require'],
  ['CommonJS by its ending', 'index.cjs', 'exports.handler = async () => typeof require'],
  [
    'an ES module by its ending',
    'index.mjs',
    'export const handler = async () => typeof import.meta.url && "function"',
  ],
  ['an ES module by its syntax', 'index.js', 'export async function handler() { return "function" }'],
  [
    'an ES module that waits as it loads',
    'index.mjs',
    'const word = await Promise.resolve("function"); export default () => word',
  ],
  [
    'TypeScript',
    'index.ts',
    'enum Word { it = "function" }\nexport const handler = async (event: unknown): Promise<string> => Word.it',
  ],
  [
    'TypeScript, as a module',
    'index.mts',
    'export const handler = async (event: unknown): Promise<string> => "function"',
  ],
  [
    'TypeScript, as CommonJS',
    'index.cts',
    'exports.handler = async (event: unknown): Promise<string> => typeof require',
  ],
  [
    'what a compiler made of one',
    'index.js',
    '"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.handler = void 0; const handler = async () => "function"; exports.handler = handler',
  ],
]

describe('a handler may be', () => {
  it.each(files)('%s', async (_what, name, source) => {
    const { invoke } = handlerOf(source, name)
    expect(essence(await invoke({}))).toEqual({ ok: true, value: 'function' })
  })
})

const names: readonly (readonly [wanted: string, value: unknown])[] = [
  ['main', 'main'],
  ['index.main', 'main'],
  ['src/index.main', 'main'],
  ['group.inner', 'inner'],
  ['index.group.inner', 'inner'],
]

describe('a handler is found', () => {
  it.each(names)('by the name %s', async (handler, value) => {
    const folder = folderWith({
      'index.cjs':
        'exports.main = () => "main"; exports.handler = () => "other"; exports.group = { inner: () => "inner" }',
    })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.cjs'), handler } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value })
  })

  it('with what it imports beside it, also without an ending or by the ending that it will have', async () => {
    const folder = folderWith({
      'index.ts': 'import { a } from "./a"\nimport { b } from "./b.js"\nexport const handler = () => a + b',
      'a.ts': 'export const a: number = 1',
      'b.ts': 'export const b: number = 2',
    })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.ts') } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: 3 })
  })

  it('in TypeScript that imports types as if they were values, or exports as CommonJS does', async () => {
    const folder = folderWith({
      'index.ts': `import { APIGatewayEvent, Context } from 'aws-lambda'
import plain, { type Word, Kind, Shape } from './types'
import { basename } from 'node:path'
exports.handler = async (event: Shape | APIGatewayEvent, context: Context): Promise<Word> => [Kind.it, basename('/a/b'), plain, typeof require] as Word
`,
      'types.ts':
        'export type Word = unknown\nexport interface Shape {}\nexport enum Kind { it = "kind" }\nexport default "plain"',
    })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.ts') } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: ['kind', 'b', 'plain', 'function'] })
  })

  it('in TypeScript, also where the folder’s package is CommonJS; its faults keep their lines', async () => {
    const folder = folderWith({
      'package.json': '{"type":"commonjs"}',
      'index.ts':
        'import { Type } from "./t"\n\nexport const handler = async (event: Type) => {\n  throw new Error("no")\n}',
      't.ts': 'export type Type = {}',
    })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.ts') } })
    expect(essence(await invoke('it', {}))).toEqual({
      ok: false,
      error: 'function',
      detail: 'Error: no (index.ts:4:9)',
    })
  })

  it('in CommonJS, also where the folder lies in a package of ES modules', async () => {
    const folder = folderWith({
      'package.json': '{"type":"module"}',
      'index.js': 'const { n } = require("./beside"); exports.handler = () => n',
      'beside.js': 'module.exports = { n: 5 }',
    })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.js') } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: 5 })
  })

  it('with AWS’s SDK, which AWS has in store for every function, from its own folder first', async () => {
    const folder = folderWith({
      'index.mjs':
        'import { LambdaClient } from "@aws-sdk/client-lambda"\nimport { own } from "@aws-sdk/own"\nexport const handler = () => [typeof LambdaClient, own]',
    })
    mkdirSync(join(folder, 'node_modules/@aws-sdk/own'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/@aws-sdk/own/index.js'), 'exports.own = "own"')
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.mjs') } })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: ['function', 'own'] })
  })

  it('relative to the folder that is named', async () => {
    const folder = folderWith({
      'index.cjs': 'exports.handler = () => require("node:fs").existsSync("index.cjs") && process.cwd()',
    })
    const { invoke } = functionsOf({ it: { file: './index.cjs' } }, { folder })
    expect(essence(await invoke('it', {}))).toEqual({ ok: true, value: folder })
  })
})

const broken: readonly (readonly [what: string, source: string, detail: RegExp])[] = [
  [
    'AWS’s old SDK',
    'require("aws-sdk")',
    /^the module "aws-sdk" \(AWS’s old SDK, version 2\) is not installed in .*: npm install aws-sdk$/,
  ],
  [
    'a module that is not installed',
    'require("@nowhere/module/sub")',
    /^the module "@nowhere\/module" is not installed/,
  ],
  ['a file that is not there', 'require("./beside")', /^Error: Cannot find module '\.\/beside'/],
  ['a syntax error', 'exports.handler = (', /^SyntaxError: .*index\.js:1/],
  ['a throw as it loads', 'const table = process.env.TABLE.toLowerCase()', /^TypeError: .*\(index\.js:1:\d+\)$/],
  ['no export', 'const handler = () => {}', /has no handler that can be told; it exports nothing$/],
  [
    'several that it can be',
    'exports.handler = () => {}; exports.lambdaHandler = () => {}',
    /exports handler and lambdaHandler: say which/,
  ],
  ['its end as it loads', 'process.exit(5)', /^its process ended with code 5$/],
]

describe('a handler cannot start for', () => {
  it.each(broken)('%s', async (_what, source, detail) => {
    const { invoke, ready, warnings } = handlerOf(source, 'index.js')
    await expect(ready()).rejects.toMatchObject({ code: 'functions.not-started' })
    expect(essence(await invoke({}))).toEqual({
      ok: false,
      error: 'unreachable',
      detail: expect.stringMatching(detail),
    })
    expect(warnings[0]).toEqual({
      code: 'functions.not-started',
      function: 'it',
      detail: expect.stringMatching(detail),
    })
  })

  it('want of its file', async () => {
    const { invoke } = functionsOf({ it: { file: '/of/nowhere.js' } })
    expect(essence(await invoke('it', {}))).toEqual({
      ok: false,
      error: 'unreachable',
      detail: 'it could not be started: there is no folder /of',
    })
  })

  it('want of its name', async () => {
    const { invoke } = handlerOf('exports.other = () => {}; exports.more = () => {}', 'index.js')
    expect(essence(await invoke({}))).toEqual({
      ok: false,
      error: 'unreachable',
      detail: expect.stringContaining('it exports other, more'),
    })
  })
})
