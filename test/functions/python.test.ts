/** Python handlers run untouched with any Python of 3.8 or newer, and nothing installed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { essence, folderWith, functionsOf } from './workbench.ts'

function pythonOf(files: Readonly<Record<string, string>>, handler = 'app.lambda_handler') {
  const root = folderWith(files)
  const { invoke, ...rest } = functionsOf({ it: { runtime: 'python3', handler, root } })
  return { ...rest, root, invoke: (event: unknown) => invoke('it', event) }
}

const counting = `
import os, sys
count = 0
def lambda_handler(event, context):
    global count
    count += 1
    if event.get("exit"): sys.exit(4)
    if event.get("fail"): raise KeyError("Status")
    if event.get("odd"): return {1, 2}
    if event.get("empty"): return ()
    return {"count": count, "name": context.function_name, "id": context.aws_request_id, "cwd": os.getcwd(),
            "left": 10000 < context.get_remaining_time_in_millis() <= 15000, "zone": os.environ["TZ"]}
`

describe('a Python handler', () => {
  it('gets its event and context, and stays warm', async () => {
    const { invoke, root } = pythonOf({ 'app.py': counting })
    await invoke({})
    const value = { count: 2, name: 'it', id: 'request-2', cwd: root, left: true, zone: 'UTC' }
    expect(essence(await invoke({}))).toEqual({ ok: true, value })
  })

  it('that returns an empty tuple answers with an empty list', async () => {
    const { invoke } = pythonOf({ 'app.py': counting })
    expect(essence(await invoke({ empty: 1 }))).toEqual({ ok: true, value: [] })
  })

  it('that raises fails with its exception, and goes on', async () => {
    const { invoke } = pythonOf({ 'app.py': counting })
    expect(essence(await invoke({ fail: 1 }))).toEqual({ ok: false, error: 'function', detail: "KeyError: 'Status'" })
    expect(await invoke({})).toMatchObject({ ok: true, value: { count: 2 } })
  })

  it('that returns what JSON cannot say fails', async () => {
    const { invoke } = pythonOf({ 'app.py': counting })
    expect(await invoke({ odd: 1 })).toMatchObject({
      ok: false,
      error: 'function',
      detail: expect.stringMatching(/^Runtime.MarshalError: .*set/),
    })
  })

  it('that exits fails its job, and starts anew', async () => {
    const { invoke } = pythonOf({ 'app.py': counting })
    expect(essence(await invoke({ exit: 1 }))).toEqual({
      ok: false,
      error: 'function',
      detail: 'its process ended with code 4',
    })
    expect(await invoke({})).toMatchObject({ ok: true, value: { count: 1 } })
  })

  it('prints and logs under the ID of its request', async () => {
    const { invoke, lines } = pythonOf({
      'app.py':
        'import logging\nlogger = logging.getLogger()\nlogger.setLevel(logging.INFO)\ndef lambda_handler(e, c):\n  print("printed")\n  logger.info("logged")\n',
    })
    await invoke({})
    // Its output comes by another way than its answer.
    await expect.poll(() => lines.length).toBe(2)
    expect(lines).toEqual([
      { function: 'it', requestId: 'request-1', stream: 'stdout', text: 'printed' },
      { function: 'it', requestId: 'request-1', stream: 'stdout', text: '[INFO]\tlogged' },
    ])
  })

  it('is found in its file, if there is one that it can be', async () => {
    const root = folderWith({
      'app.py': 'def helper(): pass\nasync_ = 1\ndef handler(event, context): return event["n"] + 1\n',
    })
    const { invoke } = functionsOf({ it: { file: `${root}/app.py` } })
    expect(essence(await invoke('it', { n: 1 }))).toEqual({ ok: true, value: 2 })
  })

  it('imports what lies beside it', async () => {
    const { invoke } = pythonOf({
      'app.py': 'from words import hello\ndef lambda_handler(e, c): return hello()\n',
      'words.py': 'def hello(): return "hello"\n',
    })
    expect(essence(await invoke({}))).toEqual({ ok: true, value: 'hello' })
  })
})

const broken: readonly (readonly [what: string, files: Record<string, string>, handler: string, detail: RegExp])[] = [
  [
    'a module that is not installed',
    { 'app.py': 'import boto_of_nowhere\ndef lambda_handler(e, c): pass\n' },
    'app.lambda_handler',
    /No module named 'boto_of_nowhere': pip install boto_of_nowhere/,
  ],
  [
    'a syntax error',
    { 'app.py': 'def lambda_handler(e, c)\n  pass\n' },
    'app.lambda_handler',
    /^Runtime.UserCodeSyntaxError: .*app\.py:1/,
  ],
  ['no such file', {}, 'app.lambda_handler', /No module named 'app'/],
  ['no such function', { 'app.py': 'x = 1\n' }, 'app.lambda_handler', /^Runtime.HandlerNotFound: /],
  [
    'two that it can be',
    { 'app.py': 'def handler(e, c): pass\ndef lambda_handler(e, c): pass\n' },
    'app',
    /lambda_handler and handler: say which/,
  ],
  [
    'an exception while it loads',
    { 'app.py': 'import os\nos.environ["TABLE_NAME_OF_NOWHERE"]\n' },
    'app.lambda_handler',
    /^KeyError: 'TABLE_NAME_OF_NOWHERE'/,
  ],
]

describe('a Python that has AWS’s own client', () => {
  it('runs the handler by that, called as AWS calls it', async () => {
    const client = `
import json, os, sys, urllib.request
base = 'http://%s/2018-06-01/runtime/invocation/' % os.environ['AWS_LAMBDA_RUNTIME_API']
while True:
    asked = urllib.request.urlopen(base + 'next')
    body = json.dumps({'client': __name__, 'arguments': sys.argv[1:], 'cwd': os.getcwd()}).encode()
    urllib.request.urlopen(base + asked.headers['Lambda-Runtime-Aws-Request-Id'] + '/response', body)
`
    const root = folderWith({ 'app.py': 'def handler(event, context): return "not by this"\n' })
    const site = folderWith({})
    mkdirSync(`${site}/awslambdaric`)
    writeFileSync(`${site}/awslambdaric/__init__.py`, '')
    writeFileSync(`${site}/awslambdaric/__main__.py`, client)
    const { invoke } = functionsOf({ it: { file: `${root}/app.py`, env: { PYTHONPATH: site } } })
    expect(essence(await invoke('it', {}))).toEqual({
      ok: true,
      value: { client: '__main__', arguments: ['app.handler'], cwd: root },
    })
  })
})

describe('a Python handler cannot start for', () => {
  it.each(broken)('%s', async (_what, files, handler, detail) => {
    const { invoke, ready } = pythonOf(files, handler)
    await expect(ready()).rejects.toThrow()
    expect(essence(await invoke({}))).toEqual({
      ok: false,
      error: 'unreachable',
      detail: expect.stringMatching(detail),
    })
  })

  it('want of that Python', async () => {
    const { invoke } = functionsOf({ it: { runtime: 'python-of-nowhere', handler: 'app.lambda_handler' } })
    expect(await invoke('it', {})).toMatchObject({
      ok: false,
      error: 'unreachable',
      detail: expect.stringMatching(/could not be started.*ENOENT/),
    })
  })
})
