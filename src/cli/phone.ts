/** The built-in phone of `onhook call`: a caller like any other, at the server's SIP address. */
import { loadConfig } from '../config/load.ts'
import { CommandError, type Io } from './io.ts'

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

/** @returns the exit code: 0 if it was answered. */
export async function callAsPhone(options: PhoneOptions, io: Io): Promise<number> {
  const uri = phoneTarget(options, io)
  throw new CommandError(`the built-in phone is not in this version; call ${uri} with any softphone`, 'cli.no-phone')
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
