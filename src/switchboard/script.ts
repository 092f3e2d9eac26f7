import type { CallControl, Platform } from './ports.ts'

/** Runs the script of a call. A script that leaves its call live has failed: nobody else would ever end it. */
export function runScript(
  platform: Platform | undefined,
  control: CallControl,
  onFault: (fault: unknown, context: string) => void,
): void {
  const { app, state } = control.call()
  if (state.name === 'ended') return
  const left = (detail: string) => {
    if (control.call().state.name === 'live') control.end({ cause: 'error', actor: 'platform', detail })
  }
  if (platform === undefined) return left(`no platform called ${app.platform}`)
  platform.run(control).then(
    () => left('the script left its call'),
    (fault: unknown) => {
      onFault(fault, `the script of platform ${platform.name}`)
      left('the script failed')
    },
  )
}
