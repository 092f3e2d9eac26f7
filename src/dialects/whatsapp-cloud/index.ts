/** WhatsApp Business Calling (Cloud API): terminations and refusals of the `calls` webhook. */
export {
  type CloudCallEvent,
  type CloudRejection,
  type CloudTermination,
  codec,
  heardErrors,
  saidRows,
  type TerminateStatus,
  terminateStatuses,
} from './codec.ts'
