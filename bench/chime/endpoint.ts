/** The function at a Lambda endpoint of 127.0.0.1, in a process of its own. Argument: the port. */
import { createServer } from 'node:http'
import { handler } from './function.ts'

createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', async () => {
    const answer = await handler(JSON.parse(body))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
