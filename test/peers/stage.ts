/** What most files here need: a server, an app, the wire, and sipp; set up together, taken down together. */
import { App, type Page } from './app.ts'
import { folder } from './places.ts'
import { Server, type Settings } from './server.ts'
import { Sipp } from './sipp.ts'
import { Wire } from './wire.ts'

export type Stage = Readonly<{
  app: App
  server: Server
  wire: Wire
  sipp: Sipp
  folder: string
  close(): Promise<void>
}>

export async function setStage(
  settings: (app: App) => Settings | Promise<Settings>,
  pages: Readonly<Record<string, Page>> = {},
  listen: (port: number) => Wire | Promise<Wire> = Wire.listen,
): Promise<Stage> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const place = await folder()
    closers.push(place.remove)
    const app = await App.start(pages)
    closers.push(() => app.close())
    const server = await Server.start(await settings(app))
    closers.push(() => server.remove())
    const wire = await listen(server.sipPort)
    closers.push(() => wire.close())
    const sipp = new Sipp(server, place.path, wire)
    closers.push(() => sipp.close())
    return { app, server, wire, sipp, folder: place.path, close }
  } catch (error) {
    await close()
    throw error
  }
}
