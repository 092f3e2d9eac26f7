/** An unmodified client of AWS creates and updates calls. */
import {
  BadRequestException,
  CreateSipMediaApplicationCallCommand,
  ForbiddenException,
  NotFoundException,
  ServiceUnavailableException,
  UpdateSipMediaApplicationCallCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import { stage } from './stage.ts'

const numbers = { FromPhoneNumber: '+15550100', ToPhoneNumber: '+15550101' }
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']))

describe('CreateSipMediaApplicationCall', () => {
  it('answers 201 with the transaction', async () => {
    const { client, application, asked } = await stage()
    const made = await client().send(
      new CreateSipMediaApplicationCallCommand({
        SipMediaApplicationId: application,
        ...numbers,
        SipHeaders: { 'X-Test': '1' },
        ArgumentsMap: { greeting: 'grüezi' },
      }),
    )
    expect(made.SipMediaApplicationCall).toEqual({ TransactionId: 'tx/1' })
    expect(made.$metadata.httpStatusCode).toBe(201)
    expect(asked).toEqual([
      {
        verb: 'create',
        application,
        request: { ...numbers, SipHeaders: { 'X-Test': '1' }, ArgumentsMap: { greeting: 'grüezi' } },
      },
    ])
  })

  it.each([
    ['a number that is none', { ...numbers, ToPhoneNumber: 'alice' }],
    ['more than 20 arguments', { ...numbers, ArgumentsMap: pairs(21) }],
    ['more than 20 headers', { ...numbers, SipHeaders: pairs(21) }],
  ])('%s is a bad request', async (_, wrong) => {
    const { client, application, asked } = await stage()
    const sent = client().send(
      new CreateSipMediaApplicationCallCommand({ SipMediaApplicationId: application, ...wrong }),
    )
    await expect(sent).rejects.toThrow(BadRequestException)
    expect(asked).toEqual([])
  })

  it('20 arguments are not too many', async () => {
    const { client, application } = await stage()
    const command = { SipMediaApplicationId: application, ...numbers, ArgumentsMap: pairs(20), SipHeaders: pairs(20) }
    await client().send(new CreateSipMediaApplicationCallCommand(command))
  })

  it('an application that is not there is not found', async () => {
    const { client, asked } = await stage()
    const command = new CreateSipMediaApplicationCallCommand({ SipMediaApplicationId: 'nobody', ...numbers })
    await expect(client().send(command)).rejects.toThrow(NotFoundException)
    expect(asked).toEqual([])
  })

  it('what the engine refuses is refused with its class and its words', async () => {
    const { client, application } = await stage({
      desk: { create: async () => ({ ok: false, error: 'ForbiddenException', message: 'no rule lets it be called' }) },
    })
    const sent = client().send(
      new CreateSipMediaApplicationCallCommand({ SipMediaApplicationId: application, ...numbers }),
    )
    await expect(sent).rejects.toThrow(ForbiddenException)
    await expect(sent).rejects.toMatchObject({ message: 'no rule lets it be called', Code: 'Forbidden' })
  })
})

describe('UpdateSipMediaApplicationCall', () => {
  it('answers 202, whatever the identity of the transaction is made of', async () => {
    const { client, application, asked } = await stage()
    const command = { SipMediaApplicationId: application, TransactionId: "tx/1 (2)*'!~%?", Arguments: { leave: 'now' } }
    const done = await client().send(new UpdateSipMediaApplicationCallCommand(command))
    expect(done.$metadata.httpStatusCode).toBe(202)
    expect(done.SipMediaApplicationCall).toEqual({ TransactionId: command.TransactionId })
    expect(asked).toEqual([{ verb: 'update', application, transaction: command.TransactionId, args: { leave: 'now' } }])
  })

  it('no arguments are arguments; 21 are too many', async () => {
    const { client, application, asked } = await stage()
    const update = (Arguments: Record<string, string>) =>
      client().send(
        new UpdateSipMediaApplicationCallCommand({ SipMediaApplicationId: application, TransactionId: 't', Arguments }),
      )
    await update({})
    await expect(update(pairs(21))).rejects.toThrow(BadRequestException)
    expect(asked).toHaveLength(1)
  })

  it('a call that is not there, or is another application’s, is not found', async () => {
    const { client } = await stage({ desk: { update: () => 'unknown' } })
    const command = { SipMediaApplicationId: 'another', TransactionId: 'gone', Arguments: {} }
    const sent = client().send(new UpdateSipMediaApplicationCallCommand(command))
    await expect(sent).rejects.toThrow(NotFoundException)
    await expect(sent).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 }, Code: 'NotFound' })
  })
})

describe('attempts of one request', () => {
  it('that failed here are tried again by the client, and done once', async () => {
    let failures = 2
    const { client, application, asked } = await stage({
      desk: {
        create: async () =>
          failures-- > 0
            ? { ok: false, error: 'ServiceUnavailableException', message: 'not now' }
            : { ok: true, transactionId: 'third' },
      },
    })
    const made = await client().send(
      new CreateSipMediaApplicationCallCommand({ SipMediaApplicationId: application, ...numbers }),
    )
    expect(made.SipMediaApplicationCall?.TransactionId).toBe('third')
    expect(asked).toHaveLength(3)
  })

  it('that never succeed end with the class of the error', async () => {
    const { client, application } = await stage({
      desk: { create: async () => ({ ok: false, error: 'ServiceUnavailableException', message: 'not now' }) },
    })
    const sent = client().send(
      new CreateSipMediaApplicationCallCommand({ SipMediaApplicationId: application, ...numbers }),
    )
    await expect(sent).rejects.toThrow(ServiceUnavailableException)
  })
})
