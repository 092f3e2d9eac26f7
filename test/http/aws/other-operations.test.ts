/** An operation that is not here: the client's own NotFoundException, not an answer that it cannot read. */
import {
  ListVoiceConnectorsCommand,
  ListVoiceProfileDomainsCommand,
  NotFoundException,
} from '@aws-sdk/client-chime-sdk-voice'
import { expect, it } from 'vitest'
import { stage } from '../../chime/stage.ts'

it('is NotFound to an unmodified client', async () => {
  const client = (await stage()).sdk()
  await expect(client.send(new ListVoiceConnectorsCommand({}))).rejects.toThrow(NotFoundException)
  await expect(client.send(new ListVoiceProfileDomainsCommand({}))).rejects.toThrow(NotFoundException)
})
