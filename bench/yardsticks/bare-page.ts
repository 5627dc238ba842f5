/**
 * A bare page: a list, to which each message that comes by a WebSocket is appended as a plain element. What is posted to the
 * server is a frame, which goes to all sockets as it is, and to those who come later, too; nothing is stored.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const FRAMES_MAX = 100_000

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A bare page</title>
<link rel="icon" href="data:,">
<style>
  body { margin: 0 }
  ol { height: 100vh; margin: 0; overflow: auto }
</style>
<ol role="log"></ol>
<script>
  const list = document.querySelector('ol')
  new WebSocket(location.href.replace('http', 'ws')).onmessage = ({ data }) => {
    const item = document.createElement('li')
    item.textContent = JSON.parse(data).message.text
    list.append(item)
    list.scrollTop = list.scrollHeight
  }
</script>
`

const frames: string[] = []
const server = createServer((request, response) => { serve(request, response).catch(() => response.destroy()) })
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
sockets.on('connection', socket => { for (const frame of frames) socket.send(frame) })

async function serve (request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
    return
  }
  const frame = String(Buffer.concat(await request.toArray()))
  if (frames.length < FRAMES_MAX) frames.push(frame)
  for (const socket of sockets.clients) socket.send(frame)
  response.setHeader('content-type', 'application/json').end('{}')
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`The yardstick listens at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.once('SIGTERM', () => process.exit())
