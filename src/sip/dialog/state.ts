/**
 * The life of an INVITE dialog, with the names of RFC 5407 §2 (and its appendix A for the early BYE):
 *
 *     preparative ─1xx+tag→ early ─2xx→ moratorium ─ACK→ established ─BYE→ mortal ─final to BYE→ morgue
 *
 * `moratorium` is "2xx, no ACK yet"; `mortal` begins when a BYE is sent or received. There no new request may be begun except
 * the ACK to a 2xx and a BYE with credentials.
 */
export type DialogState = 'preparative' | 'early' | 'moratorium' | 'established' | 'mortal' | 'morgue'

export type DialogInput =
  /** A 101–199 with a To tag, sent or received. */
  | 'provisional'
  | 'success'
  /** A 300–699 to the INVITE, a timeout of it, or anything that makes the dialog impossible. */
  | 'failure'
  | 'ack'
  /** Sent or received. */
  | 'bye'
  /** The BYE's final response, sent or received, or its timeout. */
  | 'bye-done'

export function dialogState(state: DialogState, input: DialogInput): DialogState {
  switch (state) {
    case 'preparative':
    case 'early':
      return beforeAnswer(state, input)
    case 'moratorium':
      return whenMoratorium(input)
    case 'established':
      return whenEstablished(input)
    case 'mortal':
      // RFC 5407 §3.1.3, §3.1.6, §3.2.3: nothing that still arrives revives it
      return input === 'bye-done' ? 'morgue' : 'mortal'
    case 'morgue':
      return 'morgue'
  }
}

function beforeAnswer(state: 'preparative' | 'early', input: DialogInput): DialogState {
  switch (input) {
    case 'provisional':
      return 'early'
    case 'success':
      return 'moratorium'
    case 'failure':
      return 'morgue'
    case 'bye': // RFC 5407 §3.1.3: the caller may end an early dialog so; the callee never
      return 'mortal'
    case 'ack':
    case 'bye-done':
      return state
  }
}

function whenMoratorium(input: DialogInput): DialogState {
  switch (input) {
    case 'ack':
      return 'established'
    case 'bye': // RFC 5407 §3.1.6: the caller's BYE overtook its ACK
      return 'mortal'
    case 'failure':
      return 'morgue'
    case 'provisional':
    case 'success':
    case 'bye-done':
      return 'moratorium'
  }
}

function whenEstablished(input: DialogInput): DialogState {
  switch (input) {
    case 'bye':
      return 'mortal'
    case 'failure':
      return 'morgue'
    case 'provisional':
    case 'success':
    case 'ack':
    case 'bye-done':
      return 'established'
  }
}
