/** What really went over the wire, as tshark reads it on the loopback; where it may not capture, as sipp logged it. */
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { lives, type Program, startProgram } from './children.ts'
import { installed } from './programs.ts'
import { pause, until, within } from './waiting.ts'

export type Packet = Readonly<{
  /** Milliseconds since the epoch. */
  at: number
  /** `<` from the server, `>` to it. */
  way: '<' | '>'
  /** Port of the peer. */
  peer: number
  /** `INVITE sip:… SIP/2.0` or `SIP/2.0 200 OK`. */
  line: string
  /** Method of a request, status of a response. */
  head: string
  /** Method in CSeq. */
  method: string
  callId: string
  body: string
  header(name: string): string | undefined
  headers(name: string): string[]
}>

const several = '\u001e'
const fields = ['frame.time_epoch', 'udp.srcport', 'udp.dstport', 'tcp.srcport', 'tcp.dstport']
const message = ['sip.Request-Line', 'sip.Status-Line', 'sip.msg_hdr', '_ws.malformed']

export class Wire {
  readonly #port: number
  readonly #tshark: Program | undefined
  readonly #logs = new Map<number, string>()
  #packets: Packet[] = []
  /** Messages that tshark could not make sense of. */
  readonly malformed: string[] = []

  private constructor(port: number, tshark: Program | undefined) {
    this.#port = port
    this.#tshark = tshark
    if (tshark !== undefined) createInterface(tshark.stdout).on('line', (line) => this.#read(line))
  }

  /** Reads everything from and to the server's SIP port, from now on. */
  static async listen(port: number): Promise<Wire> {
    if (!installed('tshark')) return Wire.#withoutCapture(port, 'tshark is missing, or may not capture')
    const said = `${port},sip`
    const options = ['-i', 'lo', '-l', '-n', '-f', `port ${port}`, '-d', `udp.port==${said}`, '-d', `tcp.port==${said}`]
    const columns = [...fields, ...message].flatMap((field) => ['-e', field])
    const shape = ['-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', `aggregator=${several}`]
    const tshark = startProgram('tshark', [...options, ...shape, ...columns])
    const wire = new Wire(port, tshark)
    const failed = new Promise<never>((_, reject) => {
      let complaint = ''
      tshark.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint += text
      })
      tshark.once('exit', () => reject(new Error(complaint)))
    })
    try {
      await within('tshark to capture', Promise.race([wire.#awake(), failed]), 20_000)
      return wire
    } catch (error) {
      await wire.close()
      return Wire.#withoutCapture(port, String(error))
    }
  }

  /** Reads nothing: where only the counts matter. */
  static deaf(port: number): Wire {
    return new Wire(port, undefined)
  }

  static #withoutCapture(port: number, why: string): Wire {
    process.stderr.write(`The wire is read from sipp's own logs: ${why.trim().split('\n').at(-1)}\n`)
    return new Wire(port, undefined)
  }

  /** Knocks until its own knocking is seen: only then nothing is missed. */
  async #awake(): Promise<void> {
    const socket = createSocket('udp4')
    try {
      // Not from the server, so nobody answers: an ACK never is (RFC 3261 §17).
      const knock = `ACK sip:nobody@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKknock\r\nMax-Forwards: 0\r\nFrom: <sip:knock@127.0.0.1>;tag=k\r\nTo: <sip:nobody@127.0.0.1>;tag=n\r\nCall-ID: knock\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n`
      while (this.#packets.length === 0) {
        socket.send(knock, this.#port, '127.0.0.1')
        await pause(100)
      }
    } finally {
      socket.close()
    }
    this.#packets = []
  }

  #read(line: string): void {
    const [time = '', ...rest] = line.split('\t')
    const [udpFrom, udpTo, tcpFrom, tcpTo, requests = '', statuses = '', texts = '', malformed = ''] = rest
    const source = Number(udpFrom || tcpFrom)
    const peer = source === this.#port ? Number(udpTo || tcpTo) : source
    if (malformed !== '') this.malformed.push(line)
    if (texts === '') return
    const lines = { request: requests.split(several), status: statuses.split(several) }
    for (const text of texts.split(several)) {
      // A segment may hold several messages. Of ours and of sipp's, requests alone have Max-Forwards.
      const kind = requests === '' ? 'status' : statuses === '' || /\\nMax-Forwards/i.test(text) ? 'request' : 'status'
      const head = (lines[kind].shift() ?? '').replace(/\\r\\n$/, '')
      const way = source === this.#port ? '<' : '>'
      const [headers = '', body = ''] = text.replaceAll('\\r\\n', '\n').split('\n\n', 2)
      this.#packets.push(packet(Number(time) * 1000, way, peer, head, headers.split('\n'), body))
    }
  }

  /** Where the sipp at a port logs its messages: read if nothing can be captured. */
  logOf(peer: number, file: string): void {
    this.#logs.set(peer, file)
  }

  /** All messages from and to one peer's port, retransmissions included, in order. */
  packets(peer: number): readonly Packet[] {
    const log = this.#logs.get(peer)
    if (this.#tshark === undefined && log !== undefined) return readLog(peer, log)
    return this.#packets.filter((each) => each.peer === peer)
  }

  /** Waits until a peer's messages hold what is looked for. */
  until<T>(what: string, peer: number, look: (packets: readonly Packet[]) => T | undefined | false, limit?: number) {
    return until(
      () => `${what}; on the wire:\n${this.ladder(peer).join('\n')}`,
      () => look(this.packets(peer)),
      limit,
    )
  }

  /**
   * One line for each message of a peer, without retransmissions: `> INVITE`, `< 486 INVITE Q.850;cause=17`. Without 100s too:
   * they speak for one hop, and only if the answer is not there at once. Messages that the peer has just sent or got may
   * not be here yet: `settled` waits.
   */
  ladder(peer: number, counts: (packet: Packet) => boolean = () => true): string[] {
    const seen = new Set<string>()
    const lines: string[] = []
    for (const each of this.packets(peer).filter(counts)) {
      const identity = [each.way, each.line, each.header('via'), each.header('cseq'), each.header('to')].join('\n')
      if (each.head === '100' || seen.has(identity)) continue
      seen.add(identity)
      lines.push(rung(each))
    }
    return lines
  }

  /** The ladder, once it is as expected; or as it is when that takes too long. */
  async settled(peer: number, expected: readonly string[], limit = 5000): Promise<string[]> {
    const same = () => JSON.stringify(this.ladder(peer)) === JSON.stringify(expected)
    await until('the ladder', same, limit).catch(() => {})
    return this.ladder(peer)
  }

  async close(): Promise<void> {
    const tshark = this.#tshark
    if (tshark === undefined || !lives(tshark)) return
    const gone = new Promise((resolve) => tshark.once('exit', resolve))
    tshark.kill('SIGTERM')
    await within('tshark to end', gone)
  }
}

export function rung({ way, line, head, method, headers }: Packet): string {
  const what = line.startsWith('SIP/') ? `${head} ${method}` : head
  return [way, what, ...headers('reason')].join(' ')
}

function packet(
  at: number,
  way: '<' | '>',
  peer: number,
  line: string,
  lines: readonly string[],
  body: string,
): Packet {
  const headers = (name: string) =>
    lines.filter((each) => each.toLowerCase().startsWith(`${name}:`)).map((each) => each.slice(name.length + 1).trim())
  const header = (name: string) => headers(name)[0]
  return {
    at,
    way,
    peer,
    line,
    head: line.split(' ')[line.startsWith('SIP/') ? 1 : 0] ?? '',
    method: header('cseq')?.split(/\s+/)[1] ?? '',
    callId: header('call-id') ?? '',
    body,
    header,
    headers,
  }
}

/** A sipp message log: a line of dashes with the time, one that says the direction, an empty one, the message. */
function readLog(peer: number, file: string): Packet[] {
  if (!existsSync(file)) return []
  const packets: Packet[] = []
  for (const part of readFileSync(file, 'latin1')
    .split(/^-{20,} /m)
    .slice(1)) {
    const [time = '', what = '', , ...text] = part.split(/\r?\n/)
    const end = text.indexOf('', 1)
    const [line = '', ...lines] = text.slice(0, end)
    const way = what.includes('sent') ? '>' : '<'
    packets.push(packet(Date.parse(time.trim()), way, peer, line, lines, text.slice(end + 1).join('\n')))
  }
  return packets
}
