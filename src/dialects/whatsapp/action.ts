/**
 * What a `<call>` may carry: its action elements and their attributes, as one table that gives the types, the reader
 * and the writer. Attributes that are not in the table are kept beside (`more`).
 */

/** How an attribute is written: as text, as an address, as a whole number from 0 to 2^32-1, or by its mere presence. */
type Kind = 'text' | 'jid' | 'number' | 'flag'

export type AttributeSpec = Readonly<{
  /** Name on the wire. */
  wire: string
  kind: Kind
  /** Other spellings that are read. */
  also?: readonly string[]
}>

const text = <const W extends string>(wire: W, also?: readonly string[]) =>
  also === undefined ? ({ wire, kind: 'text' } as const) : ({ wire, kind: 'text', also } as const)
const jid = <const W extends string>(wire: W) => ({ wire, kind: 'jid' }) as const
const number = <const W extends string>(wire: W) => ({ wire, kind: 'number' }) as const
const flag = <const W extends string>(wire: W) => ({ wire, kind: 'flag' }) as const

/** Attributes beyond `call-id` and `call-creator`, in the order in which they are written. */
export const actionAttributes = {
  offer: {
    callerPn: jid('caller_pn'),
    callerCountryCode: text('caller_country_code'),
    deviceClass: text('device_class'),
    joinable: flag('joinable'),
    groupJid: jid('group-jid'),
    username: text('username'),
  },
  offer_notice: { media: text('media'), type: text('type') },
  preaccept: {},
  accept: {},
  reject: { count: number('count'), reason: text('reason', ['terminate_reason']) },
  terminate: {
    /** Absent on a plain hang-up. */
    reason: text('reason', ['terminate_reason']),
    /** The unit is disputed: seconds by one source, milliseconds by another. Never to be billed from. */
    duration: number('duration'),
    audioDuration: number('audio_duration'),
    videoDuration: number('video_duration'),
    videoState: number('videostate'),
    count: number('count'),
    isFirstWave: flag('is_first_wave'),
    transactionId: text('terminate_transaction_id'),
    hint: text('terminate_hint'),
  },
  transport: { candidateRound: number('p2p-cand-round'), messageType: number('transport-message-type') },
  relaylatency: { transactionId: text('transaction-id') },
  relayelection: { transactionId: text('transaction-id') },
  mute_v2: { muteState: text('mute-state') },
  mute: { state: text('state') },
  video: { state: number('state'), deviceOrientation: number('device_orientation') },
  interruption: { state: text('state') },
  enc_rekey: { transactionId: text('transaction-id') },
  group_update: { transactionId: text('transaction-id') },
  heartbeat: {},
  waiting_room_update: {},
  user_action: {},
  screen_share: {},
  peer_state: {},
  flowcontrol: {},
  flow_control: {},
  notify: {},
  web_client: {},
  group_info: {},
  dtmf: {},
  link_create: {},
  link_query: {},
  link_join: {},
} as const satisfies Record<string, Record<string, AttributeSpec>>

export type ActionName = keyof typeof actionAttributes

export const actionNames = Object.keys(actionAttributes) as readonly ActionName[]

export function isActionName(tag: string): tag is ActionName {
  return Object.hasOwn(actionAttributes, tag)
}

type ValueOf<K extends Kind> = K extends 'number' ? number : K extends 'flag' ? boolean : string

/** The typed attributes of an action; each is absent where it did not come. */
export type AttributesOf<N extends ActionName> = {
  readonly [K in keyof (typeof actionAttributes)[N]]?: (typeof actionAttributes)[N][K] extends {
    kind: infer T extends Kind
  }
    ? ValueOf<T>
    : never
}

/** States of `<video state>`, by number. */
export const videoStates: Readonly<Record<number, string>> = {
  0: 'disabled',
  1: 'enabled',
  2: 'paused',
  3: 'upgrade requested',
  4: 'upgrade accepted',
  5: 'upgrade rejected',
  6: 'stopped',
  7: 'upgrade rejected by timeout',
  8: 'upgrade cancelled',
  9: 'upgrade cancelled by timeout',
  10: 'unknown to the peer',
  11: 'upgrade requested, second form',
  20: 'error',
}
