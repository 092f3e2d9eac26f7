import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callOfAddress, formatJid, parseJid, sameDevice, sameUser } from '../../../src/dialects/whatsapp/index.ts'

describe('an address', () => {
  test.each([
    ['15552223333@s.whatsapp.net', { user: '15552223333', device: 0, server: 's.whatsapp.net' }],
    ['15552223333@c.us', { user: '15552223333', device: 0, server: 's.whatsapp.net' }],
    ['123456789012345@lid', { user: '123456789012345', device: 0, server: 'lid' }],
    ['123456789012345:12@lid', { user: '123456789012345', device: 12, server: 'lid' }],
    ['1555:0@s.whatsapp.net', { user: '1555', device: 0, server: 's.whatsapp.net' }],
    ['B.0:7@s.whatsapp.net', { user: 'B', agent: 0, device: 7, server: 's.whatsapp.net' }],
    ['B.12:3@s.whatsapp.net', { user: 'B', agent: 12, device: 3, server: 's.whatsapp.net' }],
    ['1234_1:3@s.whatsapp.net', { user: '1234', device: 3, server: 'lid' }],
    ['1234_128:3@s.whatsapp.net', { user: '1234', device: 3, server: 'hosted' }],
    ['1234_129:3@s.whatsapp.net', { user: '1234', device: 3, server: 'hosted.lid' }],
    ['1234_0:3@s.whatsapp.net', { user: '1234', agent: 0, device: 3, server: 's.whatsapp.net' }],
    ['1234:99@hosted', { user: '1234', device: 99, server: 'hosted' }],
    ['1234:99@hosted.lid', { user: '1234', device: 99, server: 'hosted.lid' }],
    ['867051314767696@bot', { user: '867051314767696', device: 0, server: 'bot' }],
    ['1-2345:6@interop', { user: '1-2345', device: 6, server: 'interop' }],
    ['1234:5@msgr', { user: '1234', device: 5, server: 'msgr' }],
    ['15551234567-1600000000@g.us', { user: '15551234567-1600000000', device: 0, server: 'g.us' }],
    ['ABCDEF.1:2@call', { user: 'ABCDEF.1:2', device: 0, server: 'call' }],
    ['s.whatsapp.net', { user: '', device: 0, server: 's.whatsapp.net' }],
  ])('%s', (text, jid) => {
    expect(parseJid(text)).toEqual(jid)
  })

  test.each(['', 'nobody', 'a@', 'a@b c', ':1@lid', 'A@LID'])('%j is none', (text) => {
    expect(parseJid(text)).toBeNull()
  })

  test('is written without agent, and without device 0', () => {
    expect(formatJid({ user: 'B', agent: 12, device: 3, server: 'lid' })).toBe('B:3@lid')
    expect(formatJid({ user: 'B', device: 0, server: 'lid' })).toBe('B@lid')
    expect(formatJid({ user: '', device: 0, server: 's.whatsapp.net' })).toBe('s.whatsapp.net')
  })
})

test('the same device is the same in user, server and device, whatever its agent', () => {
  expect(sameDevice('B.12:3@s.whatsapp.net', 'B.0:3@s.whatsapp.net')).toBe(true)
  expect(sameDevice('B:0@lid', 'B@lid')).toBe(true)
  expect(sameDevice('B:1@lid', 'B:2@lid')).toBe(false)
  expect(sameDevice('B:1@lid', 'B:1@s.whatsapp.net')).toBe(false)
  expect(sameDevice('1234_1:3@s.whatsapp.net', '1234:3@lid')).toBe(true)
  expect(sameDevice('no address', 'no address')).toBe(true)
})

test('whether two people are one cannot be said across servers', () => {
  expect(sameUser('B:1@lid', 'B:2@lid')).toBe(true)
  expect(sameUser('B@lid', 'C@lid')).toBe(false)
  expect(sameUser('1555@s.whatsapp.net', '1234@lid')).toBeNull()
})

test('a call has an address of its own', () => {
  expect(callOfAddress('ABC@call')).toBe('ABC')
  expect(callOfAddress('ABC@lid')).toBeNull()
})

test('an address that is written is read as itself', () => {
  const user = fc.stringMatching(/^[0-9]{5,15}$/)
  fc.assert(
    fc.property(user, fc.nat(255), fc.constantFrom('s.whatsapp.net', 'lid', 'hosted'), (name, device, server) => {
      expect(parseJid(formatJid({ user: name, device, server }))).toEqual({ user: name, device, server })
    }),
  )
})
