// Writes a conversation into a folder: its messages as lines of JSON, its files under the ids of their messages. The token is
// that of somebody who is in the conversation, or of a manager. A file elsewhere stays there.
//
// TOKEN=… node examples/export.js CONVERSATION_ID FOLDER
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { createClient } from 'colloquy/client'

const [conversationId, folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Call it as: TOKEN=… node examples/export.js CONVERSATION_ID FOLDER')
const url = process.env.COLLOQUY_URL ?? 'http://localhost:8000'
const client = createClient({ url, token: process.env.TOKEN })

async function readPage (after) {
  const { data, error } = await client.GET('/api/chat/conversations/{conversation_id}/messages/', {
    params: { path: { conversation_id: conversationId }, query: { after } }
  })
  if (error) throw new Error(error.detail)
  return data
}

async function download ({ id, file_url: path }) {
  const response = await fetch(new URL(path, url))
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`)
  await writeFile(`${folder}/files/${id}`, response.body)
}

await mkdir(`${folder}/files`, { recursive: true })
// An earlier export is replaced by a whole one only.
const lines = await open(`${folder}/messages.jsonl.part`, 'w')
for (let after = 0, hasMore = true; hasMore;) {
  const { results, next } = await readPage(after)
  for (const message of results) {
    await lines.write(`${JSON.stringify(message)}\n`)
    // The address of a file elsewhere has no size.
    if (message.file_size != null) await download(message)
    after = message.seq
  }
  hasMore = next !== null
}
await lines.close()
await rename(`${folder}/messages.jsonl.part`, `${folder}/messages.jsonl`)
