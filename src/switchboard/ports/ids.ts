/** The only source of identifiers. */
export interface Ids {
  /** UUIDv7. */
  uuid(): string
}
