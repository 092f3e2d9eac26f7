import { defineConfig } from 'vitest/config'

// `npm test` runs everything but the peers (programs nobody here wrote) and the long property runs.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'node_modules/**'],
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
