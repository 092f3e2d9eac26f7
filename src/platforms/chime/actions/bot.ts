import { messageOf } from './sound.ts'
import { answer, cutOff, failed, invalid, type Perform } from './stage.ts'

/** A conversation that cannot be had; `type` is AWS's word for it. */
export class BotError extends Error {
  readonly type: 'ResourceNotFound' | 'ResourceAccessDenied' | 'ActionExecutionThrottled'
  constructor(type: BotError['type'], message: string) {
    super(message)
    this.type = type
  }
}

export const startBotConversation: Perform<'StartBotConversation'> = async (parameters, stage) => {
  const { BotAliasArn: arn, LocaleId: locale = 'en_US', Configuration: configuration } = parameters
  const { control, means, leg, signal } = stage
  if (stage.other() !== undefined) return invalid('a bot talks to a call leg that is neither bridged nor in a meeting')
  if (means.bot === undefined) return failed('ResourceNotFound', `no bot is configured for ${arn}`)
  await answer(stage)
  try {
    const result = await means.bot.converse({ arn, locale, configuration, call: control, leg: leg.id }, signal)
    return result === null || signal.aborted ? cutOff(stage) : { type: 'done', results: { IntentResult: result } }
  } catch (error) {
    if (signal.aborted) return cutOff(stage)
    return failed(error instanceof BotError ? error.type : 'SystemException', messageOf(error))
  }
}
