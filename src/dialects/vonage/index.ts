/** Vonage: final events of the Voice API. */
export {
  codec,
  type Detail,
  type FinalStatus,
  finalStatuses,
  heardDetails,
  heardStatuses,
  saidStatuses,
  type VonageEvent,
} from './codec.ts'
