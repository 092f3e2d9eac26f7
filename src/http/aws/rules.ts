/** CreateSipRule and its kin, and the numbers that rules have. */
import type { Hono } from 'hono'
import type { ChimeRule } from '../../config/chime-config.ts'
import { type ListedRule, triggerKey } from '../../config/chime-directory.ts'
import type { ApiEnv } from '../access.ts'
import { mostOfAKind } from './applications.ts'
import type { ChimeFace } from './chime.ts'
import { AwsError } from './error.ts'
import { byPriority, createRule, numberBody, pageOf, parsed, read, ruleBody, updateRule } from './shapes.ts'

const path = '/sip-rules'

export function addRules(app: Hono<ApiEnv>, { directory, clock, ids, audit }: ChimeFace): void {
  const existing = (id: string) => {
    const rule = directory.rule(id)
    if (rule !== undefined) return rule
    throw new AwsError('NotFoundException', 'there is no such SIP rule')
  }
  const changeable = (id: string) => {
    const rule = existing(id)
    if (rule.origin === 'api') return rule
    throw new AwsError('ForbiddenException', 'this rule is the configuration’s: change it there')
  }
  const known = (applications: readonly string[]) => {
    const missing = applications.find((id) => directory.application(id) === undefined)
    if (missing === undefined) return applications
    throw new AwsError('BadRequestException', `there is no SIP media application "${missing}"`)
  }

  app.post(path, async (c) => {
    const wanted = read(createRule, parsed(await c.req.text()))
    const trigger = triggerOf(wanted.TriggerType, wanted.TriggerValue)
    const other = directory.rules().find((rule) => triggerKey(rule.trigger) === triggerKey(trigger))
    if (other !== undefined) {
      throw new AwsError('ConflictException', `the SIP rule "${other.name}" has this trigger`)
    }
    if (directory.rules().filter(({ origin }) => origin === 'api').length >= mostOfAKind) {
      throw new AwsError('ResourceLimitExceededException', `there are ${mostOfAKind} rules`)
    }
    const now = clock.now()
    const rule: ListedRule = {
      id: ids.uuid(),
      name: wanted.Name,
      trigger,
      applications: known(byPriority(wanted.TargetApplications)),
      state: wanted.Disabled === true ? 'disabled' : 'enabled',
      origin: 'api',
      created: now,
      updated: now,
    }
    await directory.saveRule(rule)
    audit(c, { action: 'change', result: `made rule ${rule.id}` })
    return c.json({ SipRule: ruleBody(rule, directory) }, 201)
  })

  app.get(path, (c) => {
    const application = c.req.query('sip-media-application')
    const all = directory
      .rules()
      .filter(({ applications }) => application === undefined || applications.includes(application))
    const { items, next } = pageOf(all, ({ id }) => id, c.req.query())
    return c.json({ SipRules: items.map((rule) => ruleBody(rule, directory)), ...next })
  })

  app.get(`${path}/:id`, (c) => c.json({ SipRule: ruleBody(existing(c.req.param('id')), directory) }))

  app.put(`${path}/:id`, async (c) => {
    const wanted = read(updateRule, parsed(await c.req.text()))
    const before = changeable(c.req.param('id'))
    const after: ListedRule = {
      ...before,
      name: wanted.Name,
      applications:
        wanted.TargetApplications == null ? before.applications : known(byPriority(wanted.TargetApplications)),
      state: wanted.Disabled == null ? before.state : wanted.Disabled ? 'disabled' : 'enabled',
      updated: clock.now(),
    }
    await directory.saveRule(after)
    audit(c, { action: 'change', result: `changed rule ${after.id}` })
    return c.json({ SipRule: ruleBody(after, directory) }, 202)
  })

  app.delete(`${path}/:id`, async (c) => {
    const { id, state } = changeable(c.req.param('id'))
    if (state === 'enabled') throw new AwsError('ConflictException', 'a SIP rule must be disabled before it is deleted')
    await directory.dropRule(id)
    audit(c, { action: 'change', result: `dropped rule ${id}` })
    return c.body(null, 204)
  })

  app.get('/phone-numbers', (c) => {
    const product = c.req.query('product-type')
    const numbers = directory
      .rules()
      .filter(({ trigger }) => trigger.kind === 'number' && (product ?? dialIn) === dialIn)
      .map(numberBody)
    const { items, next } = pageOf(numbers, ({ PhoneNumberId: id }) => id, c.req.query())
    return c.json({ PhoneNumbers: items, ...next })
  })
}

const dialIn = 'SipMediaApplicationDialIn'

function triggerOf(type: 'ToPhoneNumber' | 'RequestUriHostname', value: string): ChimeRule['trigger'] {
  if (type === 'ToPhoneNumber') {
    if (/^\+[1-9]\d{1,14}$/.test(value)) return { kind: 'number', value }
    throw new AwsError('BadRequestException', 'TriggerValue: expected a number such as +15550100')
  }
  if (/^[\w.-]{1,253}$/.test(value)) return { kind: 'host', value: value.toLowerCase() }
  throw new AwsError('BadRequestException', 'TriggerValue: expected a host name')
}
