import { describe, expect, test } from 'vitest'
import { causeNames, causes } from '../../../src/call/causes.ts'
import { dialectNames } from '../../../src/call/ending.ts'
import * as command from '../../../src/cli/causes.ts'
import { runWith } from './surroundings.ts'

describe('onhook causes', () => {
  test('prints a row for each cause', async () => {
    const { code, out } = await runWith(command, [])
    expect(code).toBe(0)
    const [head, ...rows] = out.trimEnd().split('\n')
    expect(head).toMatch(/^CAUSE +KIND +Q\.850 +THE CALL ENDED BECAUSE$/)
    expect(rows.map((row) => row.split(' ')[0])).toEqual(causeNames)
    for (const row of rows) expect(row).toContain(causes[row.split(' ')[0] as 'busy'].when)
  })

  test('prints the same as JSON, with each dialect’s word', async () => {
    const entries = JSON.parse((await runWith(command, ['--json'])).out)
    expect(entries.map(({ cause }: { cause: string }) => cause)).toEqual(causeNames)
    expect(entries[0]).toMatchObject({
      kind: 'normal',
      q850: 16,
      dialects: { vobiz: { word: '4000 NORMAL_CLEARING', heard: 'hangup' } },
    })
    for (const entry of entries) expect(Object.keys(entry.dialects)).toEqual([...dialectNames])
  })

  test('prints how each dialect says one cause, and what is heard there', async () => {
    const { out } = await runWith(command, ['not-found'])
    expect(out).toContain('not-found: no such destination (refused)')
    expect(out).toMatch(/^SIP +404 · Q\.850;1 · Q\.850;1 +as it is$/m)
    expect(out).toMatch(/^WhatsApp +declined +as declined$/m)
    expect(JSON.parse((await runWith(command, ['busy', '--json'])).out)).toMatchObject({ cause: 'busy', q850: 17 })
  })

  test('does not know other causes', async () => {
    expect(await runWith(command, ['boredom'])).toMatchObject({ code: 2, err: expect.stringContaining('"boredom"') })
    expect((await runWith(command, ['busy', 'hangup'])).code).toBe(2)
    expect((await runWith(command, ['--lines'])).code).toBe(2)
  })
})
