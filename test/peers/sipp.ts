/** sipp: one run of one of our scenarios. */
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Program, startProgram } from './children.ts'
import { freePort } from './places.ts'
import { until } from './waiting.ts'
import type { Wire } from './wire.ts'

export type Transport = 'udp' | 'tcp'

export type Run = Readonly<{
  /** Port that it speaks from. */
  port: number
  /** Of its call, if it makes one. */
  callId: string
  /** When it is over. Rejects if the call did not go as its scenario says. */
  done: Promise<void>
  stop(): Promise<void>
  /** It hears and says nothing until `thaw`: what comes meanwhile waits in its socket. */
  freeze(): void
  thaw(): void
}>

export type Order = Readonly<{
  /** A file of `test/peers/sipp`, without `.xml`. */
  scenario: string
  /** User part of the address that it calls. */
  to?: string
  /** Fill the scenario's `{{gaps}}`. */
  gaps?: Readonly<Record<string, string | number>>
  transport?: Transport
  /** Where it listens, for scenarios of callees; otherwise any port. */
  port?: number
  calls?: number
  /** Calls per second. */
  rate?: number
  /** Most calls at once. */
  atOnce?: number
  /** Seconds for all of it. */
  limit?: number
  more?: readonly string[]
}>

let runs = 0

/** Starts sipps of one test file: they all speak with one server. */
export class Sipp {
  readonly #server: string
  readonly #folder: string
  readonly #wire: Wire
  readonly #running = new Set<Program>()

  constructor(server: { sipAddress: string }, folder: string, wire: Wire) {
    this.#server = server.sipAddress
    this.#folder = folder
    this.#wire = wire
  }

  async start(order: Order): Promise<Run> {
    const { calls = 1, transport = 'udp', limit = 60 } = order
    const number = ++runs
    const port = order.port ?? (await freePort())
    const base = `${this.#folder}/${number}-${order.scenario}`
    const id = `peer-${process.pid}-${number}`
    await writeFile(`${base}.xml`, await rendered(order))
    this.#wire.logOf(port, `${base}.log`)
    const options = [
      ['-sf', `${base}.xml`],
      ['-i', '127.0.0.1', '-p', String(port), '-bind_local'],
      ['-t', transport === 'udp' ? 'u1' : 't1'],
      ['-m', String(calls), '-r', String(order.rate ?? 10)],
      order.atOnce === undefined ? [] : ['-l', String(order.atOnce)],
      ['-cid_str', `${id}-%u`],
      ['-timeout', `${limit}s`, '-timeout_error', '-nostdin', '-deadcall_wait', '0', '-max_retrans', '12'],
      ['-trace_err', '-error_file', `${base}.err`],
      calls <= 50 ? ['-trace_msg', '-message_file', `${base}.log`] : [],
      order.more ?? [],
    ]
    let child: Program | undefined
    const done = (async () => {
      for (let attempt = 1; ; attempt++) {
        child = startProgram('sipp', [
          this.#server,
          ...options.flat(),
          '-mp',
          String(mediaPort()),
          '-cp',
          String(await freePort()),
        ])
        const { code, screen } = await this.#over(child)
        if (code === 0) return
        const why = complaint(base)
        // Another program was faster with one of its ports. It has sent nothing.
        if (why.includes('Unable to bind') && attempt < 5) continue
        throw new Error(`sipp ${order.scenario} ended with ${code}\n${why || screen}`)
      }
    })()
    // Whoever started it asks later.
    done.catch(() => {})
    if (order.port !== undefined) await Promise.race([until('sipp to listen', () => listens(port)), done])
    const stop = async () => {
      child?.kill('SIGKILL')
      await done.catch(() => {})
    }
    const freeze = () => void child?.kill('SIGSTOP')
    const thaw = () => void child?.kill('SIGCONT')
    return { port, callId: `${id}-1`, done, stop, freeze, thaw }
  }

  async #over(child: Program): Promise<{ code: number | null; screen: string }> {
    this.#running.add(child)
    let screen = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('latin1').on('data', (text: string) => {
        screen = (screen + text).slice(-3000)
      })
    }
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
    this.#running.delete(child)
    return { code, screen }
  }

  /** Runs to its end. */
  async run(order: Order): Promise<Run> {
    const run = await this.start(order)
    await run.done
    return run
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#running].map((child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGKILL')
        return gone
      }),
    )
  }
}

/** As the system sees it: to knock would be a message. */
function listens(port: number): boolean {
  return readFileSync('/proc/net/udp', 'latin1').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `)
}

let lastMediaPort = 30_000

/** sipp takes this port and the next even one: above the server's own, below those that systems choose from. */
function mediaPort(): number {
  for (;;) {
    lastMediaPort = lastMediaPort >= 32_700 ? 30_000 : lastMediaPort + 4
    if (![0, 1, 2, 3].some((more) => listens(lastMediaPort + more))) return lastMediaPort
  }
}

function complaint(base: string): string {
  try {
    return readFileSync(`${base}.err`, 'latin1').slice(0, 3000)
  } catch {
    return ''
  }
}

const sdp = (direction: string) =>
  [
    'v=0',
    'o=peer 1 1 IN IP4 [local_ip]',
    's=-',
    'c=IN IP4 [media_ip]',
    't=0 0',
    'm=audio [media_port] RTP/AVP 0 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    `a=${direction}`,
  ].join('\n')

/** What all scenarios of a caller share. */
const shared: Readonly<Record<string, string>> = {
  via: 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70',
  contact: 'Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>',
  // Of a caller's first request, and of the CANCEL that must repeat it.
  first:
    'From: "Peer" <sip:peer@[local_ip]:[local_port]>;tag=[pid]t[call_number]\nTo: <sip:{{to}}@[remote_ip]:[remote_port]>\nCall-ID: [call_id]',
  // Of its requests once it has learnt the server's tag.
  ids: 'From: "Peer" <sip:peer@[local_ip]:[local_port]>;tag=[pid]t[call_number]\nTo: <sip:{{to}}@[remote_ip]:[remote_port]>[peer_tag_param]\nCall-ID: [call_id]',
  // Of a callee's responses.
  copied: '[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]t[call_number]\n[last_Call-ID:]\n[last_CSeq:]',
  // Of the response to an INVITE whose CANCEL came last.
  invited: '[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]t[call_number]\n[last_Call-ID:]\nCSeq: 1 INVITE',
  // Of anybody's answer to a request inside the dialog.
  answered: '[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0',
  empty: 'Content-Length: 0',
  sdp: `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp('sendrecv')}`,
  hold: `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp('sendonly')}`,
}

/** Fills the gaps. A line that is nothing but an empty gap goes away. */
async function rendered({ scenario, to = '', gaps = {} }: Order): Promise<string> {
  let text = await readFile(fileURLToPath(new URL(`./sipp/${scenario}.xml`, import.meta.url)), 'utf8')
  const words: Record<string, string | number> = { ...shared, to, reason: '', extra: '', ...gaps }
  for (let rounds = 0; rounds < 3; rounds++) {
    text = text.replace(/^[ \t]*\{\{(\w+)\}\}[ \t]*\n/gm, (_, name) => (words[name] === '' ? '' : `{{${name}}}\n`))
    text = text.replace(/\{\{(\w+)\}\}/g, (_, name) => {
      const word = words[name]
      if (word === undefined) throw new Error(`${scenario}.xml needs "${name}"`)
      return String(word)
    })
  }
  return text
}
