/** `{ errorType, errorMessage }` as one line for people; `type` is what a header said. Whatever else it is, it is said as it is. */
export function faultOf(text: string, type?: string | string[]): string {
  const named = Array.isArray(type) ? type[0] : type
  const fault = objectOf(text)
  if (fault === undefined)
    return [named, text.trim()].filter((part) => part).join(': ') || 'it failed, and said nothing'
  const kind = typeof fault.errorType === 'string' && fault.errorType !== '' ? fault.errorType : named
  const words = typeof fault.errorMessage === 'string' ? fault.errorMessage : ''
  return [kind, words].filter((part) => part).join(': ') || 'it failed, and said nothing'
}

export function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
