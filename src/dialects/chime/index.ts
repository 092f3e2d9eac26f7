/** Amazon Chime SDK: the events, responses, actions and control API of SIP media applications. */
export type { JsonObject } from '../shape.ts'
export {
  type Action,
  type ActionType,
  actionParameters,
  actionTypes,
  type HangupCode,
  hangupCodes,
  isActionType,
  type OutgoingAction,
  type ParticipantTag,
  parseAction,
  participantTags,
  serialiseAction,
} from './actions.ts'
export { type ChimeHangup, codec, hangupCodeOf } from './codec.ts'
export {
  type CallReply,
  type ControlError,
  type ControlErrorName,
  type CreateCallRequest,
  callReplyBody,
  controlError,
  controlErrors,
  parseCallReply,
  parseCreateCall,
  parseUpdateCall,
  readControlError,
  serialiseCreateCall,
  serialiseUpdateCall,
  type UpdateCallRequest,
} from './control.ts'
export {
  type CallDetails,
  type EventType,
  eventTypeOf,
  eventTypes,
  type InvocationEvent,
  type InvocationEventOf,
  type OutgoingEvent,
  type Participant,
  parseInvocation,
  serialiseInvocation,
} from './events.ts'
export {
  type FunctionResponse,
  maxActions,
  maxAttributeBytes,
  maxAttributes,
  parseResponse,
  type ResponseAction,
  type ResponseFaultCode,
  serialiseResponse,
} from './response.ts'
