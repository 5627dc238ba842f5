// Builds the chat page into a folder: one script, one style sheet, and each file compressed beside itself.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const folder = resolve(process.argv[2] ?? 'dist/web')
// What the page names.
const parts = join(folder, 'page')
const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

rmSync(folder, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: { app: at('main.tsx'), style: at('style.css') },
  entryNames: '[name]-[hash]',
  outdir: parts,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  metafile: true,
  logLevel: 'warning'
})
const names = Object.keys(metafile.outputs).map(path => basename(path))
const named = (ending: string): string => names.find(name => name.endsWith(ending))!
const page = readFileSync(at('index.html'), 'utf8').replace('{style}', named('.css')).replace('{script}', named('.js'))
writeFileSync(join(folder, 'index.html'), page)
writeFileSync(join(parts, 'icon.svg'), readFileSync(at('icon.svg')))
for (const file of [join(folder, 'index.html'), ...readdirSync(parts).map(name => join(parts, name))]) {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.br`, brotliCompressSync(bytes))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}
