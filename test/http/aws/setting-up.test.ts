/** Applications and rules, set up by an unmodified client. */
import {
  BadRequestException,
  ConflictException,
  CreateSipMediaApplicationCommand,
  CreateSipRuleCommand,
  DeleteSipMediaApplicationCommand,
  DeleteSipRuleCommand,
  ForbiddenException,
  GetSipMediaApplicationCommand,
  GetSipMediaApplicationLoggingConfigurationCommand,
  GetSipRuleCommand,
  ListPhoneNumbersCommand,
  ListSipMediaApplicationsCommand,
  ListSipRulesCommand,
  NotFoundException,
  PutSipMediaApplicationLoggingConfigurationCommand,
  paginateListSipMediaApplications,
  UpdateSipMediaApplicationCommand,
  UpdateSipRuleCommand,
} from '@aws-sdk/client-chime-sdk-voice'
import { describe, expect, it } from 'vitest'
import { memoryShelf } from '../../../src/config/chime-directory.ts'
import { account, stage } from './stage.ts'

const arn = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${name}`
const application = (name: string) =>
  new CreateSipMediaApplicationCommand({ AwsRegion: 'us-east-1', Name: name, Endpoints: [{ LambdaArn: arn('other') }] })
const rule = (id: string, value: string, type: 'ToPhoneNumber' | 'RequestUriHostname' = 'ToPhoneNumber') =>
  new CreateSipRuleCommand({
    Name: 'by number or host',
    TriggerType: type,
    TriggerValue: value,
    TargetApplications: [{ SipMediaApplicationId: id, Priority: 1, AwsRegion: 'us-east-1' }],
  })

describe('an application', () => {
  it('is made, shown, changed and deleted', async () => {
    const { client, directory } = await stage()
    const sdk = client()
    const made = await sdk.send(application('made by the API'))
    expect(made.$metadata.httpStatusCode).toBe(201)
    const id = made.SipMediaApplication!.SipMediaApplicationId!
    expect(made.SipMediaApplication).toMatchObject({
      Name: 'made by the API',
      AwsRegion: 'us-east-1',
      Endpoints: [{ LambdaArn: arn('other') }],
      SipMediaApplicationArn: `arn:aws:chime:us-east-1:${account}:sma/${id}`,
      CreatedTimestamp: expect.any(Date),
    })
    expect(directory.application(id)).toMatchObject({ function: 'other' })
    const got = await sdk.send(new GetSipMediaApplicationCommand({ SipMediaApplicationId: id }))
    expect(got.SipMediaApplication).toEqual(made.SipMediaApplication)

    const changed = await sdk.send(
      new UpdateSipMediaApplicationCommand({ SipMediaApplicationId: id, Endpoints: [{ LambdaArn: arn('echo') }] }),
    )
    expect(changed.SipMediaApplication).toMatchObject({
      Name: 'made by the API',
      Endpoints: [{ LambdaArn: arn('echo') }],
    })
    expect(directory.application(id)).toMatchObject({ function: 'echo' })

    const gone = await sdk.send(new DeleteSipMediaApplicationCommand({ SipMediaApplicationId: id }))
    expect(gone.$metadata.httpStatusCode).toBe(204)
    await expect(sdk.send(new GetSipMediaApplicationCommand({ SipMediaApplicationId: id }))).rejects.toThrow(
      NotFoundException,
    )
  })

  it('of a function that is not configured is a bad request', async () => {
    const { client } = await stage()
    const command = new CreateSipMediaApplicationCommand({
      AwsRegion: 'us-east-1',
      Name: 'x',
      Endpoints: [{ LambdaArn: arn('nobody') }],
    })
    await expect(client().send(command)).rejects.toThrow(BadRequestException)
  })

  it('of the configuration is shown, and not changed', async () => {
    const { client, application: id } = await stage()
    const sdk = client()
    const { SipMediaApplication: shown } = await sdk.send(
      new GetSipMediaApplicationCommand({ SipMediaApplicationId: id }),
    )
    expect(shown).toMatchObject({ Name: 'menu', Endpoints: [{ LambdaArn: arn('echo') }] })
    await expect(
      sdk.send(new UpdateSipMediaApplicationCommand({ SipMediaApplicationId: id, Name: 'mine' })),
    ).rejects.toThrow(ForbiddenException)
    await expect(sdk.send(new DeleteSipMediaApplicationCommand({ SipMediaApplicationId: id }))).rejects.toThrow(
      ForbiddenException,
    )
  })

  it('that a rule uses is not deleted', async () => {
    const { client } = await stage()
    const sdk = client()
    const id = (await sdk.send(application('used'))).SipMediaApplication!.SipMediaApplicationId!
    await sdk.send(rule(id, '+15550102'))
    await expect(sdk.send(new DeleteSipMediaApplicationCommand({ SipMediaApplicationId: id }))).rejects.toThrow(
      ConflictException,
    )
  })

  it('keeps its logging configuration', async () => {
    const { client } = await stage()
    const sdk = client()
    const id = (await sdk.send(application('logged'))).SipMediaApplication!.SipMediaApplicationId!
    await sdk.send(
      new PutSipMediaApplicationLoggingConfigurationCommand({
        SipMediaApplicationId: id,
        SipMediaApplicationLoggingConfiguration: { EnableSipMediaApplicationMessageLogs: true },
      }),
    )
    const got = await sdk.send(new GetSipMediaApplicationLoggingConfigurationCommand({ SipMediaApplicationId: id }))
    expect(got.SipMediaApplicationLoggingConfiguration).toEqual({ EnableSipMediaApplicationMessageLogs: true })
  })

  it('is listed, page by page', async () => {
    const { client } = await stage()
    const sdk = client()
    for (const name of ['a', 'b', 'c', 'd']) await sdk.send(application(name))
    const pages: string[][] = []
    for await (const page of paginateListSipMediaApplications({ client: sdk, pageSize: 2 }, {})) {
      pages.push(page.SipMediaApplications!.map(({ Name }) => Name!))
    }
    expect(pages).toEqual([['menu', 'a'], ['b', 'c'], ['d']])
    await expect(sdk.send(new ListSipMediaApplicationsCommand({ NextToken: 'nonsense' }))).rejects.toThrow(
      BadRequestException,
    )
  })
})

describe('a rule', () => {
  it('is made, shown, changed, and deleted once it is disabled', async () => {
    const { client, directory, application: menu } = await stage()
    const sdk = client()
    const other = (await sdk.send(application('other'))).SipMediaApplication!.SipMediaApplicationId!
    const made = await sdk.send(
      new CreateSipRuleCommand({
        Name: 'both',
        TriggerType: 'ToPhoneNumber',
        TriggerValue: '+15550102',
        TargetApplications: [
          { SipMediaApplicationId: other, Priority: 2, AwsRegion: 'us-east-1' },
          { SipMediaApplicationId: menu, Priority: 1, AwsRegion: 'us-east-1' },
        ],
      }),
    )
    expect(made.$metadata.httpStatusCode).toBe(201)
    const id = made.SipRule!.SipRuleId!
    expect(directory.rule(id)).toMatchObject({ applications: [menu, other], state: 'enabled' })
    expect(made.SipRule).toMatchObject({
      Disabled: false,
      TargetApplications: [
        { SipMediaApplicationId: menu, Priority: 1, AwsRegion: 'us-east-1' },
        { SipMediaApplicationId: other, Priority: 2, AwsRegion: 'us-east-1' },
      ],
    })
    await expect(sdk.send(new DeleteSipRuleCommand({ SipRuleId: id }))).rejects.toThrow(ConflictException)
    const changed = await sdk.send(new UpdateSipRuleCommand({ SipRuleId: id, Name: 'off', Disabled: true }))
    expect(changed.$metadata.httpStatusCode).toBe(202)
    expect(changed.SipRule).toMatchObject({ Name: 'off', Disabled: true, TriggerValue: '+15550102' })
    await sdk.send(new DeleteSipRuleCommand({ SipRuleId: id }))
    await expect(sdk.send(new GetSipRuleCommand({ SipRuleId: id }))).rejects.toThrow(NotFoundException)
  })

  it.each([
    ['the number of another', '+15550100', 'ToPhoneNumber', ConflictException],
    ['a number that is none', 'alice', 'ToPhoneNumber', BadRequestException],
    ['a host that is none', 'sip:voice', 'RequestUriHostname', BadRequestException],
  ] as const)('with %s is refused', async (_, value, type, refusal) => {
    const { client, application: id } = await stage()
    await expect(client().send(rule(id, value, type))).rejects.toThrow(refusal)
  })

  it('to an application that is not there is a bad request', async () => {
    const { client } = await stage()
    await expect(client().send(rule('nobody', '+15550102'))).rejects.toThrow(BadRequestException)
  })

  it('is listed, and by its application', async () => {
    const { client, application: menu } = await stage()
    const sdk = client()
    const other = (await sdk.send(application('other'))).SipMediaApplication!.SipMediaApplicationId!
    await sdk.send(rule(other, 'Voice.Example', 'RequestUriHostname'))
    const all = await sdk.send(new ListSipRulesCommand({}))
    expect(all.SipRules!.map(({ TriggerValue }) => TriggerValue)).toEqual(['+15550100', 'voice.example'])
    const its = await sdk.send(new ListSipRulesCommand({ SipMediaApplicationId: menu }))
    expect(its.SipRules!.map(({ Name }) => Name)).toEqual(['main'])
  })

  it('gives its number', async () => {
    const { client, application: id, rule: main } = await stage()
    const sdk = client()
    await sdk.send(rule(id, 'voice.example', 'RequestUriHostname'))
    const { PhoneNumbers } = await sdk.send(new ListPhoneNumbersCommand({ ProductType: 'SipMediaApplicationDialIn' }))
    expect(PhoneNumbers).toMatchObject([
      { E164PhoneNumber: '+15550100', Status: 'Assigned', Associations: [{ Name: 'SipRuleId', Value: main }] },
    ])
    const connectors = await sdk.send(new ListPhoneNumbersCommand({ ProductType: 'VoiceConnector' }))
    expect(connectors.PhoneNumbers).toEqual([])
  })
})

it('what was made is there after a restart', async () => {
  const shelf = memoryShelf()
  const first = await stage({ shelf })
  const { SipMediaApplication: made } = await first.client().send(application('kept'))
  const second = await stage({ shelf })
  const { SipMediaApplications } = await second.client().send(new ListSipMediaApplicationsCommand({}))
  expect(SipMediaApplications!.map(({ SipMediaApplicationId: id }) => id)).toContain(made!.SipMediaApplicationId)
})
