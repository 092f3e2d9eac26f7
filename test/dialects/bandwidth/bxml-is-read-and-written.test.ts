import { describe, expect, test } from 'vitest'
import {
  type OutgoingVerb,
  parseBxml,
  serialiseBxml,
  type VerbName,
  verbNames,
  verbTable,
} from '../../../src/dialects/bandwidth/index.ts'

const url = 'https://example.com/next'
const credentials = { username: 'u', password: 'p', fallbackUsername: 'fu', fallbackPassword: 'fp' }

/** Each verb with every attribute it has. */
const samples: Record<
  Exclude<VerbName, 'PhoneNumber' | 'SipUri' | 'Endpoint' | 'StreamParam' | 'CustomParam'>,
  OutgoingVerb
> = {
  Hangup: { name: 'Hangup' },
  Redirect: {
    name: 'Redirect',
    attributes: {
      redirectUrl: '/next',
      redirectMethod: 'POST',
      redirectFallbackUrl: url,
      redirectFallbackMethod: 'GET',
      ...credentials,
      tag: '',
    },
  },
  Forward: {
    name: 'Forward',
    attributes: {
      to: '+15550100',
      from: '+15550101',
      callTimeout: 12.5,
      diversionTreatment: 'stack',
      diversionReason: 'user-busy',
      uui: 'abc;encoding=base64',
    },
  },
  Transfer: {
    name: 'Transfer',
    attributes: {
      transferCallerId: '+15550100',
      transferCallerDisplayName: 'Name',
      callTimeout: 15,
      transferCompleteUrl: url,
      transferCompleteMethod: 'GET',
      transferCompleteFallbackUrl: url,
      transferCompleteFallbackMethod: 'POST',
      ...credentials,
      tag: 'tag',
      diversionTreatment: 'propagate',
      diversionReason: 'away',
    },
    children: [
      {
        name: 'PhoneNumber',
        attributes: {
          transferAnswerUrl: url,
          transferAnswerMethod: 'POST',
          transferAnswerFallbackUrl: url,
          transferAnswerFallbackMethod: 'POST',
          transferDisconnectUrl: url,
          transferDisconnectMethod: 'POST',
          ...credentials,
          tag: 'b',
          uui: 'abc;encoding=hex',
        },
        text: '+15550102',
      },
      { name: 'SipUri', attributes: { uui: 'abc;encoding=jwt' }, text: 'sip:a@example.com' },
    ],
  },
  Refer: {
    name: 'Refer',
    attributes: { referCompleteUrl: url, referCompleteMethod: 'POST', tag: 't' },
    children: [{ name: 'SipUri', text: 'sip:a@example.com' }],
  },
  Connect: { name: 'Connect', attributes: { eventCallbackUrl: url }, children: [{ name: 'Endpoint', text: 'e-1' }] },
  Bridge: {
    name: 'Bridge',
    attributes: {
      bridgeCompleteUrl: url,
      bridgeCompleteMethod: 'POST',
      bridgeCompleteFallbackUrl: url,
      bridgeCompleteFallbackMethod: 'POST',
      bridgeTargetCompleteUrl: url,
      bridgeTargetCompleteMethod: 'POST',
      bridgeTargetCompleteFallbackUrl: url,
      bridgeTargetCompleteFallbackMethod: 'POST',
      ...credentials,
      tag: 't',
    },
    text: 'c-1',
  },
  Conference: {
    name: 'Conference',
    attributes: {
      mute: true,
      hold: false,
      callIdsToCoach: 'c-1,c-2',
      conferenceEventUrl: url,
      conferenceEventMethod: 'POST',
      conferenceEventFallbackUrl: url,
      conferenceEventFallbackMethod: 'POST',
      ...credentials,
      tag: 't',
      callbackTimeout: 15,
    },
    text: 'my-room',
  },
  Gather: {
    name: 'Gather',
    attributes: {
      gatherUrl: url,
      gatherMethod: 'POST',
      gatherFallbackUrl: url,
      gatherFallbackMethod: 'POST',
      ...credentials,
      tag: 't',
      terminatingDigits: '#',
      maxDigits: 4,
      interDigitTimeout: 5,
      firstDigitTimeout: 0,
      repeatCount: 3,
    },
    children: [
      { name: 'SpeakSentence', text: 'Press a key' },
      { name: 'PlayAudio', text: 'https://example.com/a.wav' },
    ],
  },
  Record: {
    name: 'Record',
    attributes: {
      recordCompleteUrl: url,
      recordCompleteMethod: 'POST',
      recordCompleteFallbackUrl: url,
      recordCompleteFallbackMethod: 'POST',
      recordingAvailableUrl: url,
      recordingAvailableMethod: 'POST',
      transcribe: true,
      detectLanguage: false,
      transcriptionAvailableUrl: url,
      transcriptionAvailableMethod: 'POST',
      ...credentials,
      tag: 't',
      terminatingDigits: '#',
      maxDuration: 60,
      silenceTimeout: 3,
      fileFormat: 'mp3',
    },
  },
  StartRecording: {
    name: 'StartRecording',
    attributes: {
      recordingAvailableUrl: url,
      recordingAvailableMethod: 'POST',
      transcribe: true,
      transcriptionAvailableUrl: url,
      username: 'u',
      password: 'p',
      tag: 't',
      fileFormat: 'wav',
      multiChannel: true,
    },
  },
  StopRecording: { name: 'StopRecording' },
  PauseRecording: { name: 'PauseRecording' },
  ResumeRecording: { name: 'ResumeRecording' },
  StartGather: {
    name: 'StartGather',
    attributes: { dtmfUrl: url, dtmfMethod: 'POST', username: 'u', password: 'p', tag: 't' },
  },
  StopGather: { name: 'StopGather' },
  StartStream: {
    name: 'StartStream',
    attributes: {
      name: 's',
      mode: 'bidirectional',
      tracks: 'both',
      destination: 'wss://example.com',
      destinationUsername: 'u',
      destinationPassword: 'p',
      streamEventUrl: url,
      streamEventMethod: 'POST',
      username: 'u',
      password: 'p',
    },
    children: [{ name: 'StreamParam', attributes: { name: 'n', value: 'v' } }],
  },
  StopStream: { name: 'StopStream', attributes: { name: 's', wait: true } },
  StartTranscription: {
    name: 'StartTranscription',
    attributes: {
      name: 't',
      tracks: 'inbound',
      transcriptionEventUrl: url,
      transcriptionEventMethod: 'POST',
      username: 'u',
      password: 'p',
      destination: 'wss://example.com',
      stabilized: false,
    },
    children: [{ name: 'CustomParam', attributes: { name: 'n', value: 'v' } }],
  },
  StopTranscription: { name: 'StopTranscription', attributes: { name: 't' } },
  PlayAudio: {
    name: 'PlayAudio',
    attributes: { username: 'u', password: 'p' },
    text: 'https://example.com/a.wav?a=1&b=2',
  },
  SpeakSentence: {
    name: 'SpeakSentence',
    attributes: { voice: 'julie', gender: 'female', locale: 'en_US' },
    markup: ['Hello ', { name: 'emphasis', attributes: { level: 'strong' }, children: ['Tom & Jerry <3'] }],
  },
  Pause: { name: 'Pause', attributes: { duration: 0.5 } },
  Ring: { name: 'Ring', attributes: { duration: 5, answerCall: false } },
  SendDtmf: { name: 'SendDtmf', attributes: { toneDuration: 200, toneInterval: 400 }, text: '12wW,*#aD' },
  Tag: { name: 'Tag', text: 'a tag' },
}
const top = Object.keys(samples) as (keyof typeof samples)[]

/** What of a verb that was read is to be compared. */
const plain = (verb: {
  name: string
  attributes?: unknown
  text?: string
  children?: readonly unknown[]
}): unknown => ({
  name: verb.name,
  attributes: verb.attributes ?? {},
  text: verb.name === 'SpeakSentence' ? undefined : (verb.text ?? ''),
  children: ((verb.children ?? []) as OutgoingVerb[]).map(plain),
})

describe.each(top)('%s', (name) => {
  const document = { verbs: [samples[name]] }

  test('is written, read back, and written again the same', () => {
    const written = serialiseBxml(document)
    expect(written).toMatchObject({ ok: true })
    if (!written.ok) return
    const read = parseBxml(written.value)
    expect(read).toMatchObject({ ok: true, warnings: [] })
    if (!read.ok) return
    expect(read.value.verbs.map(plain)).toEqual(document.verbs.map(plain))
    expect(serialiseBxml(read.value as never)).toEqual(written)
  })

  test('tolerates an attribute that is not published, and warns of its place', () => {
    const written = serialiseBxml(document)
    const text = (written.ok ? written.value : '').replace(`<${name}`, `<${name} timeLimit="7200"`)
    expect(parseBxml(text)).toMatchObject({
      ok: true,
      warnings: [{ code: 'bandwidth.bxml-unknown-attribute' }],
    })
    const own = { ...samples[name], attributes: { ...samples[name].attributes, timeLimit: 7200 } } as never
    expect(serialiseBxml({ verbs: [own] })).toMatchObject({ ok: false, faults: [{ code: 'bandwidth.bxml-attribute' }] })
  })
})

test('every verb of the table is tested, at the top or inside another', () => {
  const inside = ['PhoneNumber', 'SipUri', 'Endpoint', 'StreamParam', 'CustomParam']
  expect([...top, ...inside].sort()).toEqual([...verbNames].sort())
})

describe('what shipped generators write is read', () => {
  test.each([
    '<Response><Hangup/></Response>',
    '<Response><Hangup /></Response>',
    '<Response><Hangup></Hangup></Response>',
    '<Response>\n  <Hangup>\n  </Hangup>\n</Response>\n',
    '<Bxml><Hangup/></Bxml>',
    '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>',
    "<?xml version='1.0' encoding='UTF-8'?>\n<Response><Hangup/></Response>",
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Response><Hangup/></Response>',
    '\uFEFF<?xml version="1.0" encoding="utf-8"?><Response><!-- bye --><Hangup/></Response>',
  ])('%s', (document) => {
    expect(parseBxml(document)).toMatchObject({ ok: true, value: { verbs: [{ name: 'Hangup' }] }, warnings: [] })
    expect(parseBxml(new TextEncoder().encode(document))).toMatchObject({ ok: true })
  })

  test.each(['<Response/>', '<Response></Response>', '<Bxml/>', '<Response> <!-- nothing --> </Response>'])(
    '%s is empty',
    (document) => {
      expect(parseBxml(document)).toMatchObject({ ok: true, value: { verbs: [] } })
    },
  )

  test('methods in lower case, a misspelt attribute, SIP addresses without sip:, several SSML elements', () => {
    const document = `<Response>
      <Conference calbackTimeout="10" conferenceEventMethod="post">room</Conference>
      <Transfer><SipUri>sip@bw.com</SipUri></Transfer>
      <SpeakSentence>Hi <break time="1s"/><lang xml:lang="es">hola <emphasis>amigo</emphasis></lang></SpeakSentence>
    </Response>`
    expect(parseBxml(document)).toMatchObject({
      ok: true,
      value: {
        verbs: [
          { name: 'Conference', attributes: { callbackTimeout: 10, conferenceEventMethod: 'POST' }, place: '2:7' },
          { name: 'Transfer', children: [{ name: 'SipUri', text: 'sip@bw.com' }] },
          { name: 'SpeakSentence', text: 'Hi', markup: [{ text: 'Hi ' }, { name: 'break' }, { name: 'lang' }] },
        ],
      },
      warnings: [],
    })
  })
})

describe('a document is invalid as a whole', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['', 'xml.empty', '1:1'],
    ['not xml', 'xml.malformed', '1:1'],
    ['<html><body>Error</body></html>', 'bandwidth.bxml-root', '1:1'],
    ['<Response><Hangup></Response>', 'xml.malformed', '1:19'],
    ['<Response><SpeakSentence>a <b and c> d</SpeakSentence></Response>', 'xml.malformed', '1:35'],
    ['<!DOCTYPE Response><Response/>', 'xml.doctype', '1:1'],
    ['<Response>\n  <hangup/>\n</Response>', 'bandwidth.bxml-verb', '2:3'],
    ['<Response><Dial/></Response>', 'bandwidth.bxml-verb', '1:11'],
    ['<Response><Transfer><Number>1</Number></Transfer></Response>', 'bandwidth.bxml-verb', '1:21'],
    ['<Response><PhoneNumber>+15550100</PhoneNumber></Response>', 'bandwidth.bxml-nesting', '1:11'],
    ['<Response><Gather><Hangup/></Gather></Response>', 'bandwidth.bxml-nesting', '1:19'],
    ['<Response><Hangup><Pause/></Hangup></Response>', 'bandwidth.bxml-nesting', '1:19'],
    ['<Response><PlayAudio><b/>x</PlayAudio></Response>', 'bandwidth.bxml-nesting', '1:22'],
    ['<Response>hello<Hangup/></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><Hangup>now</Hangup></Response>', 'bandwidth.bxml-text', '1:19'],
    ['<Response><SpeakSentence> </SpeakSentence></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><SpeakSentence><break/></SpeakSentence></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><PlayAudio/></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><Conference>a room</Conference></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><SendDtmf>12x</SendDtmf></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><Refer><SipUri>a@b</SipUri></Refer></Response>', 'bandwidth.bxml-text', '1:11'],
    ['<Response><Transfer/></Response>', 'bandwidth.bxml-children', '1:11'],
    [
      `<Response><Transfer>${'<PhoneNumber>+15550100</PhoneNumber>'.repeat(9)}</Transfer></Response>`,
      'bandwidth.bxml-children',
      '1:11',
    ],
    ['<Response><Redirect/></Response>', 'bandwidth.bxml-missing-attribute', '1:11'],
    ['<Response><StartStream name="s"/></Response>', 'bandwidth.bxml-missing-attribute', '1:11'],
    ['<Response><Pause duration="soon"/></Response>', 'bandwidth.bxml-attribute', '1:18'],
    ['<Response><Pause duration="0"/></Response>', 'bandwidth.bxml-attribute', '1:18'],
    ['<Response><Gather maxDigits="51"/></Response>', 'bandwidth.bxml-attribute', '1:19'],
    ['<Response><Gather maxDigits="1.5"/></Response>', 'bandwidth.bxml-attribute', '1:19'],
    ['<Response><Redirect redirectUrl="/a" redirectMethod="PUT"/></Response>', 'bandwidth.bxml-attribute', '1:38'],
    ['<Response><Ring answerCall="maybe"/></Response>', 'bandwidth.bxml-attribute', '1:17'],
    [`<Response><SpeakSentence>${'x'.repeat(65_536)}</SpeakSentence></Response>`, 'xml.too-large', '1:1'],
  ]

  test.each(rows.map((row) => [row[0].slice(0, 60), ...row] as const))('%s', (_shown, document, code, place) => {
    const parsed = parseBxml(document)
    expect(parsed.ok ? [] : parsed.faults).toContainEqual(expect.objectContaining({ code, place }))
  })

  test('a verb in the wrong case has a remedy', () => {
    expect(parseBxml('<Response><hangup/></Response>')).toMatchObject({ faults: [{ remedy: 'write Hangup' }] })
  })

  test('every fault is told at once', () => {
    const parsed = parseBxml('<Response><Redirect/><Pause duration="0"/><Dial/></Response>')
    expect(parsed.ok ? [] : parsed.faults.map(({ code }) => code)).toEqual([
      'bandwidth.bxml-missing-attribute',
      'bandwidth.bxml-attribute',
      'bandwidth.bxml-verb',
    ])
  })
})

describe('where a document stands decides which verbs it may hold', () => {
  test.each(['Bridge', 'Conference', 'Forward', 'Transfer'] as const)('%s before the legs are connected', (name) => {
    const written = serialiseBxml({ verbs: [samples[name]] })
    const document = written.ok ? written.value : ''
    expect(parseBxml(document, 'transfer-answer')).toMatchObject({
      ok: false,
      faults: [{ code: 'bandwidth.bxml-context' }],
    })
    expect(serialiseBxml({ verbs: [samples[name]] }, 'transfer-answer')).toMatchObject({ ok: false })
  })

  const inConferences = [
    'PlayAudio',
    'SpeakSentence',
    'StartRecording',
    'StopRecording',
    'PauseRecording',
    'ResumeRecording',
  ]
  test.each(top)('%s in a conference', (name) => {
    const written = serialiseBxml({ verbs: [samples[name]] })
    const document = written.ok ? written.value : ''
    expect(parseBxml(document, 'conference').ok).toBe(inConferences.includes(name))
    expect(parseBxml(document, 'call').ok).toBe(true)
  })
})

describe('what never runs', () => {
  const after = '<SpeakSentence>x</SpeakSentence>'
  test.each([
    [`<Hangup/>${after}`, true],
    [`<Redirect redirectUrl="/a"/>${after}`, true],
    [`<Forward to="+15550100"/>${after}`, true],
    [`<Gather gatherUrl="/a"/>${after}`, true],
    [`<Record recordCompleteUrl="/a"/>${after}`, true],
    [`<Transfer transferCompleteUrl="/a"><PhoneNumber>+15550100</PhoneNumber></Transfer>${after}`, true],
    [`<Gather/>${after}`, false],
    [`<Record/>${after}`, false],
    [`<Transfer><PhoneNumber>+15550100</PhoneNumber></Transfer>${after}`, false],
    [`<Pause/>${after}`, false],
    [`${after}<Hangup/>`, false],
  ])('%s', (verbs, unreachable) => {
    const parsed = parseBxml(`<Response>${verbs}</Response>`)
    const warnings = parsed.ok ? parsed.warnings.map(({ code }) => code) : ['invalid']
    expect(warnings).toEqual(unreachable ? ['bandwidth.bxml-unreachable'] : [])
  })

  test('each row says it by an attribute that it has', () => {
    for (const name of verbNames) {
      const { then, attributes } = verbTable[name]
      if (then !== 'next' && then !== 'never') expect(Object.keys(attributes.fields)).toContain(then)
    }
  })
})

describe('what is written is valid, or refused with its path', () => {
  test.each([
    [{ name: 'Redirect' }, 'bandwidth.bxml-missing-attribute', '/Response/Redirect@redirectUrl'],
    [{ name: 'Pause', attributes: { duration: 0 } }, 'bandwidth.bxml-attribute', '/Response/Pause@duration'],
    [{ name: 'Pause', attributes: { duration: '2' } }, 'bandwidth.bxml-attribute', '/Response/Pause@duration'],
    [{ name: 'Transfer' }, 'bandwidth.bxml-children', '/Response/Transfer'],
    [{ name: 'Transfer', children: [{ name: 'Endpoint', text: 'e' }] }, 'bandwidth.bxml-nesting', '/Response/Transfer'],
    [{ name: 'Hangup', text: 'now' }, 'bandwidth.bxml-text', '/Response/Hangup'],
    [{ name: 'SpeakSentence', text: ' ' }, 'bandwidth.bxml-text', '/Response/SpeakSentence'],
    [{ name: 'PlayAudio', text: 'u', children: [{ name: 'Hangup' }] }, 'bandwidth.bxml-nesting', '/Response/PlayAudio'],
    [{ name: 'PhoneNumber', text: '+15550100' }, 'bandwidth.bxml-nesting', '/Response/PhoneNumber'],
    [{ name: 'Dial' }, 'bandwidth.bxml-verb', '/Response/Dial'],
    [{ name: 'Tag', text: '\u0000' }, 'xml.write-character', '/Response'],
    [{ name: 'Refer', children: [{ name: 'SipUri', text: 'a@b' }] }, 'bandwidth.bxml-text', '/Response/Refer'],
  ])('%j', (verb, code, place) => {
    const written = serialiseBxml({ verbs: [verb as OutgoingVerb] })
    expect(written.ok ? [] : written.faults).toContainEqual(expect.objectContaining({ code, place }))
  })

  test('the path counts verbs of one name', () => {
    const pauses: OutgoingVerb[] = [{ name: 'Pause' }, { name: 'Pause', attributes: { duration: 0 } }]
    expect(serialiseBxml({ root: 'Bxml', verbs: pauses })).toMatchObject({
      faults: [{ place: '/Bxml/Pause[2]@duration' }],
    })
  })
})
