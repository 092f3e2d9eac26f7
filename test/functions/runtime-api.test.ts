/** Any program that speaks the Lambda Runtime API is a function, and one that speaks it wrongly is refused as AWS refuses it. */
import { describe, expect, it } from 'vitest'
import { essence, folderWith, functionsOf } from './workbench.ts'

const preamble = `
const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime'
const next = async () => { const r = await fetch(base + '/invocation/next'); return { id: r.headers.get('lambda-runtime-aws-request-id'), headers: Object.fromEntries(r.headers), event: await r.json() } }
const post = (path, body, headers = {}) => fetch(base + path, { method: 'POST', body, headers })
`

function bootstrapOf(code: string, env: Record<string, string> = {}) {
  const root = folderWith({ 'bootstrap.mjs': preamble + code })
  const { invoke, ...rest } = functionsOf({
    it: { command: [process.execPath, 'bootstrap.mjs'], handler: 'app.Handler', root, env },
  })
  return { ...rest, root, invoke: (event: unknown) => invoke('it', event) }
}

describe('a bootstrap', () => {
  it('is told what AWS tells it', async () => {
    const { invoke, root } = bootstrapOf(
      `for (;;) { const { id, headers, event } = await next()
       const left = Number(headers['lambda-runtime-deadline-ms']) - Date.now()
       await post('/invocation/' + id + '/response', JSON.stringify({ id, event, arn: headers['lambda-runtime-invoked-function-arn'],
         trace: headers['lambda-runtime-trace-id'], left: left > 10000 && left <= 15000,
         env: [process.env._HANDLER, process.env.LAMBDA_TASK_ROOT, process.env.AWS_LAMBDA_FUNCTION_NAME, process.env.OWN] })) }`,
      { OWN: 'mine' },
    )
    expect(essence(await invoke({ n: 1 }))).toEqual({
      ok: true,
      value: {
        id: 'request-1',
        event: { n: 1 },
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:it',
        trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
        left: true,
        env: ['app.Handler', root, 'it', 'mine'],
      },
    })
  })

  it('may be a script of the shell', async () => {
    const root = folderWith({
      bootstrap: `#!/bin/sh
set -eu
while true; do
  HEADERS="$(mktemp)"
  EVENT=$(curl -sS -LD "$HEADERS" "http://\${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next")
  ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  rm "$HEADERS"
  curl -sS -o /dev/null "http://\${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$ID/response" -d "{\\"got\\":$EVENT}"
done
`,
    })
    const { invoke } = functionsOf({ it: { command: 'sh ./bootstrap', root } })
    expect(essence(await invoke('it', { n: 1 }))).toEqual({ ok: true, value: { got: { n: 1 } } })
    expect(essence(await invoke('it', { n: 2 }))).toEqual({ ok: true, value: { got: { n: 2 } } })
  })
})

const answers: readonly (readonly [what: string, code: string, result: object])[] = [
  ['no body', `await post(path + '/response', '')`, { ok: true, value: undefined }],
  ['null', `await post(path + '/response', 'null')`, { ok: true, value: null }],
  ['no JSON', `await post(path + '/response', 'hello')`, { ok: false, error: 'not-json', detail: expect.any(String) }],
  [
    'more than 6 MB',
    `await post(path + '/response', '"' + 'x'.repeat(6 * 1024 * 1024) + '"')`,
    { ok: false, error: 'too-large', detail: expect.any(String) },
  ],
  [
    'an error',
    `await post(path + '/error', '{"errorType":"Sad","errorMessage":"so sad","stackTrace":[]}')`,
    { ok: false, error: 'function', detail: 'Sad: so sad' },
  ],
  [
    'an error in its header alone',
    `await post(path + '/error', '', { 'lambda-runtime-function-error-type': 'Runtime.Sad' })`,
    { ok: false, error: 'function', detail: 'Runtime.Sad' },
  ],
  [
    'the next question instead',
    'await next()',
    { ok: false, error: 'function', detail: expect.stringMatching(/had not answered/) },
  ],
  ['its end', 'process.exit(9)', { ok: false, error: 'function', detail: 'its process ended with code 9' }],
]

describe('a bootstrap that answers with', () => {
  it.each(answers)('%s', async (_what, code, result) => {
    const { invoke } = bootstrapOf(
      `for (;;) { const { id } = await next(); const path = '/invocation/' + id; ${code} }`,
    )
    expect(essence(await invoke({}))).toEqual(result)
  })
})

const refused: readonly (readonly [what: string, code: string, status: number])[] = [
  ['an answer to another request', `await post('/invocation/other/response', '{}')`, 400],
  [
    'a second answer',
    `(await post('/invocation/' + id + '/error', '{}'), await post('/invocation/' + id + '/response', '{}'))`,
    400,
  ],
  ['an unknown resource', `await fetch(base + '/restore/next')`, 404],
  ['an ID that cannot be decoded', `await post('/invocation/%/response', '{}')`, 400],
]

describe('a bootstrap is refused for', () => {
  it.each(refused)('%s', async (_what, code, status) => {
    const { invoke, lines } = bootstrapOf(
      `for (;;) { const { id } = await next(); const { status } = ${code}; console.log('status ' + status); await post('/invocation/' + id + '/response', '{}') }`,
    )
    await invoke({})
    // It asks for the next event after it has printed.
    await invoke({})
    expect(lines.map(({ text }) => text)).toContain(`status ${status}`)
  })

  it('two questions at once', async () => {
    const { invoke, lines } = bootstrapOf(
      `const { id } = await next(); await post('/invocation/' + id + '/response', '1')
       const first = next(); await new Promise((go) => setTimeout(go, 100)); const { status } = await fetch(base + '/invocation/next')
       console.log('status ' + status); const second = await first; await post('/invocation/' + second.id + '/response', '2')`,
    )
    await invoke({})
    await expect.poll(() => lines.map(({ text }) => text)).toContain('status 403')
    expect(essence(await invoke({}))).toEqual({ ok: true, value: 2 })
  })
})

const broken: readonly (readonly [what: string, code: string, detail: RegExp])[] = [
  [
    'says so',
    `await post('/init/error', '{"errorType":"Runtime.Nope","errorMessage":"no way"}'); process.exit(1)`,
    /^Runtime.Nope: no way$/,
  ],
  [
    'ends',
    `console.error('where is my table?'); process.exit(2)`,
    /^its process ended with code 2: where is my table\?$/,
  ],
]

describe('a bootstrap cannot start when it', () => {
  it.each(broken)('%s', async (_what, code, detail) => {
    const { invoke } = bootstrapOf(code)
    expect(essence(await invoke({}))).toEqual({
      ok: false,
      error: 'unreachable',
      detail: expect.stringMatching(detail),
    })
  })
})
