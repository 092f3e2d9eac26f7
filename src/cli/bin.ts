#!/usr/bin/env node
/** The installed command. It imports nothing until the rest can be read: an older Node would answer with a syntax error. */
const oldest = 24

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `onhook: it needs Node ${oldest} or later, and this is ${process.versions.node}; see https://nodejs.org\n`,
  )
  process.exitCode = 1
} else {
  const { start } = await import('./main.ts')
  start()
}

export {}
