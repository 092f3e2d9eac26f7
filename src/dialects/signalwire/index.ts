/** SignalWire: the last state of a Relay call, and the compatibility API's status callbacks. */
export { codec, type EndReason, endReasons, heardReasons, type SignalWireEvent, saidReasons } from './codec.ts'
