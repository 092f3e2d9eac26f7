// A bridge: the caller is connected to another number. Whoever hangs up first, the handler ends the other leg too,
// because the platform does not do so by itself.

const destination = process.env.DESTINATION ?? '+15550111'

export const handler = async (event) => {
  const { InvocationEventType: type, ActionData: action, CallDetails: call } = event
  const [caller] = call.Participants
  switch (type) {
    case 'NEW_INBOUND_CALL':
      return answer([
        {
          Type: 'CallAndBridge',
          Parameters: {
            CallTimeoutSeconds: 20,
            CallerIdNumber: caller.From,
            Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: destination }],
          },
        },
      ])
    case 'ACTION_FAILED':
      // Nobody answered there; the caller has heard only ringing so far.
      return answer(action.Type === 'CallAndBridge' ? [hangup(caller, '480')] : [])
    case 'HANGUP': {
      const survivor = call.Participants.find(({ Status }) => Status === 'Connected')
      return answer(survivor === undefined ? [] : [hangup(survivor, '0')])
    }
    default:
      return answer([])
  }
}

function answer(actions) {
  return { SchemaVersion: '1.0', Actions: actions }
}

function hangup({ CallId }, code) {
  return { Type: 'Hangup', Parameters: { CallId, SipResponseCode: code } }
}
