/**
 * The few lines of a session description that we read, of the session and of each m= section. By hand, because every call brings one;
 * a general reader tries dozens of grammars on each line. Tolerant: what cannot be read is as if it were not there.
 */
export type Attributes = {
  /** Of the c= line, as written. */
  address?: string
  direction?: string
  /** From a=rtpmap, by payload number: the last one wins not, the first does. */
  readonly maps: RtpMap[]
  rtcp?: Readonly<{ port: number | undefined; address: string | undefined }>
  ptime?: number | undefined
  maxptime?: number | undefined
}

export type RtpMap = Readonly<{ payloadType: number; name: string; rate: number | undefined }>

/** `head` is the m= line without its `m=`. */
export type MediaLines = Attributes & Readonly<{ head: string }>

export type DescriptionLines = Readonly<{ session: Attributes; media: readonly MediaLines[] }>

export function readLines(text: string): DescriptionLines {
  const session: Attributes = { maps: [] }
  const media: MediaLines[] = []
  let at: Attributes = session
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.charCodeAt(1) !== 0x3d) continue
    switch (line[0]) {
      case 'm': {
        const section = { head: line.slice(2), maps: [] }
        media.push(section)
        at = section
        break
      }
      case 'c': {
        const address = /^c=IN IP\d (\S*)/.exec(line)?.[1]
        if (address !== undefined) at.address = address
        break
      }
      case 'a':
        readAttribute(line.slice(2), at)
    }
  }
  return { session, media }
}

function readAttribute(attribute: string, at: Attributes): void {
  const colon = attribute.indexOf(':')
  const value = attribute.slice(colon + 1)
  switch (colon < 0 ? attribute.trimEnd() : attribute.slice(0, colon)) {
    case 'rtpmap': {
      const map = /^(\d+) ([\w.-]*)(?:\s*\/(\d*))?/.exec(value)
      if (map === null) return
      const payloadType = numberOf(map[1])
      if (payloadType !== undefined) at.maps.push({ payloadType, name: map[2] as string, rate: numberOf(map[3]) })
      return
    }
    case 'ptime':
      at.ptime = numberOf(/^[\d.]*/.exec(value)?.[0])
      return
    case 'maxptime':
      at.maxptime = numberOf(/^[\d.]*/.exec(value)?.[0])
      return
    case 'rtcp': {
      const rtcp = /^(\d*)(?: \S* IP\d (\S*))?/.exec(value)
      at.rtcp = { port: numberOf(rtcp?.[1]), address: rtcp?.[2] }
      return
    }
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      at.direction = attribute.trimEnd()
  }
}

/** Only in its plain spelling: `007` and `1e3` are no numbers here. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return String(value) === text ? value : undefined
}
