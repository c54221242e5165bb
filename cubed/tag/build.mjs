// Bundles and minifies the tag into dist/visscore.tag.min.js.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.js'],
  outfile: 'dist/visscore.tag.min.js',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2017',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning'
});
