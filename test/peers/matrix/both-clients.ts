/** A client in Node and one in a browser, which do the same thing side by side. */
import type { IncomingCall } from '../../../src/testing/incoming-call.ts'
import type { OutgoingCall } from '../../../src/testing/outgoing-call.ts'
import type { Device } from './device.ts'
import { hertz, type MatrixStage } from './stage.ts'

/** A client, and its room with the phone's ghost. */
export type Place = Readonly<{ kind: 'in Node' | 'in a browser'; device: Device; room: string }>

/** A client and the phone hear each other. */
export type Talk = Place & Readonly<{ id: string; call: IncomingCall | OutgoingCall }>

export async function bothClients(stage: MatrixStage): Promise<readonly Place[]> {
  const [alice, bob] = await Promise.all([stage.synapse.register('alice'), stage.synapse.register('bob')])
  const [node, browser] = [await stage.node(alice), await stage.browser(bob)]
  return [
    { kind: 'in Node', device: node, room: await stage.room(node) },
    { kind: 'in a browser', device: browser, room: await stage.room(browser) },
  ]
}

/** Each client talks with the phone; the calls live side by side. */
export async function talks(
  stage: MatrixStage,
  places: readonly Place[],
  whoCalls: 'the client' | 'the phone' = 'the client',
): Promise<Talk[]> {
  const begun: Talk[] = []
  for (const place of places) {
    const talk = { ...place, ...(whoCalls === 'the client' ? await called(stage, place) : await calling(stage, place)) }
    talk.call.speak(hertz.sip)
    await bothHear(talk)
    begun.push(talk)
  }
  return begun
}

async function called(stage: MatrixStage, { device, room }: Place): Promise<Pick<Talk, 'id' | 'call'>> {
  const id = await device.do('place', room)
  const call = await stage.phone.incoming()
  await call.answer()
  return { id, call }
}

async function calling(stage: MatrixStage, { device }: Place): Promise<Pick<Talk, 'id' | 'call'>> {
  const call = await stage.call(device)
  const { callId: id } = await device.ringing()
  await device.do('answer', id)
  await call.answered()
  return { id, call }
}

export async function bothHear({ device, id, call }: Talk): Promise<void> {
  await Promise.all([call.hears({ frequency: hertz.matrix }, 20_000), device.hears(id, hertz.sip)])
}

export async function neitherHears({ device, id, call }: Talk): Promise<void> {
  await Promise.all([call.hears('silence', 10_000), device.silence(id)])
}
