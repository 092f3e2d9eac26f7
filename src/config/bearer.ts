/** What reaches the other side unchanged as `Authorization: Bearer …`: printable ASCII without blanks (RFC 9110 §5.5, RFC 6750 §2.1). */
export function isBearer(text: string): boolean {
  return /^[!-~]+$/.test(text)
}

export const bearerExpected = 'expected printable ASCII characters without blanks: it goes into an HTTP header'
