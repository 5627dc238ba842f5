// Who may import whom: contract, errors, once, threads <- db <- views <- actions <- config <- bots <- plugins, routes <- app <- commands <- server.
const layers = [
  ['contract', '^(contract/|(errors|once|threads)\\.ts$)'],
  ['db', '^db/'],
  ['views', '^views/'],
  ['actions', '^actions/'],
  ['config', '^(config|environment|policy|settings|settings-mistakes|bot-settings|secret)\\.ts$'],
  ['bots', '^bots/'],
  ['plugins and routes', '^(plugins|routes)/'],
  ['app', '^app\\.ts$'],
  ['commands', '^commands/'],
  ['server', '^server\\.ts$'],
  ['test, bench and docs', '^(test|bench|docs)/']
]

// What runs in browsers knows nothing of the server, and the server nothing of it; the page knows the client.
const apart = { client: '^client/', web: '^(web|client)/' }

const arrows = layers.slice(0, -1).map(([name, path], index) => ({
  name: `${name}-import-nothing-above`,
  severity: 'error',
  from: { path },
  to: { path: layers.slice(index + 1).map(([, above]) => above).join('|') }
}))

module.exports = {
  forbidden: [
    ...arrows,
    ...Object.entries(apart).map(([name, known]) => ({ name: `${name}-stands-alone`, severity: 'error', from: { path: `^${name}/`, pathNot: '/(generate|bundle)\\.ts$' }, to: { pathNot: `${known}|node_modules/(openapi-fetch|preact)/` } })),
    { name: 'server-knows-no-browser', severity: 'error', from: { pathNot: '^(client|web|test|bench)/' }, to: { path: '^(client|web)/' } },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '\\.ts$', pathNot: '(^test/|\\.d\\.ts$|^server\\.ts$|/(generate|bundle)\\.ts$)' }, to: {} },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-development-libraries', severity: 'error', from: { pathNot: '^(test|bench|web)/|^eslint|/generate\\.ts$' }, to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] } },
    { name: 'plugins-know-no-plugins', severity: 'error', from: { path: '^plugins/([^/]+)' }, to: { path: '^plugins/', pathNot: '^plugins/$1/', dependencyTypesNot: ['type-only'] } },
    { name: 'routes-know-no-routes', severity: 'error', from: { path: '^routes/[^/]+$' }, to: { path: '^routes/' } },
    // The files in the folder of one noun may.
    { name: 'nouns-know-no-nouns', severity: 'error', from: { path: '^routes/([^/]+)/' }, to: { path: '^routes/', pathNot: '^routes/$1/' } },
    { name: 'routes-know-plugins-only-by-type', severity: 'error', from: { path: '^routes/' }, to: { path: '^plugins/', dependencyTypesNot: ['type-only'] } },
    { name: 'db-knows-no-http', severity: 'error', from: { path: '^(db|views|actions)/' }, to: { path: 'node_modules/(@?fastify)' } },
    // Servers that are never asked for it start sooner and stay smaller.
    { name: 'loaded-when-needed', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^bots/webhook|^contract/served|node_modules/(@fastify/(swagger|static)|file-type)', dynamic: false, dependencyTypesNot: ['type-only'] } },
    { name: 'only-db-knows-sql', severity: 'error', from: { pathNot: '^(db|test|bench)/' }, to: { path: 'node_modules/(kysely|better-sqlite3)/' } }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/|^dist-bench/|^\\.tap/|^test/clients/|^examples/)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'], extensions: ['.ts', '.tsx', '.js', '.json'] }
  }
}
