/** Python handlers that end their process, or answer what their client cannot write: their caller is told, and the next caller is served. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { breaksForOneCaller } from './broken-handler.ts'

/** What its first call does; the calls after it are answered with 486. */
const handlers: readonly (readonly [what: string, body: string, status: number, cause: string])[] = [
  ['ends its process', 'import sys; sys.exit(3)', 480, 'app-unreachable'],
  ['ends its process at once', 'import os; os._exit(0)', 480, 'app-unreachable'],
  ['raises what is no Exception', 'raise BaseException("x")', 480, 'app-unreachable'],
  ['calls itself without end', 'return lambda_handler(event, context)', 480, 'app-unreachable'],
  ['indexes what is not there', 'return event["CallDetails"]["Participants"][0]["Status"]', 480, 'app-unreachable'],
  ['answers bytes', 'return b"x"', 480, 'app-unreachable'],
  ['answers a set', 'return {"SchemaVersion": "1.0", "Actions": {1, 2}}', 480, 'app-unreachable'],
  ['answers NaN', 'return {"SchemaVersion": "1.0", "n": float("nan")}', 480, 'app-invalid'],
  ['answers a tuple', 'return ()', 480, 'app-invalid'],
  ['answers nothing', 'return None', 480, 'app-invalid'],
  [
    'leaves a thread behind',
    'import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); return BUSY',
    486,
    'busy',
  ],
  ['closes its output', 'import os; os.close(1); os.close(2); return BUSY', 486, 'busy'],
  [
    'has numbers for keys, and a tuple of actions',
    'return {1: 2, **BUSY, "Actions": tuple(BUSY["Actions"])}',
    486,
    'busy',
  ],
]

it.each(handlers)(
  '%s',
  async (_, body, status, cause) => {
    const file = join(temporaryFolder(), 'app.py')
    writeFileSync(
      file,
      `BUSY = {"SchemaVersion": "1.0", "Actions": [{"Type": "Hangup", "Parameters": {"SipResponseCode": "486"}}]}

def lambda_handler(event, context):
    if event["CallDetails"]["Participants"][0]["To"] != "+15550100":
        return BUSY
    ${body}
`,
    )
    await breaksForOneCaller(file, status, cause)
  },
  60_000,
)
