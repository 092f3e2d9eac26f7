import { defineConfig } from 'vitest/config'

// Tests against programs that nobody here wrote. They mostly wait: two files at a time are little work for two cores.
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    pool: 'forks',
    // docs/adr/0014-webassembly-code-stays.md
    execArgv: ['--no-wasm-code-gc'],
    maxWorkers: 2,
    reporters: ['default', ['json', { outputFile: 'peers-report.json' }]],
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
