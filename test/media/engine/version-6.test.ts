import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { answerOffer, makeOffer, readAnswer } from '../../../src/media/index.ts'
import { mediaForTest, until } from '../far-end.ts'

const hasVersion6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

// Some build machines have no IPv6 at all, not even on loopback.
test.skipIf(!hasVersion6)('two sessions talk over IPv6 as their descriptions agree', async () => {
  const media = mediaForTest({ address: '::1' })
  const near = await media.session()
  const far = await media.session()
  const offer = makeOffer({ address: '::1', port: near.localPort })
  const answered = answerOffer(offer, { address: '::1', port: far.localPort })
  const read = readAnswer(offer, answered.ok ? answered.answer : '')
  if (!answered.ok || !read.ok) throw new Error('they do not agree')
  near.setRemote(read.negotiated)
  far.setRemote(answered.negotiated)
  let heard = ''
  far.onDigit((digit) => {
    heard += digit
  })
  expect(await near.sendDigits('6')).toBe('finished')
  await until(() => heard === '6')
})
