/** SIP: why a leg ended, from final responses, CANCEL and BYE with their Reason headers, and back. */
export { codec } from './codec.ts'
export { parseSipMessage, type SipFaultCode, type SipMessage, sipLines } from './message.ts'
export {
  defaultQ850,
  defaultStatus,
  type Q850Column,
  type Q850Row,
  q850ForStatus,
  q850Name,
  q850Rows,
  type StatusRow,
  statusForQ850,
  statusRows,
} from './q850.ts'
export {
  causeOfQ850,
  causeOfStatus,
  type FinalResponse,
  type Heard,
  heardActorOf,
  readBye,
  readCancel,
  readFinalResponse,
  type SipRaw,
  type Withdrawal,
} from './read.ts'
export { formatReason, onePerProtocol, parseReason, parseReasons, reasonOf, type SipReason } from './reason.ts'
export { phraseOf, type Said, type SaidRow, sipSays } from './said.ts'
export { byeReasonsFor, cancelReasonsFor, type Rejection, rejectFor, type Telling } from './write.ts'
