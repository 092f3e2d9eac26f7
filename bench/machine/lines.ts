import { closeSync, existsSync, openSync, readSync } from 'node:fs'

/** A file that another program writes: each call of `read` gives the whole lines that came since the last one. */
export class Lines {
  readonly #path: string
  readonly #chunk = Buffer.alloc(1 << 16)
  #offset = 0
  #rest = ''

  constructor(path: string) {
    this.#path = path
  }

  read(): string[] {
    if (!existsSync(this.#path)) return []
    const file = openSync(this.#path, 'r')
    try {
      let text = this.#rest
      for (;;) {
        const bytes = readSync(file, this.#chunk, 0, this.#chunk.length, this.#offset)
        if (bytes === 0) break
        this.#offset += bytes
        text += this.#chunk.toString('latin1', 0, bytes)
      }
      const lines = text.split('\n')
      this.#rest = lines.pop() ?? ''
      return lines
    } finally {
      closeSync(file)
    }
  }
}
