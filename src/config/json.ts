/**
 * JSON with faults that name line and column. The engine's own messages quote the text, which may hold a secret, and
 * often leave the place out; and it takes a key twice without a word.
 */

export type JsonRead =
  | Readonly<{ ok: true; value: unknown }>
  | Readonly<{ ok: false; message: string; remedy?: string }>

export function readJson(source: string): JsonRead {
  const text = source.replace(/^\uFEFF/, '')
  const found = new Scanner(text).scan()
  if (found === null) return { ok: true, value: JSON.parse(text) }
  const before = text.slice(0, found.at)
  const line = before.split('\n').length
  const column = before.length - before.lastIndexOf('\n')
  const message = `line ${line}, column ${column}: ${found.message}`
  return found.remedy === undefined ? { ok: false, message } : { ok: false, message, remedy: found.remedy }
}

class JsonFault {
  readonly at: number
  readonly message: string
  readonly remedy: string | undefined

  constructor(at: number, message: string, remedy?: string) {
    this.at = at
    this.message = message
    this.remedy = remedy
  }
}

const deepest = 64

/** Walks the grammar of RFC 8259 and builds nothing. */
class Scanner {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  scan(): JsonFault | null {
    try {
      this.#value()
      this.#blanks()
      if (this.#at < this.#text.length) this.#fail('expected the end of the file')
      return null
    } catch (error) {
      if (error instanceof JsonFault) return error
      throw error
    }
  }

  #value(): void {
    this.#blanks()
    const next = this.#text[this.#at]
    if (next === '{' || next === '[') {
      if (++this.#depth > deepest) this.#fail('nested too deeply')
      if (next === '{') this.#object()
      else this.#array()
      this.#depth--
      return
    }
    if (next === '"') this.#string()
    else if (!this.#take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y)) this.#fail('expected a value')
  }

  #object(): void {
    const keys = new Set<string>()
    this.#at++
    if (this.#closes('}')) return
    do {
      this.#blanks()
      const start = this.#at
      if (this.#text[start] === '}') this.#fail('a comma before "}"', 'Remove the comma')
      if (this.#text[start] !== '"') this.#fail('expected a key in double quotes')
      this.#string()
      const key = this.#text.slice(start, this.#at)
      if (keys.has(key)) throw new JsonFault(start, `the key ${key} is there twice`)
      keys.add(key)
      this.#blanks()
      if (this.#text[this.#at] !== ':') this.#fail('expected ":"')
      this.#at++
      this.#value()
    } while (this.#continues('}'))
  }

  #array(): void {
    this.#at++
    if (this.#closes(']')) return
    do {
      this.#blanks()
      if (this.#text[this.#at] === ']') this.#fail('a comma before "]"', 'Remove the comma')
      this.#value()
    } while (this.#continues(']'))
  }

  #closes(mark: string): boolean {
    this.#blanks()
    if (this.#text[this.#at] !== mark) return false
    this.#at++
    return true
  }

  #continues(mark: string): boolean {
    if (this.#closes(mark)) return false
    if (this.#text[this.#at] !== ',') this.#fail(`expected "," or "${mark}"`)
    this.#at++
    return true
  }

  #string(): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no raw control characters
    const whole = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y
    if (!this.#take(whole)) this.#fail('a string that does not end, or holds a wrong escape')
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }

  #blanks(): void {
    this.#take(/[ \t\r\n]*/y)
    if (this.#text[this.#at] === '/') this.#fail('JSON has no comments', 'Remove the comment')
  }

  #fail(message: string, remedy?: string): never {
    if (this.#at >= this.#text.length) throw new JsonFault(this.#at, 'the file ends too early')
    throw new JsonFault(this.#at, message, remedy)
  }
}
