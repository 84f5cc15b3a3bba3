// Six pages from one source tree: what one face doesn't import, it doesn't ship.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const here = import.meta.dirname
const SERVICE = process.env.DISPATCH_SERVICE ?? 'http://127.0.0.1:8000'
const FACES = ['ui/console', 'ui/board', 'ui/audit', 'ui/admin', 'ui', 'm']
/** Which of them ask for more than who is signed in before their scripts are there. */
const OWN_FIRST = ['ui/console', 'ui/board', 'm']
const COMPRESSED = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest'])
const SMALLEST = 1024
/** The phone's service worker must lie at a fixed address within its scope. */
const WORKER = resolve(here, 'src/phone/sw.ts')
/** What the phone's page names beside what is built. */
const BESIDE = ['ui/icon.svg', 'm/manifest.webmanifest', 'm/icon-192.png', 'm/icon-512.png', 'm/icon-180.png']

/** Each text beside itself in brotli and gzip, so that the service compresses nothing while it serves. */
function precompressed(): Plugin {
  let out = ''
  return {
    name: 'precompressed',
    apply: 'build',
    configResolved(config) {
      out = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      if (!existsSync(out)) return // the build has failed, and says why
      for (const file of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
        const path = join(out, file)
        if (!COMPRESSED.has(extname(file)) || statSync(path).size < SMALLEST) continue
        const text = readFileSync(path)
        const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }
        writeFileSync(`${path}.br`, brotliCompressSync(text, options))
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
      }
    },
  }
}

/** Tells the phone's service worker which files its page is made of, and their digest: other files, another version. */
function keptOffline(): Plugin {
  return {
    name: 'kept-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = Object.values(bundle).find((one) => one.type === 'chunk' && one.name === 'sw')
      if (worker?.type !== 'chunk') return
      const wanted = new Set(['m/index.html'])
      const take = (name: string): void => {
        const one = bundle[name]
        if (wanted.has(name) || one === undefined) return
        wanted.add(name)
        if (one.type !== 'chunk') return
        for (const file of [...one.imports, ...one.dynamicImports]) take(file)
        for (const file of [...(one.viteMetadata?.importedCss ?? []), ...(one.viteMetadata?.importedAssets ?? [])]) take(file)
      }
      for (const one of Object.values(bundle)) if (one.type === 'chunk' && one.isEntry && one.name === 'm') take(one.fileName)
      const digest = createHash('sha256').update(worker.code)
      for (const name of [...wanted].sort()) {
        const one = bundle[name]
        if (one === undefined) throw new Error(`the phone page has no ${name} to be kept`)
        digest.update(name).update(one.type === 'chunk' ? one.code : one.source)
      }
      const files = [...wanted].map((name) => `/${name}`.replace(/\/index\.html$/, '/'))
      for (const name of BESIDE) {
        digest.update(readFileSync(resolve(here, 'public', name)))
        files.push(`/${name}`)
      }
      const said = { __VERSION__: JSON.stringify(digest.digest('hex').slice(0, 16)), __FILES__: JSON.stringify(files) }
      for (const [name, value] of Object.entries(said)) worker.code = worker.code.replaceAll(name, () => value)
    },
  }
}

/** For what the board never makes: it fails loudly where a chart asks for it after all. */
const missing = (what: string): string => `() => { throw new Error('${what} are left out') }`
/**
 * What the board needs of ECharts: bars, lines and a map from a town's GeoJSON, on straight axes of names and numbers, written as
 * it is done now. Not maps in SVG nor what mends a map of all China, nor polar bars, axes of time, patterns, options of old.
 */
const LEFT_OUT = {
  'coord/geo/GeoSVGResource.js': `export class GeoSVGResource { constructor() { throw new Error('maps in SVG are left out') } }`,
  'coord/geo/fix/nanhai.js': 'export default () => undefined',
  'coord/geo/fix/textCoord.js': 'export default () => undefined',
  'coord/geo/fix/diaoyuIsland.js': 'export default () => undefined',
  // The words of its toolbox, which the board hasn't got.
  'i18n/langZH.js': `export { default } from './langEN.js'`,
  // Tooltips are drawn on the canvas: the policy forbids those of HTML.
  'component/tooltip/TooltipHTMLContent.js': `export default class { constructor() { throw new Error('tooltips of HTML are left out') } }`,
  'label/sectorLabel.js': `export const createSectorCalculateTextPosition = ${missing('polar bars')}, setSectorTextRotation = ${missing('polar bars')}`,
  'legacy/dataSelectAction.js': 'export const createLegacyDataSelectAction = () => undefined, handleLegacySelectEvents = () => undefined',
  'loading/default.js': `export default ${missing('signs of waiting')}`,
  'preprocessor/backwardCompat.js': 'export default () => undefined',
  'scale/Log.js': `export default class { constructor() { throw new Error('axes of powers are left out') } }`,
  'scale/Time.js': `export default class { constructor() { throw new Error('axes of time are left out') } }
    export const calcNiceForTimeScale = ${missing('axes of time')}`,
  'theme/dark.js': 'export default {}',
  'util/decal.js': 'export const createOrUpdatePatternFromDecal = () => null',
  'util/shape/sausage.js': `export default class { constructor() { throw new Error('polar bars are left out') } }`,
}
function lessOfECharts(): Plugin {
  return {
    name: 'less-of-echarts',
    enforce: 'pre',
    load: (id) => Object.entries(LEFT_OUT).find(([file]) => id.endsWith(`/echarts/lib/${file}`))?.[1] ?? null,
  }
}

/**
 * Has the browser run each page's first script as soon as it is there: it decides how the page looks, and asks what the others will
 * ask for. These import it, so that it comes first even where the browser would run them before.
 */
function firstThings(): Plugin {
  return {
    name: 'first-things',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { filename, bundle }) {
        const own = OWN_FIRST.find((face) => filename.startsWith(resolve(here, face)))?.replace('/', '-').concat('-first') ?? 'first'
        const first = Object.values(bundle ?? {}).find((one) => one.type === 'chunk' && one.name === own)
        if (first?.type !== 'chunk') throw new Error(`${filename} has no first script`)
        const [script, ...needed] = [first.fileName, ...first.imports].map((file) => `/${file}`)
        return [
          { tag: 'script', attrs: { type: 'module', async: true, crossorigin: true, blocking: 'render', fetchpriority: 'high', src: script! } },
          // What it asks for first is on its way before it is there itself.
          ...(own === 'ui-board-first' ? ['/api/v1/me', '/api/v1/clock'] : ['/api/v1/me']).map((href) => ({ tag: 'link', attrs: { rel: 'preload', as: 'fetch', crossorigin: true, fetchpriority: 'high', href } })),
          ...needed.map((href) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, fetchpriority: 'high', href } })),
        ].map((one) => ({ ...one, injectTo: 'head-prepend' as const }))
      },
    },
  }
}

/** While developing, an address within a face is answered with that face, as the service does it. */
function facesWhileDeveloping(): Plugin {
  return {
    name: 'faces',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        if (!extname(path) && !path.startsWith('/@') && !path.startsWith('/api')) {
          const face = FACES.find((one) => path === `/${one}` || path.startsWith(`/${one}/`)) ?? 'ui'
          request.url = `/${face}/index.html`
        }
        next()
      })
    },
  }
}

export default defineConfig({
  appType: 'mpa',
  resolve: { alias: { '@': resolve(here, 'src') } },
  define: {
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  plugins: [
    vue(),
    lessOfECharts(),
    facesWhileDeveloping(),
    firstThings(),
    keptOffline(),
    precompressed(),
  ],
  // The service takes what pages send only from its own address, as the browser names it.
  server: { proxy: { '/api': { target: SERVICE, changeOrigin: false } } },
  build: {
    target: ['chrome90', 'safari15'],
    assetsDir: 'ui/assets',
    assetsInlineLimit: 0,
    cssMinify: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      input: {
        ...Object.fromEntries(FACES.map((face) => [face.replace('/', '-'), resolve(here, face, 'index.html')])),
        first: resolve(here, 'src/shared/first.ts'),
        'm-first': resolve(here, 'src/phone/first.ts'),
        'ui-board-first': resolve(here, 'src/board/first.ts'),
        'ui-console-first': resolve(here, 'src/console/first.ts'),
        sw: WORKER,
      },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'm/sw.js' : 'ui/assets/[name]-[hash].js'),
        chunkFileNames: 'ui/assets/[name]-[hash].js',
        assetFileNames: 'ui/assets/[name]-[hash][extname]',
        // Few files for all faces: on a slow line each costs a way there and back, of which a browser makes six at a time. What
        // all share comes in two about as large, since a line is only full when more than one connection begins slowly.
        codeSplitting: {
          groups: [
            { name: 'begin', test: /[\\/]shared[\\/](begin|early|kept|look)\.ts|[\\/]phone[\\/]questions\.ts/ },
            // What a face's first script needs of it, and nothing else: it isn't to wait for what all share.
            { name: 'time', test: /[\\/]board[\\/]time\.ts/ },
            { name: 'queues', test: /[\\/]console[\\/]queues\.ts/ },
            { name: 'vue', test: /[\\/]node_modules[\\/]@vue[\\/]/, minShareCount: 4 },
            { name: 'shared', test: /^(?!.*[\\/]src[\\/](admin|audit|board|console|shared[\\/]first)\b)/, minShareCount: 4 },
            // What some desks share, and no phone begins with: a little more than each needs, in one file instead of ten.
            { name: 'desks', test: /^(?!.*[\\/](phone|board|console|audit|admin|shared[\\/](households|first)))/, tags: ['$initial'], minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], restoreMocks: true },
} as Parameters<typeof defineConfig>[0])
