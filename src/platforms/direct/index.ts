export { createDirectPlatform } from './direct.ts'
