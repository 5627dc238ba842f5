import t from 'tap'
import { formOf, newPerson, newTalk, startApp } from './support/app.js'

t.test('ana and bia talk, with a file', async t => {
  const app = await startApp(t)
  const ana = await newPerson(app, 'ana')
  const bia = await newPerson(app, 'bia')
  const { path } = await newTalk([ana, bia])
  const sent = await ana.post(`${path}/messages/`, formOf([['type', 'A'], ['local_id', 'f1'], ['text', 'caption'], ['file', ['hello file', 'note é.txt', 'text/plain']]]))
  t.equal(sent.status, 201)
  t.equal(sent.body.file_name, 'note é.txt')
  const { body } = await bia.get(`${path}/messages/?limit=1`)
  t.same(body.results, [sent.body])
  const file = await bia.get(body.results[0].file_url)
  t.equal(file.body, 'hello file')
})
