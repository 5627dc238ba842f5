// Orval knows no ranges of status codes: whatever is no success is the default.
function withoutRanges (document) {
  for (const { responses } of Object.values(document.paths).flatMap(Object.values)) {
    if (responses === undefined) continue
    responses.default = responses['4XX']
    delete responses['4XX']
    delete responses['5XX']
  }
  return document
}

const target = process.env.CONTRACT

module.exports = {
  colloquy: {
    input: { target, override: { transformer: withoutRanges } },
    output: { target: 'client.ts', client: 'fetch', baseUrl: new URL(target).origin }
  }
}
