import { describe, expect, test } from 'vitest'
import { inviteClient, startInviteClient } from '../../../src/sip/transaction/invite-client.ts'
import { inviteServer } from '../../../src/sip/transaction/invite-server.ts'
import type { ClientInput, ServerInput, Step } from '../../../src/sip/transaction/machine.ts'
import { plainClient, startPlainClient } from '../../../src/sip/transaction/plain-client.ts'
import { plainServer } from '../../../src/sip/transaction/plain-server.ts'

/** state · input → state over UDP, actions · the same over TCP if it differs. Whatever is not listed changes nothing and does nothing. */
type Row = readonly [
  from: string,
  input: string,
  to: string,
  actions: string,
  to: string | null,
  actions: string | null,
]

const same = null

const inviteClientRows: readonly Row[] = [
  ['calling', 'timer-A', 'calling', 'resend arm-A', same, same],
  ['calling', 'timer-B', 'terminated', 'report-timeout', same, same],
  ['calling', 'timer-cancel-wait', 'terminated', 'report-timeout', same, same],
  ['calling', 'provisional', 'proceeding', 'quiet disarm-life deliver', same, same],
  ['calling', 'success', 'accepted', 'quiet arm-M deliver', same, same],
  ['calling', 'failure', 'completed', 'quiet arm-D send-ack deliver', 'terminated', 'send-ack deliver'],
  ['calling', 'transport-error', 'terminated', 'report-transport-error', same, same],
  ['proceeding', 'provisional', 'proceeding', 'deliver', same, same],
  ['proceeding', 'success', 'accepted', 'quiet arm-M deliver', same, same],
  ['proceeding', 'failure', 'completed', 'quiet arm-D send-ack deliver', 'terminated', 'send-ack deliver'],
  ['proceeding', 'timer-cancel-wait', 'terminated', 'report-timeout', same, same],
  ['accepted', 'success', 'accepted', 'deliver', same, same],
  ['accepted', 'timer-M', 'terminated', '', same, same],
  ['completed', 'failure', 'completed', 'send-ack', same, same],
  ['completed', 'timer-D', 'terminated', '', same, same],
  ['completed', 'transport-error', 'terminated', '', same, same],
]

const inviteServerRows: readonly Row[] = [
  ['proceeding', 'request', 'proceeding', 'resend', same, same],
  ['proceeding', 'respond-provisional', 'proceeding', 'send', same, same],
  ['proceeding', 'respond-success', 'accepted', 'arm-L send', same, same],
  ['proceeding', 'respond-failure', 'completed', 'arm-G arm-H send', 'completed', 'arm-H send'],
  ['proceeding', 'answered-before', 'accepted', 'quiet arm-L', same, same],
  ['proceeding', 'transport-error', 'proceeding', 'report-transport-error', same, same],
  ['accepted', 'respond-success', 'accepted', 'send', same, same],
  ['accepted', 'ack', 'accepted', 'deliver', same, same],
  ['accepted', 'timer-L', 'terminated', '', same, same],
  ['accepted', 'transport-error', 'accepted', 'report-transport-error', same, same],
  ['completed', 'request', 'completed', 'resend', same, same],
  ['completed', 'timer-G', 'completed', 'resend arm-G', same, same],
  ['completed', 'ack', 'confirmed', 'quiet arm-I deliver', 'terminated', 'deliver'],
  ['completed', 'answered-before', 'accepted', 'quiet arm-L', same, same],
  ['completed', 'timer-H', 'terminated', 'report-no-ack', same, same],
  ['completed', 'transport-error', 'completed', 'report-transport-error', same, same],
  ['confirmed', 'timer-I', 'terminated', '', same, same],
]

const plainClientRows: readonly Row[] = [
  ['trying', 'timer-E', 'trying', 'resend arm-E', same, same],
  ['trying', 'timer-F', 'terminated', 'report-timeout', same, same],
  ['trying', 'provisional', 'proceeding', 'deliver', same, same],
  ['trying', 'success', 'completed', 'quiet arm-K deliver', 'terminated', 'deliver'],
  ['trying', 'failure', 'completed', 'quiet arm-K deliver', 'terminated', 'deliver'],
  ['trying', 'transport-error', 'terminated', 'report-transport-error', same, same],
  ['proceeding', 'timer-E', 'proceeding', 'resend arm-E-slow', same, same],
  ['proceeding', 'timer-F', 'terminated', 'report-timeout', same, same],
  ['proceeding', 'provisional', 'proceeding', 'deliver', same, same],
  ['proceeding', 'success', 'completed', 'quiet arm-K deliver', 'terminated', 'deliver'],
  ['proceeding', 'failure', 'completed', 'quiet arm-K deliver', 'terminated', 'deliver'],
  ['proceeding', 'transport-error', 'terminated', 'report-transport-error', same, same],
  ['completed', 'timer-K', 'terminated', '', same, same],
]

const plainServerRows: readonly Row[] = [
  ['trying', 'respond-provisional', 'proceeding', 'send', same, same],
  ['trying', 'respond-success', 'completed', 'arm-J send', 'terminated', 'send'],
  ['trying', 'respond-failure', 'completed', 'arm-J send', 'terminated', 'send'],
  ['trying', 'transport-error', 'terminated', 'report-transport-error', same, same],
  ['proceeding', 'request', 'proceeding', 'resend', same, same],
  ['proceeding', 'respond-provisional', 'proceeding', 'send', same, same],
  ['proceeding', 'respond-success', 'completed', 'arm-J send', 'terminated', 'send'],
  ['proceeding', 'respond-failure', 'completed', 'arm-J send', 'terminated', 'send'],
  ['proceeding', 'transport-error', 'terminated', 'report-transport-error', same, same],
  ['completed', 'request', 'completed', 'resend', same, same],
  ['completed', 'timer-J', 'terminated', '', same, same],
  ['completed', 'transport-error', 'terminated', '', same, same],
]

const clientInputs: readonly ClientInput[] = [
  'provisional',
  'success',
  'failure',
  'timer-A',
  'timer-B',
  'timer-D',
  'timer-E',
  'timer-F',
  'timer-K',
  'timer-M',
  'timer-cancel-wait',
  'transport-error',
]

const serverInputs: readonly ServerInput[] = [
  'request',
  'ack',
  'answered-before',
  'respond-provisional',
  'respond-success',
  'respond-failure',
  'timer-G',
  'timer-H',
  'timer-I',
  'timer-J',
  'timer-L',
  'transport-error',
]

type Machine = (state: never, input: never, reliable: boolean) => Step<string>

const machines: readonly [string, Machine, readonly Row[], readonly string[], readonly string[]][] = [
  ['INVITE client', inviteClient, inviteClientRows, ['calling', 'proceeding', 'accepted', 'completed'], clientInputs],
  ['INVITE server', inviteServer, inviteServerRows, ['proceeding', 'accepted', 'completed', 'confirmed'], serverInputs],
  ['non-INVITE client', plainClient, plainClientRows, ['trying', 'proceeding', 'completed'], clientInputs],
  ['non-INVITE server', plainServer, plainServerRows, ['trying', 'proceeding', 'completed'], serverInputs],
]

describe.each(machines)(
  'the %s machine, in every state and for every input',
  (_name, machine, rows, states, inputs) => {
    const cells = states.flatMap((state) => inputs.map((input) => [state, input] as const))

    test.each(cells)('%s, %s', (state, input) => {
      const row = rows.find(([from, on]) => from === state && on === input)
      for (const reliable of [false, true]) {
        const step = machine(state as never, input as never, reliable)
        const to = row === undefined ? state : ((reliable ? row[4] : null) ?? row[2])
        const actions = row === undefined ? '' : ((reliable ? row[5] : null) ?? row[3])
        expect([step.state, step.actions.join(' ')]).toEqual([to, actions])
      }
    })

    test('terminated is the end', () => {
      for (const input of inputs) {
        expect(machine('terminated' as never, input as never, false)).toEqual({ state: 'terminated', actions: [] })
      }
    })
  },
)

test('clients begin by sending, and repeat themselves over UDP only', () => {
  expect(startInviteClient(false).actions).toEqual(['resend', 'arm-A', 'arm-B'])
  expect(startInviteClient(true).actions).toEqual(['resend', 'arm-B'])
  expect(startPlainClient(false).actions).toEqual(['resend', 'arm-E', 'arm-F'])
  expect(startPlainClient(true).actions).toEqual(['resend', 'arm-F'])
})
