import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createWebhookSigner } from '../../src/delivery/standard-webhooks.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const older = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' }
const at = 1_614_265_330_999.5

test('the published vector comes out', () => {
  expect(createWebhookSigner([{ secret }])(message, at)).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('the prefix of a secret may be absent', () => {
  const bare = createWebhookSigner([{ secret: secret.replace('whsec_', '') }])
  expect(bare(message, at)).toEqual(createWebhookSigner([{ secret }])(message, at))
})

test('while keys are rotated both sign, and the old one stops at its time', () => {
  const sign = createWebhookSigner([{ secret }, { secret: older, until: at + 1 }])
  const old = createHmac('sha256', Buffer.alloc(32, 7))
    .update(`${message.id}.1614265330.${message.body}`)
    .digest('base64')
  expect(sign(message, at)['webhook-signature']).toBe(`v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,${old}`)
  expect(sign(message, at + 1)['webhook-signature']?.split(' ')).toHaveLength(1)
})

test('without a key in use only the id is sent', () => {
  expect(createWebhookSigner()(message, at)).toEqual({ 'webhook-id': message.id })
  expect(createWebhookSigner([{ secret, until: at }])(message, at)).toEqual({ 'webhook-id': message.id })
})

const wrong = ['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_****************************************', 'hunter2']

test.each(wrong)('%j is no secret', (secret) => {
  expect(() => createWebhookSigner([{ secret }])).toThrow(RangeError)
})

test('a wrong secret is not repeated in the error', () => {
  expect(() => createWebhookSigner([{ secret: 'hunter2' }])).not.toThrow('hunter2')
})
