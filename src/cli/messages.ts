import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { elementsOf, parseXmlDocument } from '../dialects/xml.ts'
import { CommandError, type Io } from './io.ts'

/** Bytes of a file, or of standard input where there is no file or the file is `-`. @throws CommandError if it cannot be read */
export async function* bytesOf(file: string | undefined, io: Io): AsyncGenerator<Uint8Array> {
  if (file === undefined || file === '-') return yield* io.stdin
  try {
    yield* createReadStream(resolve(io.cwd, file), { highWaterMark: 1 << 18 })
  } catch (error) {
    throw new CommandError(`${file}: ${error instanceof Error ? error.message : String(error)}`, 'cli.unreadable')
  }
}

export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of bytes) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

/** A line longer than this is no message; without a limit, a file without line breaks would be held in memory. */
export const longestLine = 16 * 1024 * 1024

/** The lines that are not empty, a batch at a time, without holding more than one chunk and one line. @throws CommandError */
export async function* lineBatches(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw new CommandError(`a line is longer than ${longestLine} characters`)
    yield lines.filter(hasText)
  }
  rest += decoder.decode()
  if (hasText(rest)) yield [rest]
}

const hasText = (line: string) => line.trim() !== ''

/**
 * The messages of one input. Usually one; several where they stand one after the other: a JSON array, one JSON value a
 * line, XML documents, or SIP messages.
 */
export function messagesOf(text: string): readonly unknown[] {
  const start = text.replace(/^[\s\uFEFF]+/, '')
  if (start.startsWith('[') || start.startsWith('{')) return jsonMessages(start, text)
  if (start.startsWith('<')) return xmlMessages(start, text)
  const messages = start.split(/(?:\r?\n){2,}(?=SIP\/2\.0 \d{3}|[A-Z]{2,20} \S+ SIP\/2\.0\r?\n)/)
  return messages.length > 1 ? messages : [text]
}

function jsonMessages(start: string, text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(start)
    return Array.isArray(value) ? value : [value]
  } catch {
    const lines = text.split('\n').filter(hasText)
    try {
      return lines.length > 1 ? lines.map((line) => JSON.parse(line)) : [text]
    } catch {
      return [text]
    }
  }
}

function xmlMessages(start: string, text: string): readonly unknown[] {
  // One document is by far the usual case, and the only one that may have a declaration.
  if (/^<\?xml/.test(start) || parseXmlDocument(start, { limits: wide }).ok) return [text]
  const all = parseXmlDocument(`<all>${start}</all>`, { limits: wide })
  if (!all.ok) return [text]
  return elementsOf(all.value).map((element) => element.source.slice(element.start, element.end))
}

const wide = { bytes: 64 * 1024 * 1024, depth: 64, elements: 1_000_000 }
