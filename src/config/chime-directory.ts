/**
 * Applications and rules of the Chime platform while the server runs: those of the configuration, which stand, and
 * those that the control API makes, which are stored.
 */
import type { App } from '../call/call.ts'
import type { Offer } from '../switchboard/ports.ts'
import type { ChimeApplication, ChimeConfig, ChimeRule, FunctionConfig } from './chime-config.ts'
import { plainNumber } from './pattern.ts'
import type { ChimeRoutes } from './router.ts'

/** Milliseconds since the epoch; those of the configuration say when the server started. */
type Times = Readonly<{ created: number; updated: number }>

export type ListedApplication = ChimeApplication & Times & Readonly<{ origin: 'file' | 'api'; logs: boolean }>
export type ListedRule = ChimeRule & Times & Readonly<{ origin: 'file' | 'api' }>

/** Where what the API makes is kept. Each promise resolves once it is durable. */
export interface Shelf {
  all(): Promise<readonly Readonly<{ kind: string; id: string; value: unknown }>[]>
  put(kind: string, id: string, value: unknown): Promise<void>
  drop(kind: string, id: string): Promise<void>
}

export interface ChimeDirectory extends ChimeRoutes {
  /** Reads what is stored. Before the first call comes in. */
  open(): Promise<void>
  /** In the order in which they were made, those of the configuration first. */
  applications(): readonly ListedApplication[]
  rules(): readonly ListedRule[]
  application(id: string): ListedApplication | undefined
  rule(id: string): ListedRule | undefined
  /** The configured function that an ARN means; undefined: none. */
  functionAt(arn: string): string | undefined
  /** The ARN that a configured function goes by. */
  arnOf(application: Pick<ChimeApplication, 'function' | 'region'>): string
  /** Numbers that may be shown as the caller's. */
  numbers(): readonly string[]
  saveApplication(application: ListedApplication): Promise<void>
  saveRule(rule: ListedRule): Promise<void>
  dropApplication(id: string): Promise<void>
  dropRule(id: string): Promise<void>
}

export type DirectoryOptions = Readonly<{
  chime: ChimeConfig
  functions: Readonly<Record<string, FunctionConfig>>
  shelf: Shelf
  /** What a call that reaches these, the first first, runs on. */
  appOf(applications: readonly ChimeApplication[], rule?: ChimeRule): App
  /** Milliseconds since the epoch. */
  now: number
}>

const kinds = { application: 'chime-application', rule: 'chime-rule' } as const

export function createChimeDirectory({ chime, functions, shelf, appOf, now }: DirectoryOptions): ChimeDirectory {
  const times = { created: now, updated: now }
  const applications = new Map<string, ListedApplication>(
    chime.applications.map((one) => [one.id, { ...one, ...times, origin: 'file', logs: false }]),
  )
  const rules = new Map<string, ListedRule>(chime.rules.map((one) => [one.id, { ...one, ...times, origin: 'file' }]))
  const triggers = new Map<string, ListedRule>()
  const indexRules = () => {
    triggers.clear()
    for (const rule of rules.values()) triggers.set(triggerKey(rule.trigger), rule)
  }
  indexRules()

  const runs = (rule: ChimeRule | undefined): App | undefined => {
    if (rule === undefined || rule.state === 'disabled') return undefined
    const targets = rule.applications.flatMap((id) => applications.get(id) ?? [])
    return targets.length === 0 ? undefined : appOf(targets, rule)
  }

  return {
    async open() {
      for (const { kind, id, value } of await shelf.all()) {
        // The configuration wins over what was stored before it named the same.
        if (kind === kinds.application && !applications.has(id)) applications.set(id, value as ListedApplication)
        if (kind === kinds.rule && !rules.has(id)) rules.set(id, value as ListedRule)
      }
      // A rule of the configuration keeps its number, whatever was stored.
      for (const rule of chime.rules) {
        for (const other of [...rules.values()]) {
          if (other.id !== rule.id && triggerKey(other.trigger) === triggerKey(rule.trigger)) rules.delete(other.id)
        }
      }
      indexRules()
    },
    applications: () => [...applications.values()],
    rules: () => [...rules.values()],
    application: (id) => applications.get(id),
    rule: (id) => rules.get(id),
    functionAt(arn) {
      const same = Object.entries(functions).find(([, home]) => 'arn' in home && home.arn === arn)
      if (same !== undefined) return same[0]
      const name = /^arn:aws[\w-]*:lambda:[a-z\d-]+:\d{12}:function:([\w-]+)(:[\w$-]+)?$/.exec(arn)?.[1]
      return name !== undefined && Object.hasOwn(functions, name) ? name : undefined
    },
    arnOf({ function: name, region }) {
      const home = functions[name]
      return home !== undefined && 'arn' in home
        ? home.arn
        : `arn:aws:lambda:${region}:${chime.account}:function:${name}`
    },
    numbers: () => [
      ...chime.numbers,
      ...[...rules.values()].flatMap(({ trigger }) => (trigger.kind === 'number' ? [trigger.value] : [])),
    ],
    async saveApplication(application) {
      await shelf.put(kinds.application, application.id, application)
      applications.set(application.id, application)
    },
    async saveRule(rule) {
      await shelf.put(kinds.rule, rule.id, rule)
      rules.set(rule.id, rule)
      indexRules()
    },
    async dropApplication(id) {
      await shelf.drop(kinds.application, id)
      applications.delete(id)
    },
    async dropRule(id) {
      await shelf.drop(kinds.rule, id)
      rules.delete(id)
      indexRules()
    },
    target({ kind, id }) {
      if (kind === 'rule') return runs(rules.get(id))
      const application = applications.get(id)
      return application && appOf([application])
    },
    triggered: (offer) =>
      runs(triggers.get(triggerKey({ kind: 'number', value: offer.to }))) ??
      runs(triggers.get(triggerKey({ kind: 'host', value: hostOf(offer) }))),
  }
}

export function triggerKey({ kind, value }: ChimeRule['trigger']): string {
  return kind === 'number' ? `number ${plainNumber(value)}` : `host ${value.toLowerCase()}`
}

/** Of the address that was asked for, without port: `sip:+15550100@voice.example:5060;transport=tcp`. */
function hostOf({ toAddress }: Offer): string {
  return /^sips?:(?:[^@]*@)?(\[[^\]]*\]|[^:;?>]+)/i.exec(toAddress.replace(/^.*</, ''))?.[1] ?? ''
}

/** Forgets with the process: for tests, and where nothing shall be stored. */
export function memoryShelf(): Shelf {
  const kept = new Map<string, Readonly<{ kind: string; id: string; value: unknown }>>()
  return {
    all: async () => [...kept.values()],
    async put(kind, id, value) {
      kept.set(`${kind} ${id}`, { kind, id, value })
    },
    async drop(kind, id) {
      kept.delete(`${kind} ${id}`)
    },
  }
}
