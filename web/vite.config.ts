// Five pages from one source tree: what one face doesn't import, it doesn't ship.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { VantResolver } from '@vant/auto-import-resolver'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { defineConfig, type Plugin } from 'vite'

const here = import.meta.dirname
const SERVICE = process.env.DISPATCH_SERVICE ?? 'http://127.0.0.1:8000'
const FACES = ['ui/console', 'ui/board', 'ui/audit', 'ui', 'm']
const COMPRESSED = new Set(['.js', '.css', '.html', '.svg', '.json', '.webmanifest'])
const SMALLEST = 1024
/** The phone's service worker must lie at a fixed address within its scope. */
const WORKER = resolve(here, 'src/phone/sw.ts')

/** Vant's icon font names a public CDN as its second source; an intranet has none, and nobody is to be asked. */
function withoutOtherHosts(): Plugin {
  return {
    name: 'without-other-hosts',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('vant') || !/\.css|\.less/.test(id)) return null
      return code.replace(/,\s*url\((['"]?)(https?:)?\/\/[^)]*\)\s*format\((['"]?)[\w-]+\3\)/g, '')
    },
  }
}

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
    __VUE_OPTIONS_API__: 'true', // Vant has components in it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  plugins: [
    withoutOtherHosts(),
    vue(),
    Components({
      dts: false,
      dirs: [],
      resolvers: [VantResolver()],
    }),
    facesWhileDeveloping(),
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
        ...(existsSync(WORKER) ? { sw: WORKER } : {}),
      },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'm/sw.js' : 'ui/assets/[name]-[hash].js'),
        chunkFileNames: 'ui/assets/[name]-[hash].js',
        assetFileNames: 'ui/assets/[name]-[hash][extname]',
      },
    },
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], restoreMocks: true },
} as Parameters<typeof defineConfig>[0])
