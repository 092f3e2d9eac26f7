export { createDirectPlatform, type DirectData } from './direct.ts'
