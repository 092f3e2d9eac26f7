import { expect, test } from 'vitest'
import type { Loss } from '../../../src/media/index.ts'
import { mediaForTest, pair } from '../far-end.ts'

test('when the worker dies every session says so, nothing hangs, and the next session works', async () => {
  const warnings: string[] = []
  const media = mediaForTest({ warn: ({ code }) => warnings.push(code) })
  const [near, far] = await pair(media)
  const losses: Loss[] = []
  near.onLost((loss) => losses.push(loss))
  far.onLost((loss) => losses.push(loss))
  const playing = near.play({ type: 'silence', milliseconds: 60_000 })
  const dialling = far.sendDigits('WWWW')
  // No type allows it: it stands for a fault of our own in the worker.
  far.setRemote(null as never)
  await expect(playing).rejects.toMatchObject({ code: 'media.engine-failed' })
  expect(await dialling).toBe('stopped')
  await Promise.all([near.closed, far.closed])
  expect(losses).toEqual(['engine-failed', 'engine-failed'])
  expect(warnings).toEqual(['media.engine-failed'])
  const [again] = await pair(media)
  expect(await again.play({ type: 'tone', frequency: 500, milliseconds: 40 })).toBe('finished')
})
