/** The variables that a function finds, as on AWS. */

export type Place = Readonly<{ name: string; region: string; handler: string; folder: string; memory: number }>

/** Of this process's own variables, those that a program needs and that tell nothing of Onhook. */
const passed =
  /^(PATH|HOME|TMPDIR|LD_LIBRARY_PATH|LANG|LC_.*|SSL_CERT_.*|NODE_EXTRA_CA_CERTS|(HTTPS?|NO|ALL)_PROXY|AWS_.*|PYTHON.*|PYENV.*|VIRTUAL_ENV|JAVA_HOME|DOTNET_.*)$/i

export function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined && passed.test(name)) kept[name] = value
  return kept
}

export function arnOf(name: string, region: string, account: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`
}

export function lambdaEnvironment({ name, region, handler, folder, memory }: Place): Record<string, string> {
  return {
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: folder,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '$LATEST',
  }
}
