import { type Params, paramValue, parseParams } from './params.ts'
import { digits, indexOutside, isHost, isToken } from './scan.ts'

/** One Via value (RFC 3261 §20.42). Parameters are read on demand. */
export class Via {
  /** The value as received. */
  readonly raw: string
  /** `SIP/2.0` */
  readonly protocol: string
  /** Upper case: `UDP`, `TCP`, `TLS`, … or whatever it says. */
  readonly transport: string
  /** Without port; an IPv6 address keeps its brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly #paramsAt: number
  #params: Params | undefined
  #branch: string | undefined | null = null

  constructor(
    raw: string,
    protocol: string,
    transport: string,
    host: string,
    port: number | undefined,
    paramsAt: number,
  ) {
    this.raw = raw
    this.protocol = protocol
    this.transport = transport
    this.host = host
    this.port = port
    this.#paramsAt = paramsAt
  }

  get params(): Params {
    this.#params ??= parseParams(this.raw, this.#paramsAt)
    return this.#params
  }

  /** undefined if it is missing or empty. */
  get branch(): string | undefined {
    if (this.#branch === null) this.#branch = this.param('branch') || undefined
    return this.#branch
  }

  /** The address that the receiver saw, if a hop noted it. */
  get received(): string | undefined {
    return this.param('received') || undefined
  }

  /** The port that the receiver saw, if a hop noted it. */
  get rport(): number | undefined {
    return digits(this.param('rport') ?? '', 65535)
  }

  /** True if the sender asked for symmetric response routing (RFC 3581). */
  get wantsRport(): boolean {
    return this.param('rport') !== undefined
  }

  get maddr(): string | undefined {
    return this.param('maddr') || undefined
  }

  /** One parameter without building the map: '' for a bare name, undefined if it is absent. */
  param(name: string): string | undefined {
    return paramValue(this.raw, this.#paramsAt, name)
  }
}

/** Reads the first Via value of a line; undefined if it is not one. White space is allowed wherever the grammar allows it. */
export function parseVia(line: string): Via | undefined {
  const comma = line.indexOf(',') < 0 ? -1 : indexOutside(line, 0x2c, 0)
  const raw = (comma < 0 ? line : line.slice(0, comma)).trim()
  let semicolon = raw.indexOf(';')
  if (semicolon < 0) semicolon = raw.length
  const firstSlash = raw.indexOf('/')
  const secondSlash = firstSlash < 0 ? -1 : raw.indexOf('/', firstSlash + 1)
  if (secondSlash < 0 || secondSlash > semicolon) return undefined
  let at = secondSlash + 1
  while (at < semicolon && isBlank(raw.charCodeAt(at))) at++
  const transportAt = at
  while (at < semicolon && !isBlank(raw.charCodeAt(at))) at++
  const transport = raw.slice(transportAt, at)
  const protocol = protocolOf(raw, firstSlash, secondSlash)
  if (!isToken(transport) || at >= semicolon) return undefined
  const sentBy = raw.slice(at, semicolon).trim()
  const colon = sentBy.charCodeAt(0) === 0x5b ? sentBy.indexOf(':', sentBy.indexOf(']') + 1) : sentBy.indexOf(':')
  let host = sentBy
  let port: number | undefined
  if (colon >= 0) {
    host = sentBy.slice(0, colon).trimEnd()
    port = digits(sentBy.slice(colon + 1).trimStart(), 65535)
    if (port === undefined) return undefined
  }
  if (!isHost(host)) return undefined
  return new Via(raw, protocol, transport.toUpperCase(), host, port, semicolon)
}

function protocolOf(raw: string, firstSlash: number, secondSlash: number): string {
  if (secondSlash === 7 && raw.startsWith('SIP/2.0')) return 'SIP/2.0'
  return `${raw.slice(0, firstSlash).trim().toUpperCase()}/${raw.slice(firstSlash + 1, secondSlash).trim()}`
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
