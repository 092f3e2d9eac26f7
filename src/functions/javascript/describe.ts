import { dirname } from 'node:path'
import { inspect } from 'node:util'

/** A fault as one line for people: its kind, its words, and where in the customer's own files it arose. */
export function describe(fault: unknown, file: string): string {
  if (!(fault instanceof Error))
    return typeof fault === 'string' ? fault : inspect(fault, { depth: 2, breakLength: Infinity })
  const missing = missingModule(fault)
  if (missing !== undefined) {
    const hint = missing === 'aws-sdk' ? ' (AWS’s old SDK, version 2)' : ''
    return `the module "${missing}"${hint} is not installed in ${dirname(file)}: npm install ${missing}`
  }
  const place = placeOf(fault, dirname(file))
  return `${fault.name}: ${fault.message.split('\nRequire stack:')[0]}${place === undefined ? '' : ` (${place})`}`
}

/** The package that a file asks for and that is not there; undefined if something else is wrong, or a file is missing. */
function missingModule(fault: Error): string | undefined {
  const code = 'code' in fault ? fault.code : undefined
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') return undefined
  const name = /^Cannot find (?:module|package) '([^']+)'/.exec(fault.message)?.[1]
  if (name === undefined || /^([./]|file:)/.test(name)) return undefined
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

function placeOf({ stack = '' }: Error, folder: string): string | undefined {
  // Node puts the place of a syntax error on the first line, all others after an "at".
  const first = /^(?:file:\/\/)?(\/[^\n]*?:\d+)\n/.exec(stack)?.[1]
  if (first !== undefined) return first
  for (const line of stack.split('\n')) {
    const place = /\(?(?:file:\/\/)?(\/[^()\n]+:\d+:\d+)\)?$/.exec(line.trim())?.[1]
    if (place?.startsWith(`${folder}/`) && !place.includes('/node_modules/')) return place.slice(folder.length + 1)
  }
  return undefined
}
