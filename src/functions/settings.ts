/** How a function is reached or run. Paths that are not absolute are taken from the `folder` that `createFunctions` is given. */
export type FunctionSettings = FileSettings | RuntimeSettings | CommandSettings | UrlSettings | ArnSettings

type Shared = Readonly<{
  /** The most invocations at a time; for what runs here, the most processes. */
  concurrency?: number
}>

type Local = Shared &
  Readonly<{
    /** Added to what every function gets; wins over it. */
    env?: Readonly<Record<string, string>>
    /** Megabytes that the function is told and, where it is JavaScript, held to. 512 if absent. */
    memory?: number
  }>

/** A file in a process that stays warm: `.js .mjs .cjs .ts .mts .cts`, or `.py` (then as `runtime: 'python3'`). */
export type FileSettings = Local &
  Readonly<{
    file: string
    /** The export, `handler` or `index.handler`. Absent: found, if there is only one that it can be. */
    handler?: string
  }>

/** A Python that speaks the Lambda Runtime API: `awslambdaric` where that Python has it, else our own few lines. */
export type RuntimeSettings = Local &
  Readonly<{
    /** A Python on the PATH or by its path: `python3`, `python3.12`, `/srv/venv/bin/python`. */
    runtime: string
    /** `module.function`, as AWS names it. */
    handler: string
    /** The folder that the module is in. */
    root?: string
  }>

/** Any program that speaks the Lambda Runtime API: a `bootstrap`, or a runtime interface client. */
export type CommandSettings = Local &
  Readonly<{
    /** A line for the shell, or the program and its arguments. */
    command: string | readonly string[]
    /** Given as `_HANDLER`. */
    handler?: string
    /** Where it runs. */
    root?: string
  }>

/** A Lambda endpoint or the runtime interface emulator. */
export type UrlSettings = Shared &
  Readonly<{
    /** Its base, or the whole address of the invocation. */
    url: string
  }>

/** AWS itself, by the optional package `@aws-sdk/client-lambda`. */
export type ArnSettings = Shared &
  Readonly<{
    /** An ARN, or a name together with `region`. */
    arn: string
    /** Absent: the ARN's. */
    region?: string
    /** Another address than AWS's. Absent: `AWS_ENDPOINT_URL_LAMBDA`, or AWS. */
    endpoint?: string
  }>
