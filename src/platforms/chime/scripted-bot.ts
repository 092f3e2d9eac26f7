import type { CallControl, Clock } from '../../switchboard/ports.ts'
import { collect } from '../digits/index.ts'
import { BotError } from './actions/bot.ts'
import { spoken } from './actions/sound.ts'
import type { Bot } from './means.ts'

/** What a caller can mean: it is understood by the keys that are pressed. */
export type ScriptedIntent = Readonly<{
  name: string
  /** A whole entry: `1`, or a pattern such as `^\d{4}$`. */
  keys: string
  /** Said once it is understood. */
  say?: string
  /** The slot that the keys are put into. */
  slot?: string
}>

export type BotScript = Readonly<{
  intents: readonly ScriptedIntent[]
  /** Said when nothing was understood, before the next attempt. */
  fallback?: string
  /** 3 by default. */
  attempts?: number
  /** Milliseconds without a key after which an attempt is over; 5,000 by default. */
  patience?: number
}>

/**
 * Bots of this machine, in Lex's place: they say their messages and understand keys, for handlers to be run and tested without AWS.
 * Their answers have the shape of Lex's.
 */
export function scriptedBot(scripts: Readonly<Record<string, BotScript>>, clock: Clock): Bot {
  return {
    async converse({ arn, locale, configuration, call, leg }, signal) {
      const script = Object.hasOwn(scripts, arn) ? scripts[arn] : undefined
      if (script === undefined) throw new BotError('ResourceNotFound', `no bot is configured for ${arn}`)
      const { attributes, messages } = wishes(configuration)
      const language = locale.replace('_', '-')
      const say = (text: string) => call.media(leg).play({ type: 'speech', text, language }, { signal })
      for (const message of messages) await say(message)
      const { attempts = 3 } = script
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const keys = await listen(script, call, leg, clock, signal)
        if (signal.aborted || keys === null) return null
        const intent = script.intents.find((one) => whole(one.keys).test(keys))
        if (intent !== undefined) {
          if (intent.say !== undefined) await say(intent.say)
          return signal.aborted
            ? null
            : result(leg, attributes, intent.name, 'ReadyForFulfillment', slotsOf(intent, keys))
        }
        if (script.fallback !== undefined && attempt < attempts) await say(script.fallback)
        if (signal.aborted) return null
      }
      return result(leg, attributes, 'FallbackIntent', 'Failed', {})
    },
  }
}

async function listen(
  { intents, patience = 5_000 }: BotScript,
  control: CallControl,
  leg: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | null> {
  const pattern = { test: (keys: string) => intents.some((one) => whole(one.keys).test(keys)) }
  const rules = { terminators: '#', pattern, match: 'at-once', firstDigit: patience, interDigit: patience } as const
  const entered = await collect({ control, clock, leg }, { rules, signal })
  return entered.type === 'aborted' ? null : entered.digits
}

/** `1` means just that; whoever writes anchors writes a pattern. */
function whole(keys: string): RegExp {
  return /^[\d*#A-D]+$/.test(keys) ? new RegExp(`^${keys.replaceAll('*', '\\*')}$`) : new RegExp(keys)
}

function slotsOf({ slot }: ScriptedIntent, keys: string) {
  if (slot === undefined) return {}
  return { [slot]: { Value: { OriginalValue: keys, InterpretedValue: keys, ResolvedValues: [keys] } } }
}

function result(leg: string, attributes: unknown, name: string, state: string, slots: object) {
  const intent = { Name: name, Slots: slots, State: state, ConfirmationState: 'None' }
  return {
    SessionId: leg,
    SessionState: { SessionAttributes: attributes, Intent: intent },
    Interpretations: [{ Intent: intent, NluConfidence: { Score: state === 'Failed' ? 0 : 1 } }],
  }
}

/** What a handler's `Configuration` asks for. */
function wishes(configuration: unknown): { attributes: unknown; messages: string[] } {
  const { SessionState: state, WelcomeMessages: welcome } = (configuration ?? {}) as {
    SessionState?: { SessionAttributes?: unknown }
    WelcomeMessages?: readonly { Content?: unknown; ContentType?: unknown }[]
  }
  const messages = (Array.isArray(welcome) ? welcome : []).flatMap(({ Content, ContentType }) => {
    if (typeof Content !== 'string' || ContentType === 'CustomPayload') return []
    const prompt = spoken({ Text: Content, TextType: ContentType === 'SSML' ? 'ssml' : 'text' })
    return prompt.type === 'speech' && prompt.text !== '' ? [prompt.text] : []
  })
  return { attributes: state?.SessionAttributes ?? {}, messages }
}
