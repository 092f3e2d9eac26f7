/** Aligned, coloured text for people. */
import { stripVTControlCharacters, styleText } from 'node:util'
import type { Io } from './io.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
export type Paint = (style: Style, text: string) => string

/** Colour on a terminal, unless NO_COLOR is set; FORCE_COLOR wins. */
export function painter(io: Io, stream: { isTTY?: boolean } = io.stdout): Paint {
  const { NO_COLOR, FORCE_COLOR } = io.env
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0'
  const wanted = forced || (stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === ''))
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}

/** Columns as wide as their widest cell; the last one is not padded. Cells may be painted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const clean = rows.map((row) => row.map(printable))
  const widths = head.map((name, column) => Math.max(name.length, ...clean.map((row) => width(row[column] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell + ' '.repeat(widths[column]! - width(cell))))
      .join('  ')
      .trimEnd()
  return [paint('dim', line(head)), ...clean.map(line)].join('\n')
}

function width(text: string): number {
  return stripVTControlCharacters(text).length
}

/** Text from outside must not steer the terminal: control characters are shown, colours of ours are kept. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (mark, at: number) =>
    mark === sgr && /^\[\d{1,2}m/.test(text.slice(at + 1, at + 5))
      ? mark
      : `\\x${mark.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

const sgr = '\u001b'

/** `2026-11-20 10:00:01`, local time. */
export function moment(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min` */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
