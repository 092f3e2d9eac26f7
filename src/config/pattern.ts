/** Numbers and users as routes name them: exact, or with `*` for any run of characters. No regular expressions. */

export function isExact(pattern: string): boolean {
  return !pattern.includes('*')
}

/** `+15551234` and `15551234` are the same number: carriers send either. Names keep every character. */
export function plainNumber(text: string): string {
  return text.charCodeAt(0) === 0x2b /* + */ ? text.slice(1) : text
}

/** Compiles a pattern; matching takes linear time whatever the pattern. */
export function matcher(pattern: string): (text: string) => boolean {
  const pieces = plainNumber(pattern).split('*')
  const head = pieces[0]!
  if (pieces.length === 1) return (text) => plainNumber(text) === head
  const tail = pieces.at(-1)!
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '')
  return (given) => {
    const text = plainNumber(given)
    if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false
    let from = head.length
    const end = text.length - tail.length
    for (const piece of middle) {
      const at = text.indexOf(piece, from)
      if (at === -1 || at + piece.length > end) return false
      from = at + piece.length
    }
    return true
  }
}
