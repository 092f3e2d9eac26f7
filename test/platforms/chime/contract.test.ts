/** What a handler may answer, and what comes of it. */
import { describe, expect, test } from 'vitest'
import { answer, bridge, type Event, hangup, pause, speak, World } from './world.ts'

const once = (first: unknown, then: (event: Event, world: World) => unknown = () => answer()) => {
  return (event: Event, world: World) => (event.InvocationEventType === 'NEW_INBOUND_CALL' ? first : then(event, world))
}

describe('the list of actions', () => {
  test('reports the last action, once, with its defaults and the leg', async () => {
    const play = {
      Type: 'PlayAudio',
      Parameters: { AudioSource: { Type: 'S3', BucketName: 'prompts', Key: 'a b.wav' } },
    }
    const world = await World.of(once(answer(pause(100), play)))
    await world.pass(100)
    await world.pass(2_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_SUCCESSFUL PlayAudio'])
    expect(world.events[1].ActionData.Parameters).toEqual({
      ...play.Parameters,
      Repeat: 1,
      CallId: world.leg('A'),
      ParticipantTag: 'LEG-A',
    })
    expect(world.sound('A').heard).toEqual(['object://prompts/a%20b.wav'])
    expect(world.wire).toEqual(['A 180', 'A 200'])
  })

  test('a failure drops the rest, and is told in both styles', async () => {
    const play = {
      Type: 'PlayAudio',
      Parameters: { AudioSource: { Type: 'S3', BucketName: 'prompts', Key: 'missing' } },
    }
    const world = await World.of(once(answer(play, speak(), hangup())))
    await world.pass(5_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED PlayAudio'])
    expect(world.events[1].ActionData).toMatchObject({
      ErrorType: 'InvalidAudioSource',
      ErrorMessage: expect.any(String),
    })
    expect(world.sound('A').heard).toEqual([])
  })

  const tell = (event: Event, actions: unknown) => (event.InvocationEventType === 'HANGUP' ? answer() : actions)
  test.each([
    ['no list', { SchemaVersion: '1.0' }, ['one', 'two', 'three']],
    ['null', { SchemaVersion: '1.0', Actions: null }, ['one', 'two', 'three']],
    ['an empty list', answer(), ['one', 'two', 'three']],
    ['another list', answer(speak('other')), ['one', 'other']],
  ])('what is answered in the middle: %s', async (_, answered, heard) => {
    const keys = {
      Type: 'SpeakAndGetDigits',
      Parameters: { SpeechParameters: { Text: 'one' }, RepeatDurationInMilliseconds: 1000, MaxNumberOfDigits: 1 },
    }
    let told = 0
    const world = await World.of(
      once(answer(keys, speak('two'), speak('three')), (event) => tell(event, told++ === 0 ? answered : answer())),
    )
    await world.pass(500)
    world.sound('A').press('7')
    for (let n = 0; n < 6; n++) await world.pass(1_000)
    expect(world.events[1]).toMatchObject({
      InvocationEventType: 'ACTION_SUCCESSFUL',
      ActionData: { Type: 'SpeakAndGetDigits', ReceivedDigits: '7' },
    })
    expect(world.sound('A').heard).toEqual(heard)
  })

  test('eleven actions, another version, an unknown type: told once, then the call ends with 480', async () => {
    for (const bad of [
      answer(...Array(11).fill(speak())),
      { SchemaVersion: '1.1', Actions: [] },
      answer({ Type: 'ModifyChimeMeetingAttendee', Parameters: {} }),
      0,
      null,
      '',
      [],
      'no JSON {',
      {
        SchemaVersion: '1.0',
        TransactionAttributes: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, 'x'])),
      },
      { SchemaVersion: '1.0', TransactionAttributes: { a: 'x'.repeat(21_000) } },
    ]) {
      const world = await World.of(() => bad)
      expect(world.story).toEqual(['NEW_INBOUND_CALL', 'INVALID_LAMBDA_RESPONSE', 'HANGUP LEG-A 480'])
      expect(world.events[1]).toMatchObject({ ErrorType: expect.any(String), ErrorMessage: expect.any(String) })
      expect(world.wire).toEqual(['A 180', 'A refuse app-invalid 480'])
      expect(world.record.ending).toMatchObject({ cause: 'app-invalid', actor: 'platform', codes: { sip: 480 } })
    }
  })

  test('after INVALID_LAMBDA_RESPONSE a right answer goes on', async () => {
    const world = await World.of((event) =>
      event.InvocationEventType === 'INVALID_LAMBDA_RESPONSE'
        ? answer(speak('sorry'), hangup())
        : { SchemaVersion: '2' },
    )
    await world.pass(2_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'INVALID_LAMBDA_RESPONSE', 'HANGUP LEG-A 0'])
  })

  test('a caller whom no action answers is refused after 30 s', async () => {
    const world = await World.of(() => answer())
    expect(world.warnings).toMatchObject([{ code: 'chime.no-actions' }])
    await world.pass(29_000)
    expect(world.records).toEqual([])
    await world.pass(1_500)
    expect(world.record.ending).toMatchObject({ cause: 'no-answer', actor: 'timer' })
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'HANGUP LEG-A 480'])
  })
})

describe('attributes', () => {
  test('replace what is stored, clear it, or leave it', async () => {
    const answers: unknown[] = [
      { SchemaVersion: '1.0', Actions: [pause(10)], TransactionAttributes: { a: '1', n: { deep: true } } },
      answer(pause(10)),
      { SchemaVersion: '1.0', Actions: [pause(10)], TransactionAttributes: { b: '2' } },
      { SchemaVersion: '1.0', Actions: [pause(10)], TransactionAttributes: {} },
      { SchemaVersion: '1.0', Actions: [hangup()], TransactionAttributes: null },
    ]
    const world = await World.of(() => answers.shift() ?? answer())
    for (let n = 0; n < 6; n++) await world.pass(20)
    expect(world.events.map((event) => event.CallDetails.TransactionAttributes)).toEqual([
      undefined,
      { a: '1', n: { deep: true } },
      { a: '1', n: { deep: true } },
      { b: '2' },
      {},
      {},
    ])
    expect(world.events.map((event) => event.Sequence)).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('a handler that fails', () => {
  test('slower than 5 s: it is asked again with the same Sequence, and the first usable answer counts', async () => {
    let asked = 0
    const world = await World.of(async (event, here) => {
      if (event.InvocationEventType === 'HANGUP') return answer()
      if (++asked === 1) await here.wait(12_000)
      return answer(speak(`attempt ${asked === 1 ? 1 : 2}`), hangup())
    })
    await world.pass(5_000)
    await world.pass(2_000)
    expect(world.events.map((event) => event.Sequence)).toEqual([1, 1, 2])
    await world.pass(20_000)
    expect(world.sound('A').heard).toEqual(['attempt 2'])
    expect(world.records).toHaveLength(1)
  })

  test('no answer in 20 s: 480', async () => {
    const world = await World.of((_, here) => here.wait(60_000).then(() => answer(speak())))
    await world.pass(21_000)
    expect(world.record.ending).toMatchObject({ cause: 'app-unreachable', actor: 'platform', codes: { sip: 480 } })
    expect(world.wire).toEqual(['A 180', 'A refuse app-unreachable 480'])
  })

  test('a fault is tried once more, then the next application of the rule has the call', async () => {
    const world = await World.of({
      applications: 2,
      handler: (event) => {
        if (event.function === 'function-1') throw new Error('out of order')
        return event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(hangup({ SipResponseCode: 486 })) : answer()
      },
    })
    expect(
      world.events.map((event) => [event.function, event.CallDetails.SipMediaApplicationId, event.Sequence]),
    ).toEqual([
      ['function-1', 'app-1', 1],
      ['function-1', 'app-1', 1],
      ['function-2', 'app-2', 1],
      ['function-2', 'app-2', 2],
    ])
    expect(world.record.ending.cause).toBe('busy')
  })

  test('a loop ends at 1000 invocations, and is told of its end', async () => {
    const world = await World.of({ handler: () => answer(pause(1)), limits: { invocations: 20 } })
    for (let n = 0; n < 40; n++) await world.pass(2)
    expect(world.record.ending).toMatchObject({ cause: 'app-failed', actor: 'platform' })
    expect(world.events.length).toBe(21)
    expect(world.story.at(-1)).toBe('HANGUP LEG-A 480')
  })
})

describe('outbound', () => {
  test('NEW_OUTBOUND_CALL, RINGING, CALL_ANSWERED: actions of the first two are ignored, their attributes kept', async () => {
    const world = await World.of({
      args: {},
      handler: (event) => {
        const attributes = { TransactionAttributes: { [event.InvocationEventType]: 'x' } }
        return { ...answer(speak(event.InvocationEventType)), ...attributes }
      },
    })
    await world.input('A', 'ringing')
    await world.input('A', 'answered')
    expect(world.story).toEqual(['NEW_OUTBOUND_CALL', 'RINGING', 'CALL_ANSWERED'])
    expect(world.sound('A').heard).toEqual(['CALL_ANSWERED'])
    expect(world.events[2].CallDetails.TransactionAttributes).toEqual({ RINGING: 'x' })
    expect(world.events[0].CallDetails.Participants[0]).toMatchObject({ Direction: 'Outbound', From: '+15550100' })
    expect(world.events[0].CallDetails.Participants[0].Status).toBeUndefined()
    expect(world.events[2].CallDetails.Participants[0].Status).toBe('Connected')
  })

  test.each([
    ['busy', { cause: 'busy', codes: { sip: 486 } }, 486],
    ['no answer', { cause: 'no-answer', codes: { sip: 480 } }, 480],
    ['declined', { cause: 'declined', codes: { sip: 603 } }, 603],
    ['no response', { cause: 'unavailable', actor: 'network', codes: { sip: 408 } }, 408],
  ] as const)('%s: HANGUP with the code, and no CALL_ANSWERED', async (_, reason, code) => {
    const world = await World.of({ args: {}, handler: () => answer() })
    await world.leaves('A', reason)
    expect(world.story).toEqual(['NEW_OUTBOUND_CALL', `HANGUP LEG-A ${code}`])
  })
})

describe('a call that is over', () => {
  test('while the first answer is awaited: the caller hears at once, the answer comes too late, one HANGUP', async () => {
    const world = await World.of(async (event, here) => {
      if (event.InvocationEventType === 'NEW_INBOUND_CALL') await here.wait(3_000)
      return answer(speak())
    })
    await world.leaves('A')
    expect(world.records).toHaveLength(1)
    await world.pass(4_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'HANGUP LEG-A 0'])
    expect(world.wire).toEqual(['A 180'])
  })

  test.each(['Pause', 'Speak', 'PlayAudio', 'SpeakAndGetDigits'])(
    'during %s: the action tells first and shows the leg disconnected, then one HANGUP',
    async (type) => {
      const parameters = {
        DurationInMilliseconds: 9_000,
        Text: 'x',
        AudioSource: { Type: 'S3', BucketName: 'prompts', Key: 'k' },
        SpeechParameters: { Text: 'x' },
        RepeatDurationInMilliseconds: 9_000,
      }
      const world = await World.of(once(answer({ Type: type, Parameters: parameters })))
      await world.pass(500)
      await world.leaves('A')
      expect(world.story).toEqual(['NEW_INBOUND_CALL', `ACTION_FAILED ${type}`, 'HANGUP LEG-A 0'])
      expect(world.events[1].CallDetails.Participants[0].Status).toBe('Disconnected')
      expect(world.records).toHaveLength(1)
    },
  )
})

describe('CallAndBridge', () => {
  test('nobody answers: CANCEL to B, ACTION_FAILED CallNotAnswered, A untouched', async () => {
    const world = await World.of(once(answer(speak(), bridge({ CallTimeoutSeconds: '20' }))))
    await world.pass(2_000)
    await world.input('B', 'ringing')
    await world.pass(20_500)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED CallAndBridge'])
    expect(world.events[1].ActionData.ErrorType).toBe('CallNotAnswered')
    expect(world.events[1].CallDetails.Participants).toHaveLength(1)
    expect(world.wire).toEqual(['A 180', 'A 200', 'B INVITE', 'B CANCEL no-answer'])
    expect(world.records).toEqual([])
  })

  test('A leaves while B rings: B is withdrawn from, and there is one HANGUP', async () => {
    const world = await World.of(once(answer(speak(), bridge())))
    await world.pass(2_000)
    await world.input('B', 'ringing')
    await world.leaves('A')
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED CallAndBridge', 'HANGUP LEG-A 0'])
    expect(world.wire.at(-1)).toBe('B CANCEL cancelled')
  })

  test('an unanswered A hears B ring, and is answered when B answers', async () => {
    const world = await World.of(once(answer(bridge())))
    await world.input('B', 'ringing')
    expect(world.wire).toEqual(['A 180', 'B INVITE', 'A 180'])
    await world.input('B', 'answered')
    expect(world.wire.at(-1)).toBe('A 200')
    expect(world.sound('A').connected).toBe(world.sound('B'))
    expect(world.events.at(-1).CallDetails.Participants).toMatchObject([
      { ParticipantTag: 'LEG-A', Status: 'Connected' },
      { ParticipantTag: 'LEG-B', Status: 'Connected', To: '+14155550199', Direction: 'Outbound' },
    ])
  })

  test.each([
    [{ CallerIdNumber: '+19995550000' }],
    [{ Endpoints: [] }],
    [{ Endpoints: [{ BridgeEndpointType: 'FAX', Uri: '+1' }] }],
    [{ Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: 'nowhere' }] }],
    [{ CallTimeoutSeconds: 121 }],
    [{ SipHeaders: { 'X-Amzn-Thing': '1' } }],
    [{ SipHeaders: { Route: '<sip:evil>' } }],
  ])('is refused without a call: %j', async (more) => {
    const world = await World.of(once(answer(bridge(more))))
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED CallAndBridge'])
    expect(world.events[1].ActionData.ErrorType).toBe('InvalidActionParameter')
    expect(world.targets).toEqual([])
  })

  test('a second bridge after the first gives a new LEG-B', async () => {
    let bridges = 0
    const world = await World.of(
      once(answer(bridge()), (event) =>
        event.InvocationEventType === 'HANGUP' && bridges++ === 0 ? answer(bridge()) : answer(),
      ),
    )
    await world.input('B', 'answered')
    await world.leaves('B')
    expect(world.wire.at(-1)).toBe('C INVITE')
  })
})

describe('updates', () => {
  test('interrupt what runs: the new list takes over at once, ACTION_INTERRUPTED tells', async () => {
    const world = await World.of(
      once(answer(pause(20_000), speak('never')), (event) =>
        event.InvocationEventType === 'CALL_UPDATE_REQUESTED' ? answer(speak('now')) : answer(),
      ),
    )
    await world.pass(1_000)
    expect(await world.update({ say: 'now' })).toBe(true)
    expect(world.events[1].ActionData).toEqual({ Type: 'CallUpdateRequest', Parameters: { Arguments: { say: 'now' } } })
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'CALL_UPDATE_REQUESTED', 'ACTION_INTERRUPTED Pause'])
    expect(world.wire).toEqual(['A 180', 'A 200'])
    await world.pass(2_000)
    expect(world.sound('A').heard).toEqual(['now'])
  })

  test('with no list the running action goes on', async () => {
    const world = await World.of(once(answer(pause(2_000), speak('later'))))
    await world.pass(1_000)
    await world.update({})
    await world.pass(1_000)
    expect(world.sound('A').heard).toEqual(['later'])
  })

  test('of a call that has ended while its function hears of it: unknown', async () => {
    const world = await World.of(async (event, here) => {
      if (event.InvocationEventType === 'HANGUP') await here.wait(4_000)
      return answer(hangup())
    })
    expect(world.story.at(-1)).toBe('HANGUP LEG-A 0')
    expect(await world.update({})).toBe(false)
  })

  test('of a call that has ended, or of another application: unknown', async () => {
    const world = await World.of(once(answer(hangup())))
    expect(await world.update({})).toBe(false)
    const other = await World.of(once(answer(pause(1_000))))
    expect(other.platform.update('app-2', other.call, {})).toBe(false)
  })
})

describe('digits', () => {
  const ask = (more = {}) => ({
    Type: 'PlayAudioAndGetDigits',
    Parameters: {
      AudioSource: { Type: 'S3', BucketName: 'prompts', Key: 'ask' },
      FailureAudioSource: { Type: 'S3', BucketName: 'prompts', Key: 'wrong' },
      InputDigitsRegex: '^\\d{2}$',
      MinNumberOfDigits: '2',
      MaxNumberOfDigits: 2,
      RepeatDurationInMilliseconds: '1000',
      ...more,
    },
  })

  test('attempts are used up: ACTION_FAILED InvalidDigitsReceived', async () => {
    const world = await World.of(once(answer(ask({ Repeat: 2 }))))
    for (let n = 0; n < 12; n++) await world.pass(1_000)
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED PlayAudioAndGetDigits'])
    expect(world.events[1].ActionData).toMatchObject({
      ErrorType: 'InvalidDigitsReceived',
      Parameters: { InBetweenDigitsDurationInMilliseconds: '1000', Repeat: 2 },
    })
    expect(world.sound('A').heard.filter((url) => url.endsWith('ask'))).toHaveLength(2)
  })

  test('ReceiveDigits hears in the background while other actions run', async () => {
    const receive = {
      Type: 'ReceiveDigits',
      Parameters: {
        InputDigitsRegex: '^\\d{2}#$',
        InBetweenDigitsDurationInMilliseconds: 500,
        FlushDigitsDurationInMilliseconds: 2_000,
      },
    }
    const world = await World.of(once(answer(speak(), receive, pause(20_000))))
    await world.pass(2_000)
    world.sound('A').press('11#')
    await world.pass(600)
    expect(world.events[1]).toMatchObject({
      InvocationEventType: 'DIGITS_RECEIVED',
      ActionData: { Type: 'ReceiveDigits', ReceivedDigits: '11#', Parameters: { CallId: world.leg('A') } },
    })
  })

  test('SendDigits: a comma is half a second', async () => {
    const world = await World.of(
      once(
        answer({ Type: 'SendDigits', Parameters: { CallId: '', Digits: '1,2#', ToneDurationInMilliseconds: '100' } }),
      ),
    )
    expect(world.sound('A').heard).toEqual(['keys 1w2#'])
    expect(world.story.at(-1)).toBe('ACTION_SUCCESSFUL SendDigits')
  })
})

test('a lone survivor without actions is warned of, and ended where the configuration says so', async () => {
  const world = await World.of({ handler: once(answer(bridge())), limits: { orphan: 60_000 } })
  await world.input('B', 'answered')
  await world.leaves('A')
  expect(world.warnings).toMatchObject([{ code: 'chime.orphan' }])
  await world.pass(61_000)
  expect(world.record.legs[1]?.ending).toMatchObject({ cause: 'time-limit', actor: 'timer' })
  expect(world.story.slice(-2)).toEqual(['HANGUP LEG-A 0', 'HANGUP LEG-B 0'])
})

test('a lone survivor stays as long as it likes where nothing says otherwise, as at AWS', async () => {
  const world = await World.of(once(answer(bridge())))
  await world.input('B', 'answered')
  await world.leaves('A')
  await world.pass(3 * 3_600_000)
  expect(world.warnings).toMatchObject([{ code: 'chime.orphan' }])
  expect(world.records).toEqual([])
  expect(world.story.at(-1)).toBe('HANGUP LEG-A 0')
})
