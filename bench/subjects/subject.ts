/** What is measured: a program that answers SIP calls, holds them, and keeps records. */
import type { Bench } from '../bench.ts'

export const subjectNames = ['onhook', 'asterisk'] as const
export type SubjectName = (typeof subjectNames)[number]

export type Settings = Readonly<{
  /** false: a call's sound has one socket instead of two, where the program can do so. */
  rtcp?: boolean
  /** Run a web app on every call instead of holding it. */
  app?: Readonly<{ answerUrl: string; hangupUrl: string }>
  /** Or a Chime handler: a function of Onhook's configuration. */
  handler?: Readonly<Record<string, unknown>>
  /** Sections of Onhook's configuration that replace those of the benchmark. */
  config?: Readonly<Record<string, unknown>>
  /** `NODE_OPTIONS` of the process, and so of all its threads. */
  nodeOptions?: string
}>

export type Subject = Readonly<{
  name: SubjectName
  /** Why it cannot be measured here, and what would mend that. */
  missing(): string | undefined
  version(): string
  /** A new empty place: configuration, a port, no records. */
  place(bench: Bench, settings?: Settings): Promise<Place>
}>

export type Place = Readonly<{
  /** Starts the program on it, and waits until it serves. */
  start(): Promise<Running>
  /** Final records that have reached its store so far. */
  records(): number
  close(): void
}>

export type Running = Readonly<{
  pid: number
  /** SIP over UDP on 127.0.0.1. */
  port: number
  /** The moment at which its process was started. */
  started: number
  live(): Promise<number>
  /** Commands that every call ends. Resolves when the command has been taken. */
  endAll(): Promise<void>
  /** `kill -9` */
  kill(): Promise<void>
  /** Asks it to stop. */
  stop(): Promise<void>
}>
