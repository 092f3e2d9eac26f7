// A menu: the caller presses a key, hears something, and comes back to the menu, or hangs up.

/** What each key does: the actions that answer it. */
const keys = {
  1: (leg) => [speak(leg, 'We are open from nine to five.'), menu(leg)],
  2: (leg) => [speak(leg, 'All our people are busy.'), hangup('486')],
  9: (leg) => [speak(leg, 'Goodbye.'), hangup('0')],
}

export const handler = async (event) => {
  const { InvocationEventType: type, ActionData: action, CallDetails: call } = event
  const leg = call.Participants[0].CallId
  switch (type) {
    case 'NEW_INBOUND_CALL':
    case 'CALL_ANSWERED':
      return answer([menu(leg)])
    case 'ACTION_SUCCESSFUL':
      if (action.Type !== 'SpeakAndGetDigits') return answer([])
      return answer(keys[action.ReceivedDigits](leg))
    case 'ACTION_FAILED':
      // Three times nothing that the menu knows; or the caller has hung up, and then nobody hears this.
      return answer([speak(leg, 'Please call again.'), hangup('0')])
    default:
      // NEW_OUTBOUND_CALL, RINGING and HANGUP want nothing.
      return answer([])
  }
}

function answer(actions) {
  return { SchemaVersion: '1.0', Actions: actions }
}

function menu(leg) {
  return {
    Type: 'SpeakAndGetDigits',
    Parameters: {
      CallId: leg,
      SpeechParameters: { Text: 'For our opening hours press 1. To speak to somebody press 2. To hang up press 9.' },
      FailureSpeechParameters: { Text: 'That is not on the menu.' },
      InputDigitsRegex: '^[129]$',
      MinNumberOfDigits: 1,
      MaxNumberOfDigits: 1,
      Repeat: 3,
      RepeatDurationInMilliseconds: 5000,
    },
  }
}

function speak(leg, text) {
  return { Type: 'Speak', Parameters: { CallId: leg, Text: text } }
}

function hangup(code) {
  return { Type: 'Hangup', Parameters: { SipResponseCode: code } }
}
