import createClient from 'openapi-fetch'; import type { components, paths } from './schema.js'
const api = createClient<paths>(); const params = { path: { conversation_id: 'x' } }; declare const message: components['schemas']['Message']
api.GET('/api/chat/nope/')
api.POST('/api/chat/conversations/', { body: { nickname: 5 } })
api.POST('/api/chat/conversations/{conversation_id}/messages/', { params, body: { type: 'X' } })
api.POST('/api/chat/conversations/{conversation_id}/messages/', { params, body: { type: 'T', txt: 'hello' } })
api.GET('/api/chat/conversations/{conversation_id}/events/', { params: { ...params, query: { after: 'yesterday' } } })
api.GET('/api/chat/limits/').then(({ data }) => data!.MAX_NOTHING)
if (message.type === 'S') String(message.text)
if (message.type === 'T') String(message.file_url)
