/** One line for what a server logs, as people follow it beside what happens to its calls. */
import { moment, type Paint } from './terminal.ts'

type Logged = Readonly<{
  level: string
  time: string
  msg?: string
  call?: string
  code?: string
  place?: string
  message?: string
  detail?: string
  err?: Readonly<{ message?: string; code?: string; remedy?: string }>
}>

const styles: Readonly<Record<string, 'red' | 'yellow'>> = { warn: 'yellow', error: 'red', fatal: 'red' }
const words: Readonly<Record<string, string>> = { warn: 'warning' }

/** `line` is one of the log's own, in JSON. */
export function logText(line: string, paint: Paint): string {
  const { level, time, call, msg, message, detail, err, ...rest } = JSON.parse(line) as Logged
  const what = message ?? detail ?? err?.message ?? msg ?? ''
  const about = [rest.code ?? err?.code, rest.place].filter((part) => part !== undefined)
  const word = words[level] ?? level
  return [
    paint('dim', moment(Date.parse(time)).slice(11)),
    ...(call === undefined ? [] : [call]),
    `${paint(styles[level] ?? 'dim', word)}: ${what}${err?.remedy === undefined ? '' : `; ${err.remedy}`}${about.length === 0 ? '' : paint('dim', ` (${about.join(' at ')})`)}`,
  ].join('  ')
}
