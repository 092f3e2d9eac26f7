/** Attempts as clients send them: the same `amz-sdk-invocation-id`, here at moments that no client lets choose. */
import { describe, expect, it } from 'vitest'
import { stage } from './stage.ts'

const numbers = JSON.stringify({ FromPhoneNumber: '+15550100', ToPhoneNumber: '+15550101' })

async function asking(create: () => Promise<{ ok: true; transactionId: string } | 'fail'>) {
  const made = await stage({
    desk: {
      async create() {
        const result = await create()
        if (result === 'fail') throw new Error('the disk is full')
        return result
      },
    },
  })
  const attempt = async (id: string | undefined, body = numbers) => {
    const response = await fetch(`${made.url}/sip-media-applications/${made.application}/calls`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(id !== undefined && { 'amz-sdk-invocation-id': id, 'amz-sdk-request': 'attempt=1; max=3' }),
      },
      body,
    })
    return { status: response.status, text: await response.text(), error: response.headers.get('x-amzn-errortype') }
  }
  return { ...made, attempt }
}

describe('an attempt', () => {
  it('that comes while the first is under way waits for its answer', async () => {
    const gate = Promise.withResolvers<void>()
    let count = 0
    const { attempt, asked } = await asking(async () => {
      await gate.promise
      return { ok: true, transactionId: `t${++count}` }
    })
    const all = Promise.all([attempt('one'), attempt('one'), attempt('one')])
    // They all have arrived when a later request of another client has been answered.
    setTimeout(gate.resolve, 50)
    const answers = await all
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(asked).toHaveLength(1)
  })

  it('that comes after it gets the same answer', async () => {
    let count = 0
    const { attempt, asked } = await asking(async () => ({ ok: true, transactionId: `t${++count}` }))
    const first = await attempt('one')
    expect(await attempt('one')).toEqual(first)
    expect(asked).toHaveLength(1)
  })

  it('of another request is another, and so is one without an identity', async () => {
    let count = 0
    const { attempt, asked } = await asking(async () => ({ ok: true, transactionId: `t${++count}` }))
    await attempt('one')
    await attempt('two')
    await attempt('one', numbers.replace('5550101', '5550102'))
    await attempt(undefined)
    await attempt(undefined)
    expect(asked).toHaveLength(5)
  })

  it('that failed is tried again, once for all that waited', async () => {
    const gate = Promise.withResolvers<void>()
    let count = 0
    const { attempt, asked } = await asking(async () => {
      await gate.promise
      return ++count === 1 ? 'fail' : { ok: true, transactionId: `t${count}` }
    })
    const all = Promise.all([attempt('one'), attempt('one'), attempt('one')])
    setTimeout(gate.resolve, 50)
    const answers = await all
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 500])
    expect(answers.find(({ status }) => status === 500)?.error).toBe('ServiceFailureException')
    expect(asked).toHaveLength(2)
  })
})
