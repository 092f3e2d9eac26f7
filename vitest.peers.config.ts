import { defineConfig } from 'vitest/config'

// Tests against programs that nobody here wrote: one file at a time, they share ports and cores.
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    pool: 'forks',
    // docs/adr/0014-webassembly-code-stays.md
    execArgv: ['--no-wasm-code-gc'],
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: 'peers-report.json' }]],
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
