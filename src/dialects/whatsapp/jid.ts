/** Addresses of WhatsApp: users, their devices, groups, and calls. */
export type Jid = Readonly<{
  /** Empty for an address that is a server alone. */
  user: string
  /** Which domain the user is of, as some libraries print it; it is no part of the identity. */
  agent?: number
  /** 0 is the phone itself, and not printed. */
  device: number
  server: string
}>

/** Servers whose users have devices. Of all others the user part is opaque: group ids, call ids. */
const deviceServers: ReadonlySet<string> = new Set([
  's.whatsapp.net',
  'c.us',
  'lid',
  'hosted',
  'hosted.lid',
  'bot',
  'interop',
  'msgr',
])

/** What an agent written as `_1` says about the server. */
const domains: Readonly<Record<number, string>> = { 1: 'lid', 128: 'hosted', 129: 'hosted.lid' }

const userPart = /^(.*?)(?:([._])(\d{1,3}))?(?::(\d{1,5}))?$/s

/**
 * Reads an address in every form that is written: `user@server`, `user:device@server`, `user.agent:device@server`,
 * `user_agent:device@server`, a server alone. Null if it is none, e.g. has no server. The domain of `user_1` is folded
 * into the server (`1234_1:3@s.whatsapp.net` is `1234:3@lid`), and the old server `c.us` into `s.whatsapp.net`.
 *
 * @example
 * parseJid('B.12:3@s.whatsapp.net') // { user: 'B', agent: 12, device: 3, server: 's.whatsapp.net' }
 */
export function parseJid(text: string): Jid | null {
  const at = text.lastIndexOf('@')
  if (at === -1) return /^[a-z0-9.]+\.[a-z]+$/.test(text) ? { user: '', device: 0, server: text } : null
  const written = text.slice(at + 1)
  if (!/^[a-z0-9.]+$/.test(written)) return null
  const server = written === 'c.us' ? 's.whatsapp.net' : written
  const user = text.slice(0, at)
  if (!deviceServers.has(written)) return { user, device: 0, server }
  const [, name = '', separator, agentText, deviceText] = userPart.exec(user) ?? []
  if (name === '' && user !== '') return null
  const device = deviceText === undefined ? 0 : Number(deviceText)
  if (agentText === undefined) return { user: name, device, server }
  const agent = Number(agentText)
  const domain = separator === '_' ? domains[agent] : undefined
  return domain === undefined ? { user: name, agent, device, server } : { user: name, device, server: domain }
}

/**
 * The address as the current servers write it: no agent, and no `:0`.
 *
 * @example
 * formatJid({ user: '1555', device: 3, server: 'lid' }) // '1555:3@lid'
 */
export function formatJid({ user, device, server }: Jid): string {
  if (user === '') return server
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`
}

/**
 * The same device; the agent is ignored, as device lists and senders differ in it.
 *
 * @example
 * sameDevice('B.12:3@lid', 'B.0:3@lid') // true
 */
export function sameDevice(a: string, b: string): boolean {
  const first = parseJid(a)
  const second = parseJid(b)
  if (first === null || second === null) return a === b
  return first.user === second.user && first.server === second.server && first.device === second.device
}

/**
 * The same person, as far as two addresses can say: true or false within one server, and null across servers, where
 * it takes a table of which number has which LID.
 *
 * @example
 * sameUser('1555@s.whatsapp.net', '1234@lid') // null
 */
export function sameUser(a: string, b: string): boolean | null {
  const first = parseJid(a)
  const second = parseJid(b)
  if (first === null || second === null) return a === b ? true : null
  return first.server === second.server ? first.user === second.user : null
}

/**
 * The call id of an address of the form `<call-id>@call`.
 *
 * @example
 * callOfAddress('ABC@call') // 'ABC'
 */
export function callOfAddress(text: string): string | null {
  return text.endsWith('@call') ? text.slice(0, -'@call'.length) : null
}
