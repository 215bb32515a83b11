// Builds the site into dist/: `npm ci && npm run build`. Nothing is fetched, then or at run time.
import { cp, mkdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const dist = new URL('dist/', import.meta.url).pathname;
const source = new URL('src/', import.meta.url).pathname;

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await cp(new URL('pages/', import.meta.url), dist, { recursive: true });
await build({
  entryPoints: {
    webots: `${source}webots.js`,
    index: `${source}site/index.js`,
    simulation: `${source}site/simulation.js`,
    operator: `${source}site/operator.js`,
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  chunkNames: 'parts/[name]-[hash]',
  legalComments: 'linked',
  logLevel: 'info',
});
