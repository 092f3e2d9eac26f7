/**
 * Names what failed in the reports that the suites left behind, and prints one closing line: `N passed, N failed, N skipped`.
 *
 *   node tools/summary.mjs test-report.json=0 peers-report.json=1     each with the exit code of its suite
 *
 * A suite that crashed says less than it should: what its report does not tell, its exit code does. Exits with 1 if anything failed.
 */
import { existsSync, readFileSync } from 'node:fs'

const total = { passed: 0, failed: 0, skipped: 0 }
for (const argument of process.argv.slice(2)) {
  const [report, code] = argument.split('=')
  const counted = countsOf(report)
  if (code !== '0' && counted.failed === 0) fail(counted, `${report}: its suite ended with ${code}`)
  for (const key of Object.keys(total)) total[key] += counted[key]
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1

function countsOf(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const results = existsSync(report) ? parsed(readFileSync(report, 'utf8')) : undefined
  if (results === undefined) return fail(counts, `${report} is missing or broken: its suite did not run to its end`)
  for (const { name, status, message, assertionResults } of results.testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed')
    for (const failure of failures) console.log(`FAILED: ${told(name, failure)}`)
    const failed = failures.length
    const passed = assertionResults.filter((test) => test.status === 'passed').length
    counts.passed += passed
    counts.failed += failed
    counts.skipped += assertionResults.length - failed - passed
    // It could not be loaded, or a hook failed: its tests did not run, and are no skipped ones for that.
    if (status === 'failed' && failed === 0) fail(counts, `${name}: ${message || 'failed outside of its tests'}`)
  }
  if (results.success === false && counts.failed === 0) fail(counts, `${report}: something failed outside of all tests`)
  return counts
}

/** Where it stands, and enough of why to see what kind of failure it is: the whole is in the suite's own output, far above. */
function told(file, { fullName, failureMessages = [] }) {
  const why = failureMessages.join(' ').replace(/\s+/g, ' ').slice(0, 500)
  return `${file.replace(/^.*\/(?=test\/)/, '')} > ${fullName}: ${why}`
}

function fail(counts, why) {
  console.log(`FAILED: ${why}`)
  counts.failed++
  return counts
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
