import { describe, expect, it } from 'vitest'
import { developmentFile } from '../../src/config/development.ts'
import { createDialer } from '../../src/config/dialer.ts'
import { defineConfig } from '../../src/config/load.ts'

const dialer = createDialer(
  defineConfig(
    {
      trunks: [
        { name: 'carrier', server: 'a.example', callerId: '+15550000' },
        { name: 'cheap', server: 'b.example' },
      ],
      sip: { users: [{ name: 'alice', password: 'long-enough' }] },
      outbound: [
        { to: '+1900*', trunk: 'cheap' },
        { to: '+1*', trunk: 'carrier' },
        { to: '+1*', trunk: 'cheap' },
        { to: 'sip:*@partner.example' },
      ],
    },
    {},
  ),
)

describe('who can be called', () => {
  it('a registered user', () => {
    expect(dialer.target({ to: 'alice', from: '100' })).toEqual({
      ok: true,
      target: { network: 'sip', to: 'alice', from: '100' },
    })
  })

  it('a number that a rule gives a trunk, from the trunk’s caller ID', () => {
    expect(dialer.target({ to: '+15551234' })).toEqual({
      ok: true,
      target: { network: 'sip', to: '+15551234', from: '+15550000', trunk: 'carrier' },
    })
    expect(dialer.target({ to: '+1900555' })).toMatchObject({ target: { trunk: 'cheap', from: 'onhook' } })
    expect(dialer.target({ to: '+15551234', trunk: 'cheap' })).toMatchObject({ target: { trunk: 'cheap' } })
  })

  it.each(['sip:bob@partner.example', 'sip:bob@PARTNER.example:5070', 'sip:bob@partner.example;transport=tcp'])(
    'a SIP address that a rule names: %s',
    (to) => {
      expect(dialer.target({ to })).toMatchObject({ ok: true, target: { to } })
    },
  )
})

describe('who cannot', () => {
  it.each([
    ['+4420', 'dial.no-rule'],
    ['bob', 'dial.no-rule'],
    ['sip:bob@elsewhere.example', 'dial.no-rule'],
    ['sip:bob@partner.example.evil.example', 'dial.no-rule'],
    ['sip:x@evil.example;a=@partner.example', 'dial.bad-address'],
    ['sip:x@evil.example?To=b@partner.example', 'dial.bad-address'],
    ['sip:x@evil.example@partner.example', 'dial.bad-address'],
    ['sip:x@evil.example>,<sip:y@partner.example', 'dial.bad-address'],
    ['+1555\r\nVia: x', 'dial.bad-address'],
    ['', 'dial.bad-address'],
    ['tel:+1555', 'dial.bad-address'],
  ])('%s: %s', (to, code) => {
    expect(dialer.target({ to })).toMatchObject({ ok: false, code })
  })

  it('a trunk that no rule gives this number', () => {
    expect(dialer.target({ to: '+4420', trunk: 'carrier' })).toMatchObject({ code: 'dial.no-rule' })
    expect(dialer.target({ to: '+1', trunk: 'nobody' })).toMatchObject({ code: 'dial.unknown-trunk' })
  })
})

it('in development only this machine can be called', () => {
  const local = createDialer(defineConfig(developmentFile({ vobiz: 'http://127.0.0.1:3000/' }), {}))
  for (const to of ['sip:a@127.0.0.1:5062', 'sip:127.0.0.1:5062', 'sip:a@localhost'])
    expect(local.target({ to }).ok).toBe(true)
  for (const to of ['sip:a@x127.0.0.1', 'sip:a@192.0.2.1', '+1555']) expect(local.target({ to }).ok).toBe(false)
})
