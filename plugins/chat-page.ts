import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import plugin from 'fastify-plugin'

// By the name of the package, which holds for the source and for the bundle alike.
const folder = fileURLToPath(new URL('dist/web/', import.meta.resolve('colloquy/package.json')))

// Scripts, styles and connections of this server alone; pictures of what is about to be sent are made by the page.
const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' blob:", "media-src 'self' blob:",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"
].join('; ')

const headers = {
  'content-security-policy': policy,
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin'
}

/** Serves the chat page at / and what belongs to it below /page/, unless the host application has something there itself. */
export default plugin(async app => {
  const isTaken = (path: string): boolean => app.hasRoute({ method: 'GET', url: `${app.base}${path}` })
  if (isTaken('/') || isTaken('/page/*')) return app.log.info('The chat page is not served: the application has something at its paths.')
  if (!existsSync(folder)) return app.log.warn('The chat page is not built, so it is not served. Build it by: npm run build')

  app.annex(['/', ...app.base === '' ? [] : [''], '/page/*'], async annex => {
    const { default: files } = await import('@fastify/static')
    await annex.register(files, {
      root: join(folder, 'page'),
      prefix: `${app.base}/page/`,
      index: false,
      preCompressed: true,
      acceptRanges: false,
      // The names of script and style sheet change with what is in them.
      setHeaders: (reply, path) => {
        const isNamedByContent = /-[A-Z0-9]{8}\.(js|css)/.test(path)
        reply.header('x-content-type-options', 'nosniff')
        reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
      }
    })
    annex.get(`${app.base}/`, async (_request, reply) => reply.headers(headers).sendFile('index.html', folder))
    // What the page names is found beside it only with the slash.
    if (app.base !== '') annex.get(app.base, async (_request, reply) => reply.redirect(`${app.base}/`))
  })
}, { name: 'chat-page', dependencies: ['links', 'annex'] })
