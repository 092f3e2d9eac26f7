// Take back and transfer: the caller speaks with the front desk; when the desk presses *1 its leg ends, the caller stays,
// and is connected to the second line.

const desk = process.env.DESK ?? '+15550111'
const secondLine = process.env.SECOND_LINE ?? '+15550112'

export const handler = async (event) => {
  const { InvocationEventType: type, ActionData: action, CallDetails: call } = event
  const attributes = call.TransactionAttributes ?? {}
  const caller = call.Participants.find(({ ParticipantTag }) => ParticipantTag === 'LEG-A')
  const other = call.Participants.find(
    ({ ParticipantTag, Status }) => ParticipantTag === 'LEG-B' && Status === 'Connected',
  )

  switch (type) {
    case 'NEW_INBOUND_CALL':
      return answer([bridge(caller, desk)], { stage: 'desk' })
    case 'ACTION_SUCCESSFUL':
      // The desk is there: listen to its keys while they talk.
      if (action.Type === 'CallAndBridge' && attributes.stage === 'desk') return answer([listen(other)])
      // The desk's leg has been taken away: on to the second line.
      if (action.Type === 'Hangup' && attributes.stage === 'transfer') {
        return answer([speak(caller, 'One moment, please.'), bridge(caller, secondLine)], { stage: 'second line' })
      }
      return answer([])
    case 'DIGITS_RECEIVED':
      return action.ReceivedDigits === '*1' && attributes.stage === 'desk'
        ? answer([hangup(other, '0')], { stage: 'transfer' })
        : answer([])
    case 'ACTION_FAILED':
      return action.Type === 'CallAndBridge'
        ? answer([speak(caller, 'Nobody can take your call.'), hangup(caller, '0')])
        : answer([])
    case 'HANGUP':
      return answer(leftAlone(event, attributes, caller, other))
    default:
      return answer([])
  }
}

/** Whoever is left when the other has hung up; but not while the transfer itself takes the desk away. */
function leftAlone({ ActionData: action }, { stage }, caller, other) {
  if (action.Parameters.ParticipantTag === 'LEG-A') return other === undefined ? [] : [hangup(other, '0')]
  return stage === 'transfer' || caller.Status !== 'Connected' ? [] : [hangup(caller, '0')]
}

function answer(actions, attributes) {
  return { SchemaVersion: '1.0', Actions: actions, ...(attributes && { TransactionAttributes: attributes }) }
}

function bridge(caller, number) {
  return {
    Type: 'CallAndBridge',
    Parameters: {
      CallTimeoutSeconds: 20,
      CallerIdNumber: caller.From,
      Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: number }],
    },
  }
}

function listen({ CallId }) {
  return {
    Type: 'ReceiveDigits',
    Parameters: {
      CallId,
      InputDigitsRegex: '^\\*1$',
      InBetweenDigitsDurationInMilliseconds: 1000,
      FlushDigitsDurationInMilliseconds: 3000,
    },
  }
}

function speak({ CallId }, text) {
  return { Type: 'Speak', Parameters: { CallId, Text: text } }
}

function hangup({ CallId }, code) {
  return { Type: 'Hangup', Parameters: { CallId, SipResponseCode: code } }
}
