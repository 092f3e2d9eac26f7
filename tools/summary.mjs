/** Prints one closing line over the test reports that the suites left behind: `N passed, N failed, N skipped`. */
import { existsSync, readFileSync } from 'node:fs'

let [passed, failed, skipped] = [0, 0, 0]
for (const report of ['test-report.json', 'peers-report.json']) {
  if (!existsSync(report)) {
    console.log(`${report} is missing: its suite did not run to its end`)
    failed++
    continue
  }
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, numTotalTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  passed += numPassedTests
  failed += numFailedTests
  skipped += numPendingTests
  if (numTotalTests === 0 && numFailedTestSuites > 0) failed += numFailedTestSuites
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
