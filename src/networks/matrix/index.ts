export { createMatrixNetwork, type MatrixNetwork } from './network.ts'
export type { MatrixCounters, MatrixSettings } from './settings.ts'
