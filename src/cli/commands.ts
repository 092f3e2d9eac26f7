/** Every command but `help`: one line for the overview, and where it lives. Loaded only when it is run, so that each starts fast. */
import type { Command } from './io.ts'

type Entry = Readonly<{ summary: string; group: string; load(): Promise<Command> }>

export const commands = {
  dev: {
    group: 'Run',
    summary: 'run your app against real calls, without configuration',
    load: () => import('./dev.ts'),
  },
  serve: { group: 'Run', summary: 'run the server with its configuration', load: () => import('./serve.ts') },
  demo: { group: 'Run', summary: 'see calls end in every way, in under a minute', load: () => import('./demo.ts') },
  'check-config': {
    group: 'Run',
    summary: 'check the configuration, start nothing',
    load: () => import('./check-config.ts'),
  },
  matrix: {
    group: 'Run',
    summary: 'what a Matrix homeserver must know of this server',
    load: () => import('./matrix.ts'),
  },
  call: { group: 'Calls', summary: 'call a number, a user or an address', load: () => import('./call.ts') },
  calls: { group: 'Calls', summary: 'what lives now', load: () => import('./calls.ts') },
  hangup: { group: 'Calls', summary: 'end calls, with a result for each', load: () => import('./hangup.ts') },
  records: { group: 'Calls', summary: 'who ended what, and why', load: () => import('./records.ts') },
  deliveries: { group: 'Calls', summary: 'webhooks, attempt by attempt', load: () => import('./deliveries.ts') },
  replay: { group: 'Calls', summary: 'deliver a webhook once more', load: () => import('./replay.ts') },
  explain: {
    group: 'Endings',
    summary: 'say what a message that ends a call means',
    load: async () => (await import('./explain.ts')).command,
  },
  translate: {
    group: 'Endings',
    summary: 'say the same in another dialect',
    load: async () => (await import('./translate.ts')).command,
  },
  causes: { group: 'Endings', summary: 'the catalogue of causes', load: () => import('./causes.ts') },
  lint: { group: 'Endings', summary: 'say what a document will do to a call', load: () => import('./lint.ts') },
  version: { group: 'Help', summary: 'the version', load: () => import('./version.ts') },
} as const satisfies Record<string, Entry>

export type CommandName = keyof typeof commands

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name)
}

export function loadCommand(name: CommandName): Promise<Command> {
  return commands[name].load()
}
