/** Prometheus metrics. Every label has few values: cause, actor, phase, network, and the like. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { firstLeg, legOf } from '../call/call.ts'
import { phases } from '../call/ending.ts'
import { phaseOf } from '../call/leg.ts'
import type { LiveEvent } from '../switchboard/feed.ts'
import type { ControlPlane } from './control.ts'
import { Tally } from './tally.ts'

/** Handed to those who measure: the ledger's and the delivery's wiring in the composition root. */
export interface Metrics {
  readonly registry: Registry
  /** One attempt at a delivery. `outcome`: `delivered`, `retry` or `failed`. */
  attempted(platform: string, outcome: 'delivered' | 'retry' | 'failed', milliseconds: number): void
  /** One group commit. */
  committed(milliseconds: number, rows: number): void
  /** The server began and ended so many calls that it found live. */
  recovered(calls: number): void
  /** A new call was shed: the limit that did it. */
  shed(limit: 'calls' | 'rate' | 'caller' | 'draining'): void
  /** A network left something that it heard without effect. */
  ignored(network: string, cause: string): void
  /** What became of something that a network had to send. */
  settled(network: string, kind: string, outcome: string): void
  /** What a network has yet to send: how many, and the milliseconds that the oldest has waited. Read when asked. */
  backlog(network: string, read: () => Readonly<{ letters: number; lag: number }>): void
  /** Connections that a network has turned away so far. Read when asked. */
  turnedAway(network: string, read: () => number): void
  close(): void
}

const network = ['network'] as const
const fate = ['cause', 'actor', 'phase', 'network'] as const

export function createMetrics(control: Pick<ControlPlane, 'live' | 'subscribe'>): Metrics {
  const registry = new Registry()
  // Its look at the event loop is a timer: at the default of 10 ms it would wake an idle server a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  const registers = [registry]

  const tallied = (name: string, help: string, labelNames: readonly string[]): Tally => {
    const tally = new Tally(labelNames)
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        tally.tell(this)
      },
    })
    return tally
  }
  const callsEnded = tallied(
    'onhook_calls_ended_total',
    'Calls ended, by why, who, how far, and the network of the first leg',
    fate,
  )
  const legsEnded = tallied('onhook_legs_ended_total', 'Legs ended, by why, who, how far, and network', fate)
  const begun = tallied('onhook_legs_begun_total', 'Legs begun', network)
  const late = new Counter({
    name: 'onhook_late_ends_total',
    help: 'Terminal facts that came after the ending, and changed nothing',
    labelNames: network,
    registers,
  })
  const told = tallied('onhook_told_total', 'What became of telling far ends that it is over', ['network', 'outcome'])
  const talk = new Histogram({
    name: 'onhook_call_talk_seconds',
    help: 'Answer to end of answered calls',
    buckets: [1, 5, 15, 60, 300, 900, 3600, 14_400],
    registers,
  })
  new Gauge({
    name: 'onhook_calls_live',
    help: 'Live calls, by how far the first leg has come',
    labelNames: ['phase'],
    registers,
    collect() {
      const counts = new Map<string, number>(phases.map((phase) => [phase, 0]))
      for (const call of control.live()) {
        const phase = phaseOf(firstLeg(call))
        counts.set(phase, (counts.get(phase) ?? 0) + 1)
      }
      for (const [phase, count] of counts) this.set({ phase }, count)
    },
  })
  const attempts = new Counter({
    name: 'onhook_delivery_attempts_total',
    help: 'Attempts at webhooks, by platform and outcome',
    labelNames: ['platform', 'outcome'],
    registers,
  })
  const attemptTime = new Histogram({
    name: 'onhook_delivery_attempt_seconds',
    help: 'How long an attempt at a webhook took',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
    registers,
  })
  const commitTime = new Histogram({
    name: 'onhook_ledger_commit_seconds',
    help: 'How long a group commit took',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    registers,
  })
  const commitRows = new Counter({ name: 'onhook_ledger_rows_total', help: 'Rows written', registers })
  const found = new Counter({
    name: 'onhook_recovered_calls_total',
    help: 'Calls found live at start, and ended',
    registers,
  })
  const refused = new Counter({
    name: 'onhook_calls_shed_total',
    help: 'New calls refused before live ones suffer, by the limit that did it',
    labelNames: ['limit'],
    registers,
  })

  const ignored = new Counter({
    name: 'onhook_ignored_total',
    help: 'What networks heard and left without effect, by why',
    labelNames: ['network', 'cause'],
    registers,
  })
  const settled = new Counter({
    name: 'onhook_sent_total',
    help: 'What became of events that networks had to send',
    labelNames: ['network', 'kind', 'outcome'],
    registers,
  })
  const doors = new Map<string, () => number>()
  new Counter({
    name: 'onhook_connections_turned_away_total',
    help: 'Connections closed because there were too many, in all or of one source',
    labelNames: network,
    registers,
    collect() {
      this.reset()
      for (const [name, read] of doors) this.inc({ network: name }, read())
    },
  })
  const backlogs = new Map<string, () => Readonly<{ letters: number; lag: number }>>()
  new Gauge({
    name: 'onhook_outbox_events',
    help: 'Events that wait to be sent',
    labelNames: network,
    registers,
    collect() {
      for (const [name, read] of backlogs) this.set({ network: name }, read().letters)
    },
  })
  new Gauge({
    name: 'onhook_outbox_lag_seconds',
    help: 'How long the oldest event that waits to be sent has waited',
    labelNames: network,
    registers,
    collect() {
      for (const [name, read] of backlogs) this.set({ network: name }, read().lag / 1000)
    },
  })

  const observe = (event: LiveEvent) => {
    if (event.type === 'annex') {
      if (event.entry.type === 'late') late.inc({ network: event.network })
      else told.add(event.network, event.entry.outcome)
      return
    }
    const { notice, call } = event
    switch (notice.type) {
      case 'call-ended': {
        const { cause, actor, phase } = notice.ending
        const first = firstLeg(call)
        callsEnded.add(cause, actor, phase, first.network)
        const answered = first.times.answered
        if (answered !== undefined) talk.observe(Math.max(0, notice.ending.at - answered) / 1000)
        return
      }
      case 'leg-ended': {
        const { cause, actor, phase } = notice.ending
        legsEnded.add(cause, actor, phase, legOf(call, notice.leg)?.network ?? 'unknown')
        return
      }
      case 'leg-added':
        return begun.add(legOf(call, notice.leg)?.network ?? 'unknown')
      default:
        return
    }
  }
  const unsubscribe = control.subscribe(observe)

  return {
    registry,
    attempted(platform, outcome, milliseconds) {
      attempts.inc({ platform, outcome })
      attemptTime.observe(milliseconds / 1000)
    },
    committed(milliseconds, rows) {
      commitTime.observe(milliseconds / 1000)
      commitRows.inc(rows)
    },
    recovered: (calls) => found.inc(calls),
    shed: (limit) => refused.inc({ limit }),
    ignored: (name, cause) => ignored.inc({ network: name, cause }),
    settled: (name, kind, outcome) => settled.inc({ network: name, kind, outcome }),
    backlog: (name, read) => void backlogs.set(name, read),
    turnedAway: (name, read) => void doors.set(name, read),
    close() {
      unsubscribe()
      registry.clear()
    },
  }
}
