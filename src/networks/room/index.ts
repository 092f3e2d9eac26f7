export { createRoomNetwork } from './network.ts'
