export { createMatrixNetwork } from './network.ts'
