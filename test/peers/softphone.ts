/** What the tests ask of a softphone, whichever it is. */
export interface Softphone {
  readonly name: 'baresip' | 'linphonec'
  /** Port that it speaks SIP from. */
  readonly port: number
  /** Resolves when the registrar has taken it. */
  register(user: string, password: string): Promise<void>
  call(to: string): void
  answer(): void
  /** Ends a call in whatever state: cancels, declines, hangs up. */
  hangup(): void
  hold(): void
  resume(): void
  /** A call rings here. */
  rung(): Promise<void>
  /** A call is established, with sound. */
  talking(): Promise<void>
  /** The call is over; gives what the phone says of it. */
  over(): Promise<string>
  /** Sound files of what it heard so far; written when the call is over. */
  heard(): Promise<string[]>
  /** As a power cut does. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Text that grows, read once from front to back. */
export class Transcript {
  text = ''
  #read = 0

  add(text: string): void {
    this.text += text
  }

  /** The first match that has not been read yet; what stood before it will not be read again. */
  next(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.text.slice(this.#read))
    if (match === null) return undefined
    this.#read += match.index + match[0].length
    return match
  }
}
