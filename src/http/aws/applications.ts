/** CreateSipMediaApplication and its kin. */
import type { Hono } from 'hono'
import type { ListedApplication } from '../../config/chime-directory.ts'
import type { ApiEnv } from '../access.ts'
import type { ChimeFace } from './chime.ts'
import { AwsError } from './error.ts'
import { applicationBody, createApplication, logging, pageOf, parsed, read, updateApplication } from './shapes.ts'

/** Of each kind that the API may make. */
export const mostOfAKind = 1000

const path = '/sip-media-applications'

export function addApplications(app: Hono<ApiEnv>, { directory, account, clock, ids, audit }: ChimeFace): void {
  const body = (application: ListedApplication) => ({
    SipMediaApplication: applicationBody(application, directory, account),
  })
  const functionAt = (arn: string) => {
    const name = directory.functionAt(arn)
    if (name !== undefined) return name
    throw new AwsError('BadRequestException', `no function of the configuration is "${arn}"`)
  }
  const existing = (id: string) => {
    const application = directory.application(id)
    if (application !== undefined) return application
    throw new AwsError('NotFoundException', 'there is no such SIP media application')
  }
  const changeable = (id: string) => {
    const application = existing(id)
    if (application.origin === 'api') return application
    throw new AwsError('ForbiddenException', 'this application is the configuration’s: change it there')
  }

  app.post(path, async (c) => {
    const { AwsRegion: region, Name: name, Endpoints } = read(createApplication, parsed(await c.req.text()))
    if (directory.applications().filter(({ origin }) => origin === 'api').length >= mostOfAKind) {
      throw new AwsError('ResourceLimitExceededException', `there are ${mostOfAKind} applications`)
    }
    const now = clock.now()
    const application: ListedApplication = {
      id: ids.uuid(),
      name,
      function: functionAt(Endpoints[0]!.LambdaArn),
      region,
      logs: false,
      origin: 'api',
      created: now,
      updated: now,
    }
    await directory.saveApplication(application)
    audit(c, { action: 'change', result: `made application ${application.id}` })
    return c.json(body(application), 201)
  })

  app.get(path, (c) => {
    const { items, next } = pageOf(directory.applications(), ({ id }) => id, c.req.query())
    return c.json({
      SipMediaApplications: items.map((application) => body(application).SipMediaApplication),
      ...next,
    })
  })

  app.get(`${path}/:id`, (c) => c.json(body(existing(c.req.param('id')))))

  app.put(`${path}/:id`, async (c) => {
    const { Name: name, Endpoints } = read(updateApplication, parsed(await c.req.text()))
    const before = changeable(c.req.param('id'))
    const after = {
      ...before,
      name: name ?? before.name,
      function: Endpoints == null ? before.function : functionAt(Endpoints[0]!.LambdaArn),
      updated: clock.now(),
    }
    await directory.saveApplication(after)
    audit(c, { action: 'change', result: `changed application ${after.id}` })
    return c.json(body(after))
  })

  app.delete(`${path}/:id`, async (c) => {
    const { id } = changeable(c.req.param('id'))
    const user = directory.rules().find(({ applications }) => applications.includes(id))
    if (user !== undefined) throw new AwsError('ConflictException', `the SIP rule "${user.name}" uses it`)
    await directory.dropApplication(id)
    audit(c, { action: 'change', result: `dropped application ${id}` })
    return c.body(null, 204)
  })

  // AWS logs SIP messages; here it is what the function was told and answered.
  const logsOf = ({ logs }: ListedApplication) => ({
    SipMediaApplicationLoggingConfiguration: { EnableSipMediaApplicationMessageLogs: logs },
  })
  app.get(`${path}/:id/logging-configuration`, (c) => c.json(logsOf(existing(c.req.param('id')))))
  app.put(`${path}/:id/logging-configuration`, async (c) => {
    const wanted = read(logging, parsed(await c.req.text())).SipMediaApplicationLoggingConfiguration
    const after = {
      ...changeable(c.req.param('id')),
      logs: wanted?.EnableSipMediaApplicationMessageLogs === true,
      updated: clock.now(),
    }
    await directory.saveApplication(after)
    return c.json(logsOf(after))
  })
}
