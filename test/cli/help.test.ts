import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { terminal } from './terminal-io.ts'

const names = [...Object.keys(commands), 'help']

describe('the overview', () => {
  it.each([['help'], ['--help'], ['-h']])('%s', async (argument) => {
    const { onhook, out } = terminal()
    expect(await onhook(argument)).toBe(0)
    expect(out()).toMatchInlineSnapshot(`
      "Usage: onhook COMMAND [options]

      Ends calls: once, everywhere, for a stated reason, on the record.

      Run:
        dev           run your app against real calls, without configuration
        serve         run the server with its configuration
        demo          see calls end in every way, in under a minute
        check-config  check the configuration, start nothing
        matrix        what a Matrix homeserver must know of this server

      Calls:
        call          call a number, a user or an address
        calls         what lives now
        hangup        end calls, with a result for each
        records       who ended what, and why
        deliveries    webhooks, attempt by attempt
        replay        deliver a webhook once more

      Endings:
        explain       say what a message that ends a call means
        translate     say the same in another dialect
        causes        the catalogue of causes
        lint          say what a document will do to a call

      Help:
        version       the version
        help          help, of a command or in all

      "onhook help COMMAND" tells more. Exit codes: 0 done, 1 failed, 2 wrong usage.
      "
    `)
  })

  it('without a command is wrong usage', async () => {
    const { onhook, out, err } = terminal()
    expect(await onhook()).toBe(2)
    expect([out(), err()]).toEqual(['', expect.stringContaining('Usage: onhook COMMAND')])
  })
})

describe('each command', () => {
  it.each(names)('%s has a help text that begins with its usage, by both ways', async (name) => {
    const [a, b] = [terminal(), terminal()]
    expect(await a.onhook('help', name)).toBe(0)
    expect(await b.onhook(name, '--help')).toBe(0)
    expect(a.out()).toBe(b.out())
    expect(a.out()).toContain(`Usage: onhook ${name}`)
    expect(
      Math.max(
        ...a
          .out()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(130)
  })

  it.each(names.filter((name) => !['explain', 'translate', 'causes', 'demo'].includes(name)))(
    '%s tells of every option that it takes',
    async (name) => {
      const { onhook, out } = terminal()
      await onhook('help', name)
      const source = readFileSync(new URL(`../../src/cli/${name}.ts`, import.meta.url), 'utf8')
      const taken = [
        ...source.matchAll(/^ {4,6}'?([\w-]+)'?: (?:\{ type: '(?:text|flag|number)'|text,|port,|seconds,)/gm),
      ].map(([, flag]) => flag)
      const silent = ['bandwidth', 'chime']
      expect(taken.filter((flag) => !silent.includes(flag!) && !out().includes(`--${flag}`))).toEqual([])
    },
  )

  it('after -- is an argument, not help', async () => {
    const { onhook, err } = terminal()
    expect(await onhook('lint', '--', '--help')).toBe(1)
    expect(err()).toContain('--help cannot be read')
  })
})
