/** The built-in phone of `onhook call`: a caller like any other, at the server's SIP address. */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { loadConfig } from '../config/load.ts'
import { parseUri } from '../sip/message/uri.ts'
import type { CallEnd } from '../testing/call-progress.ts'
import { ladderText } from '../testing/ladder.ts'
import type { OutgoingCall } from '../testing/outgoing-call.ts'
import { summaryOf } from '../testing/trace.ts'
import { CommandError, exit, type Io, note, print, printJson } from './io.ts'
import { duration } from './terminal.ts'

export type PhoneOptions = Readonly<{
  /** Number or user at the server, or a sip: address of its own. */
  target: string
  json: boolean
  config: string | undefined
  /** `host:port` of the server. */
  sip: string | undefined
  from: string | undefined
  digits: string | undefined
  ringSeconds: number | undefined
  hangupSeconds: number | undefined
}>

/** Reason of a caller that gave up ringing: no answer from the user (Q.850 §2.2.7). */
const gaveUp = { protocol: 'Q.850', cause: 19 } as const

/** @returns the exit code: 0 if it was answered. */
export async function callAsPhone(options: PhoneOptions, io: Io): Promise<number> {
  const uri = phoneTarget(options, io)
  // Loaded only when somebody really calls.
  const { createPhone } = await import('../testing/phone.ts')
  const phone = await createPhone({ host: await localAddressTo(uri), transport: transportOf(uri) })
  try {
    const call = await phone.call(uri, options.from === undefined ? {} : { from: options.from })
    note(io, `calling ${uri}: Ctrl-C hangs up`)
    return await stayOn(call, options, io)
  } finally {
    await phone.close()
  }
}

async function stayOn(call: OutgoingCall, options: PhoneOptions, io: Io): Promise<number> {
  const { digits, ringSeconds, hangupSeconds, json, target } = options
  const began = performance.now()
  let answered: number | undefined
  const alarms: NodeJS.Timeout[] = []
  const later = (seconds: number, ring: () => void) => alarms.push(setTimeout(ring, seconds * 1000))
  if (ringSeconds !== undefined) later(ringSeconds, () => call.cancel(gaveUp))
  const ended = new Promise<CallEnd>((resolve) => {
    call.onState((state) => {
      if (state.name === 'ended') resolve(state.end)
      else if (!json && state.name !== 'ending') note(io, state.name)
      if (state.name !== 'answered') return
      answered = performance.now()
      if (digits !== undefined) void call.press(digits)
      if (hangupSeconds !== undefined) later(hangupSeconds, () => call.hangup())
    })
    if (call.end !== undefined) resolve(call.end)
  })
  let asked = false
  const leave = () => {
    // A second Ctrl-C does not wait for the far end.
    if (asked) call.forget()
    asked = true
    call.hangup()
  }
  const off = [io.onSignal('SIGINT', leave), io.onSignal('SIGTERM', leave)]
  const end = await ended
  for (const unsubscribe of off) unsubscribe()
  for (const alarm of alarms) clearTimeout(alarm)
  const talk = answered === undefined ? 0 : Math.round(performance.now() - answered)
  if (json) {
    const wire = call.trace.map((entry) => `${entry.direction} ${summaryOf(entry)}`)
    printJson(io, { target, answered: answered !== undefined, talk, end, callId: call.callId, wire })
  } else {
    print(io, ladderText(call.trace))
    print(io, `${endText(end)}, after ${duration(answered === undefined ? performance.now() - began : talk)}`)
  }
  return answered === undefined ? exit.failed : exit.done
}

const who = { us: 'ended here', them: 'ended by the other end', nobody: 'failed' } as const

/** `ended by the other end: BYE, Q.850;cause=16` */
function endText({ by, how, status, phrase, reasons, told, detail }: CallEnd): string {
  const what = status === undefined ? how : `${status} ${phrase ?? ''}`.trim()
  const outcome = told === undefined || told === 'delivered' ? [] : [told]
  return `${who[by]}: ${[what, ...reasons, ...(detail === undefined ? [] : [detail]), ...outcome].join(', ')}`
}

function transportOf(uri: string): 'udp' | 'tcp' {
  return /;transport=tcp\b/i.test(uri) ? 'tcp' : 'udp'
}

/** Which of our addresses leads to a URI's host: asked of the system, without sending anything. */
async function localAddressTo(uri: string): Promise<string> {
  const parsed = parseUri(uri)
  if (parsed === undefined || !('host' in parsed)) throw new CommandError(`"${uri}" is no SIP address`, 'cli.bad-sip')
  const host = parsed.host.replace(/^\[|\]$/g, '')
  const { address, family } = await lookup(host).catch(() => {
    throw new CommandError(`"${host}" has no address`, 'cli.bad-sip')
  })
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(9, address, () => resolve(socket.address().address))
    })
  } catch {
    throw new CommandError(`there is no way to ${address}`, 'cli.bad-sip')
  } finally {
    socket.close()
  }
}

/** The address that the phone calls: a number or user is one at the server. */
export function phoneTarget({ target, sip, config }: PhoneOptions, io: Io): string {
  if (/^sips?:/i.test(target)) return target
  return `sip:${target}@${sip ?? serverAddress(config, io)}`
}

function serverAddress(config: string | undefined, io: Io): string {
  const loaded = loadConfig({ ...(config !== undefined && { file: config }), environment: io.env, cwd: io.cwd })
  const socket = loaded.ok ? loaded.config.sip.listen.find(({ transport }) => transport === 'udp') : undefined
  if (!loaded.ok || socket === undefined) return '127.0.0.1:5060'
  const host = ['0.0.0.0', '::'].includes(socket.host) ? (loaded.config.sip.advertised ?? '127.0.0.1') : socket.host
  return `${host.includes(':') ? `[${host}]` : host}:${socket.port}`
}
