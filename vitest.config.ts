import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// `npm test` runs everything but the peers (programs nobody here wrote) and the long property runs.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'node_modules/**'],
    pool: 'forks',
    // docs/adr/0014-webassembly-code-stays.md
    execArgv: ['--no-wasm-code-gc'],
    // One core less than there are, as is the custom, would be one file at a time on two, and most files wait for something.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
